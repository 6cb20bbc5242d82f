"""From an outbox row to the words of the mail.

One template per kind, ``templates/mail/<kind>.html``, makes subject, text and HTML. It is rendered
once per kind and language with placeholders; a mail only puts its values in, since rendering and
inlining the styles anew would be most of the cost of sending.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import css_inline
from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

from cpor_site.web.mailboxes import read_support_address

from ..models import Message
from .plain_text import check_blocks, render_text
from .skeleton import OPEN, BrokenTemplateError, parse, render_parts
from .values import (
    FROM_THE_ROW,
    HTML_FILL,
    TEXT_FILL,
    MissingContext,
    RecordingContext,
    UnsafeAddressError,
    require_exactly,
)

__all__ = [
    "BrokenTemplateError",
    "MissingContext",
    "Rendered",
    "UnsafeAddressError",
    "forget_templates",
    "placeholders",
    "render",
    "require_context",
]

LAYOUTS = {"subject": "mail/subject.txt", "text": "mail/layout.txt", "html": "mail/layout.html"}
VALUE_IN_A_TAG = re.compile(rf"<(?!!--)[^>]*{OPEN}(?:text|line):")
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@dataclass(frozen=True)
class Rendered:
    """The words of one mail as they are sent [R20]."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Skeleton:
    names: frozenset[str]
    subject: tuple
    text: tuple
    html: tuple


def placeholders(kind: str, language: str) -> frozenset[str]:
    """Return the names of the values that a mail of ``kind`` prints.

    Raises TemplateDoesNotExist for an unknown kind, BrokenTemplateError for one against the rules.
    """
    return _skeleton(kind, supported_language(language)).names


def require_context(kind: str, *, language: str, context: dict[str, str]) -> None:
    """Check at once that ``context`` can be printed by the template of ``kind``.

    Raises MissingContext, TypeError or UnsafeAddressError where it cannot.
    """
    require_exactly(context, names=placeholders(kind, language), kind=kind)
    row = dict.fromkeys(FROM_THE_ROW, "")
    _put_in(_skeleton(kind, supported_language(language)), {**context, **row})


def render(message: Message) -> Rendered:
    """Return subject, text and HTML of ``message`` in its language.

    Raises MissingContext or UnsafeAddressError for a row whose values do not fit its template.
    """
    skeleton = _skeleton(message.kind, supported_language(message.language))
    require_exactly(message.context, names=skeleton.names, kind=message.kind)
    row = {"to_name": message.to_name, "to_address": message.to_address}
    return _put_in(skeleton, {**message.context, **row})


def supported_language(code: str) -> str:
    """Return the language the mail is written in: ``code``, a relative of it, or the default."""
    try:
        return translation.get_supported_language_variant(code)
    except LookupError:
        return settings.LANGUAGE_CODE


def _put_in(skeleton, values) -> Rendered:
    return Rendered(
        subject=render_parts(skeleton.subject, values, TEXT_FILL),
        text=render_text(skeleton.text, values, TEXT_FILL),
        html=render_parts(skeleton.html, values, HTML_FILL),
    )


@lru_cache(maxsize=256)
def _skeleton(kind: str, language: str) -> _Skeleton:
    sources, asked = {}, set()
    with translation.override(language):
        for part in LAYOUTS:
            sources[part], names = _render_once(kind, part, language)
            asked |= names
    html = _inliner.inline(sources["html"])
    if VALUE_IN_A_TAG.search(html):
        raise BrokenTemplateError(f"mail “{kind}”: a value inside an HTML tag; use action or link")
    parts = {
        part: parse(source, names=frozenset(asked) | FROM_THE_ROW)
        for part, source in {**sources, "html": html}.items()
    }
    return _Skeleton(
        names=frozenset(asked) - FROM_THE_ROW,
        subject=parts["subject"],
        text=check_blocks(parts["text"]),
        html=parts["html"],
    )


def _render_once(kind, part, language) -> tuple[str, set[str]]:
    context = RecordingContext(
        {
            "layout": LAYOUTS[part],
            "part": part,
            "language": language,
            "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "operator_name": settings.OPERATOR_NAME,
            "support_address": read_support_address(),
            "accent": settings.OPERATOR_ACCENT_COLOUR,
        },
        autoescape=part == "html",
    )
    # Django's own engine alone takes a Context; the types are those of any engine.
    template = get_template(f"mail/{kind}.html").template  # type: ignore[attr-defined]  # as above
    source = template.render(context)
    return source.strip(), context.asked


def forget_templates() -> None:
    """Forget what was rendered; for when templates, translations or settings change."""
    _skeleton.cache_clear()
