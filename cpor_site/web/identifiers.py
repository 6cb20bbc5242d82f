"""Read what people type and paste, so that what looks the same is the same.

Word processors, chats and web pages add invisible characters: zero-width spaces, byte order marks, direction
marks, non-breaking hyphens. They are dropped or made plain here, for all pages, imports and commands, and
never stored. For email addresses and domains see ``addresses``.
"""

import re
import unicodedata
import uuid

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: ZWNJ and ZWJ: used in the spelling of Persian, Hindi and others, never of Latin words.
JOINERS = "\u200c\u200d"
#: Blank, but neither spaces nor of category Cf: fillers, an empty Braille cell, the grapheme joiner.
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
#: Variation selectors choose a glyph of the preceding character: part of some names, of no identifier.
SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
#: Controls, format characters, and halves of surrogate pairs, which no database accepts.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
#: PostgreSQL refuses U+0000, and half a surrogate pair cannot be encoded.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
#: Hyphens that are not of category Pd: the minus sign and the hyphen bullet.
OTHER_HYPHENS = frozenset("\u2212\u2043")
#: A slash of any kind, ``www.``, or a scheme such as ``mailto:``.
WEB_ADDRESS = re.compile(
    r"[/\\\u2044\u2215\u29f8]|\bwww[.\u3002]|\b[a-z][a-z0-9+.-]*:\S", re.IGNORECASE
)
_LATIN = "\x00-\u024f"
_STRAY_JOINER = re.compile(
    f"(?:(?<![^{_LATIN}])[{JOINERS}])|(?:[{JOINERS}](?![^{_LATIN}]))", re.UNICODE
)


def make_storable(text: str) -> str:
    """Return ``text`` without what no database stores: NUL, and halves of surrogate pairs."""
    return UNSTORABLE.sub("", text)


def drop_hidden(typed: str, *, keep: str = "") -> str:
    """Return ``typed`` without invisible characters; spaces of every kind are kept.

    ``keep`` names characters that are kept as well.
    """
    return "".join(each for each in typed if each in keep or not _is_hidden(each))


def read_words(typed: str) -> str:
    """Return a name, a title or a search term: single spaces, composed letters (NFC).

    Dashes are kept, since names contain them; non-breaking hyphens become plain.
    """
    seen = drop_hidden(_STRAY_JOINER.sub("", typed), keep=JOINERS)
    return unicodedata.normalize("NFC", " ".join(seen.translate(_PLAIN_HYPHENS).split()))


def read_identifier(typed: str) -> str:
    """Return an identifier in ASCII even if a keyboard or a word processor wrote it differently.

    Any hyphen or dash becomes a plain one; fullwidth letters, digits and signs, as typed on a Japanese
    keyboard, become ASCII. Letters and digits of other scripts are kept, so that the caller's check
    refuses them: no ID has them.
    """
    if typed.isascii() and typed.isprintable():
        return " ".join(typed.split())  # nearly all there is, and large files have millions
    seen = SELECTORS.sub("", drop_hidden(typed))
    return " ".join("".join(map(_make_plain, seen)).split())


def read_uuid(typed: str) -> uuid.UUID:
    """Return the ID in what was typed, such as a Tenant ID; raise ValueError if there is none."""
    return uuid.UUID(read_identifier(typed))


def validate_person_name(value: str) -> None:
    """Raise ValidationError for a person's name with a web address, which would become a link in emails."""
    if WEB_ADDRESS.search(unicodedata.normalize("NFKC", value)):
        raise ValidationError(_("Enter a name without a web address, a slash or a colon."))


def make_hyphens_plain(typed: str) -> str:
    """Return ``typed`` with a plain hyphen for every hyphen, dash and minus sign."""
    return "".join("-" if _is_hyphen(each) else each for each in typed)


def _is_hidden(character: str) -> bool:
    if character in FILLERS:
        return True
    return not character.isspace() and unicodedata.category(character) in HIDDEN_CATEGORIES


def _is_hyphen(character: str) -> bool:
    return character in OTHER_HYPHENS or unicodedata.category(character) == "Pd"


def _make_plain(character: str) -> str:
    if character.isascii():
        return character
    if _is_hyphen(character):
        return "-"
    is_fullwidth = "\uff01" <= character <= "\uff5e"
    return chr(ord(character) - 0xFEE0) if is_fullwidth else character


_PLAIN_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011"), "-")
