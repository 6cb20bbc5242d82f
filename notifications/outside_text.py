"""Text that came from outside, such as a mail server's answer, made safe to store and to show.

PostgreSQL refuses U+0000, and no database takes half a surrogate pair; one such character in an answer
must not keep an outcome from being written.
"""

from cpor_site.web.identifiers import drop_hidden

LONGEST_LINE = 1000


def read_line(words: bytes | str, *, limit: int = LONGEST_LINE) -> str:
    """Return ``words`` on one line of at most ``limit`` characters, without invisible characters.

    Bytes are read as UTF-8, and as Latin-1 where they are not: a server that answers in its own
    language is quoted as it meant it in most of Europe and the Americas.
    """
    return " ".join(drop_hidden(_decode(words)).split())[:limit]


def _decode(words: bytes | str) -> str:
    if isinstance(words, str):
        return words
    try:
        return words.decode()
    except UnicodeDecodeError:
        return words.decode("latin-1")
