"""The values of a mail: which names a template asks for, and how each is made safe."""

import re

from django.template import Context
from django.utils.html import escape

from .skeleton import BrokenTemplateError, Fill, mark

#: Values every mail has, from its row; nobody passes them.
FROM_THE_ROW = frozenset({"to_name", "to_address"})

WEB_ADDRESS = re.compile(r"https?://[^\s/\x00-\x1f][^\s\x00-\x1f]*")


class MissingContext(ValueError):
    """The values of a mail are not exactly those its template prints; the message names them."""


class UnsafeAddressError(ValueError):
    """A value that a mail links to is not an http or https address."""


class Placeholder(str):  # noqa: SLOT000 - it carries a name; there are few
    """Stands for a value while a template is rendered once for all mails of its kind."""

    name: str

    def __new__(cls, name: str):
        placeholder = super().__new__(cls, mark("text", name))
        placeholder.name = name
        return placeholder

    def __getitem__(self, key):
        raise BrokenTemplateError(f"“{self.name}.{key}”: a mail's values are plain strings")


class RecordingContext(Context):
    """Answers every unknown name with its placeholder, and remembers it."""

    def __init__(self, fixed, **kwargs):
        super().__init__(fixed, **kwargs)
        self.asked = set()

    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        try:
            return super().__getitem__(name)
        except KeyError:
            self.asked.add(name)
            return Placeholder(name)


def require_web_address(value: str) -> str:
    """Return ``value`` if it is an http or https address.

    Raises UnsafeAddressError: a link in a mail never runs anything or opens another program.
    """
    if not WEB_ADDRESS.fullmatch(value):
        raise UnsafeAddressError(f"not an http or https address: {value!r}")
    return value


def _on_one_line(value):
    return " ".join(value.split())


def _html_text(value):
    return "<br>".join(escape(value).splitlines())


def _on_its_own_line(value):
    """A bracket or a full stop beside an address becomes part of it in some mail programs."""
    return f"\n{require_web_address(value)}\n"


#: How each kind of value is put into each part of a mail.
TEXT_FILL: Fill = {"text": str, "line": _on_one_line, "address": _on_its_own_line}
HTML_FILL: Fill = {
    "text": _html_text,
    "line": lambda value: escape(_on_one_line(value)),
    "address": lambda value: escape(require_web_address(value)),
}


def require_exactly(context: dict, *, names: frozenset[str], kind: str) -> None:
    """Check the values given for a mail of ``kind`` against the ``names`` its template prints.

    Raises MissingContext, naming what is missing and what nobody prints; TypeError for a value
    that is not a plain string (a lazy translation would be read in the wrong language).
    """
    missing, unknown = names - context.keys(), context.keys() - names
    if missing or unknown:
        raise MissingContext(
            f"mail “{kind}”: missing {sorted(missing)}, not in the template {sorted(unknown)}"
        )
    wrong = sorted(name for name, value in context.items() if type(value) is not str)
    if wrong:
        raise TypeError(f"mail “{kind}”: not plain strings: {wrong}")
