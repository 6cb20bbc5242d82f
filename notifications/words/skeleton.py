"""A mail template rendered once, with marks where the values of each mail go.

A mark is a name between two private-use characters, which no translation or setting holds. What is
put in later is never read for marks, so a value cannot pretend to be one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

OPEN, CLOSE = "\ue000", "\ue001"
# In HTML the marks around whole elements stand in comments: bare text between the rows of a table
# would be moved out of it by the parser that puts the styles in.
MARK = re.compile(rf"(?:<!--)?{OPEN}([a-z]+)(?::(\w+))?{CLOSE}(?:-->)?")

#: One value, as its kind asks: "text", "line" (no line breaks) or "address" (http or https).
VALUE_KINDS = ("text", "line", "address")
Fill = Mapping[str, Callable[[str], str]]


class BrokenTemplateError(Exception):
    """A mail template does what mail templates may not; the message says what."""


def mark(kind: str, name: str = "") -> str:
    return f"{OPEN}{kind}:{name}{CLOSE}" if name else f"{OPEN}{kind}{CLOSE}"


@dataclass(frozen=True)
class Value:
    kind: str
    name: str

    def render(self, values, fill) -> str:
        return fill[self.kind](values[self.name])


@dataclass(frozen=True)
class Literal:
    text: str

    def render(self, values, fill) -> str:
        return self.text


@dataclass(frozen=True)
class Given:
    """Shown only where the named value is not empty; ``otherwise`` where it is."""

    name: str
    parts: tuple
    otherwise: tuple

    def render(self, values, fill) -> str:
        return render_parts(self.parts if values[self.name] else self.otherwise, values, fill)


@dataclass(frozen=True)
class Block:
    """A paragraph or a fact of the text layout, wrapped once its values are known."""

    kind: str
    parts: tuple

    def render(self, values, fill) -> str:
        return render_parts(self.parts, values, fill)


def render_parts(parts: tuple, values: Mapping[str, str], fill: Fill) -> str:
    return "".join([part.render(values, fill) for part in parts])


def parse(source: str, *, names: frozenset[str]) -> tuple:
    """Return the parts of ``source``; ``names`` are the values that may stand in it.

    Raises BrokenTemplateError where a mark was changed by a filter or is not closed.
    """
    # A split by two groups gives literal, kind, name, literal, kind, name, …, literal.
    pieces = MARK.split(source)
    tokens = [("literal", pieces[0])]
    for kind, name, literal in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        tokens += [(kind, name), ("literal", literal)]
    _check(tokens, names)
    reader = _Reader([token for token in tokens if token != ("literal", "")])
    parts, closed_by = reader.read()
    if closed_by:
        raise BrokenTemplateError(f"a mail template closes a “{closed_by}” that is not open")
    return parts


def _check(tokens, names) -> None:
    for kind, text in tokens:
        if kind == "literal" and (OPEN in text or CLOSE in text):
            raise BrokenTemplateError(
                "a filter changed a value; a mail's values must be ready to print"
            )
        if kind not in ("literal", "else", "end", "paragraph", "fact") and text not in names:
            raise BrokenTemplateError(f"a filter changed the value “{text}”")


class _Reader:
    def __init__(self, tokens):
        self.tokens = iter(tokens)

    def read(self) -> tuple[tuple, str]:
        """Return the parts up to what closes them, and what that is."""
        parts: list = []
        for kind, text in self.tokens:
            if kind in ("else", "end"):
                return tuple(parts), kind
            parts.append(self._part(kind, text))
        return tuple(parts), ""

    def _part(self, kind, text):
        if kind == "literal":
            return Literal(text)
        if kind in VALUE_KINDS:
            return Value(kind, text)
        if kind == "given":
            return self._given(text)
        parts, _closed_by = self.read()
        return Block(kind, parts)

    def _given(self, name):
        parts, closed_by = self.read()
        otherwise = self.read()[0] if closed_by == "else" else ()
        return Given(name, parts, otherwise)
