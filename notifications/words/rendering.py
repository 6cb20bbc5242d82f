"""From an outbox row to the text of the email.

One template per kind, ``templates/mail/<kind>.html``, is rendered in the reader's language with the row's
values into blocks (see ``blocks``), from which the text and the HTML are written.
"""

from dataclasses import dataclass

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from cpor_site.web.mailboxes import read_support_address

from ..models import Message
from .blocks import Letter

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


class BrokenTemplateError(Exception):
    """An email template has text outside its blocks, which would not be sent."""


class MissingContext(LookupError):
    """A template prints a value that the email lacks, or does not print one that the email has."""

    def __init__(self, words: str, *, name: str):
        self.name = name
        super().__init__(words)


@dataclass(frozen=True)
class Rendered:
    """The text of one email exactly as it is sent [R20]."""

    subject: str
    text: str
    html: str


class _StrictContext(Context):
    """A context in which a missing value is an error, not an empty string."""

    def __init__(self, values: dict, **kwargs):
        super().__init__(values, **kwargs)
        self.asked: set[str] = set()

    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        self.asked.add(name)
        try:
            return super().__getitem__(name)
        except KeyError:
            # No KeyError: the template language would make an empty string of it.
            raise MissingContext(f"the value “{name}” is missing", name=name) from None


def render(message: Message) -> Rendered:
    """Return subject, text and HTML of ``message`` in its language.

    Raise MissingContext or UnsafeAddressError for a row whose values do not fit its template,
    TemplateDoesNotExist for an unknown kind, BrokenTemplateError for a template against the rules.
    """
    with translation.override(supported_language(message.language)):
        letter, _asked = _fill(message)
        return Rendered(letter.subject, letter.write(), _write_html(letter))


def read_letter(message: Message) -> Letter:
    """Return the blocks of ``message`` in its language, to show on a page; raise as ``render`` does."""
    with translation.override(supported_language(message.language)):
        letter, _asked = _fill(message)
        return letter


def require_context(message: Message) -> None:
    """Check that ``message`` has the values that its template prints, and no others.

    Raise what ``render`` raises, and TypeError for a value that is not a plain string (a lazy
    translation would be read in the wrong language).
    """
    for name, value in message.context.items():
        if type(value) is not str:
            raise TypeError(f"email “{message.kind}”: not a plain string: {name!r}")
    with translation.override(supported_language(message.language)):
        _letter, asked = _fill(message)
    for name in sorted(message.context.keys() - asked):
        raise MissingContext(f"email “{message.kind}” does not print the value “{name}”", name=name)


def supported_language(code: str) -> str:
    """Return the language an email is written in: ``code``, a relative of it, or the default."""
    try:
        return translation.get_supported_language_variant(code)
    except LookupError:
        return settings.LANGUAGE_CODE


def _fill(message: Message) -> tuple[Letter, set[str]]:
    """Return what the template says with the values of ``message``, and the names it asked for."""
    letter = Letter()
    values = {
        **message.context,
        "to_name": message.to_name,
        "to_address": message.to_address,
        "operator_name": settings.OPERATOR_NAME,
        "support_address": read_support_address(),
        "letter": letter,
        "blocks": letter.body,
        "footer": letter.footer,
    }
    context = _StrictContext(values, autoescape=False)
    # Django's own engine alone takes a Context; the types are those of any engine.
    template = get_template(f"mail/{message.kind}.html").template  # type: ignore[attr-defined]
    if words := template.render(context).strip():
        raise BrokenTemplateError(f"email “{message.kind}”: words outside its blocks: {words!r}")
    return letter, context.asked


def _write_html(letter: Letter) -> str:
    page = get_template("mail/html/page.html").render(
        {
            "letter": letter,
            "language": translation.get_language(),
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "operator_name": settings.OPERATOR_NAME,
            "accent": settings.OPERATOR_ACCENT_COLOUR,
        }
    )
    return _inliner.inline(page).strip()
