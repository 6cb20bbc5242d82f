"""The text part of a mail: paragraphs and facts, wrapped after their values are known."""

import re

from .skeleton import Block, BrokenTemplateError, Given, Literal, Value

WIDTH = 72
MARKUP = re.compile(r"</?[a-zA-Z!]|&#?\w+;")


def check_blocks(parts: tuple) -> tuple:
    """Return ``parts`` without the blanks between blocks.

    Raises BrokenTemplateError for words outside a paragraph, fact or action: HTML would show them
    and the text part could not, and both must say the same.
    """
    kept: list = []
    for part in parts:
        if isinstance(part, Given):
            kept.append(Given(part.name, check_blocks(part.parts), check_blocks(part.otherwise)))
        elif isinstance(part, Block):
            check_words(part.parts)
            kept.append(part)
        elif isinstance(part, Value) or part.text.strip():
            raise BrokenTemplateError(f"words outside a paragraph: {part}")
    return tuple(kept)


def check_words(parts: tuple) -> None:
    """Raise BrokenTemplateError where the words of a block hold HTML, which text would show raw."""
    for part in parts:
        if isinstance(part, Literal) and MARKUP.search(part.text):
            raise BrokenTemplateError(f"HTML in the words of a mail: {part.text.strip()!r}")
        if isinstance(part, Given):
            check_words(part.parts + part.otherwise)


def render_text(parts: tuple, values, fill) -> str:
    """Return the whole text part: facts close together, all else a blank line apart."""
    text, before = "", None
    for block in _blocks(parts, values):
        words = _wrapped(block.render(values, fill), hang="  " if block.kind == "fact" else "")
        if not words:
            continue
        if before:
            text += "\n" if before == block.kind == "fact" else "\n\n"
        text += words
        before = block.kind
    return text + "\n"


def _blocks(parts, values):
    for part in parts:
        if isinstance(part, Given):
            yield from _blocks(part.parts if values[part.name] else part.otherwise, values)
        else:
            yield part


def _wrapped(text: str, *, hang: str) -> str:
    """Wrap each line of ``text``; lines after the first begin with ``hang``. Words stay whole."""
    lines: list[str] = []
    for source in text.strip().splitlines():
        line = hang if lines else ""
        for word in source.split():
            if len(line) + len(word) + 1 > WIDTH and line.strip():
                lines.append(line.rstrip())
                line = hang
            line += word + " "
        lines.append(line.rstrip())
    return "\n".join(lines)
