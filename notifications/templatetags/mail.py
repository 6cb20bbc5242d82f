"""Tags for mail templates; each says the same in the text part and in the HTML part.

A mail template extends ``layout`` and fills its blocks: subject, greeting, body, facts, action,
footer. Values print as ``{{ name }}``, without filters and without dots.
"""

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from notifications.words.skeleton import OPEN, mark
from notifications.words.values import Placeholder, require_web_address

register = template.Library()


def _is_html(context) -> bool:
    return context["part"] == "html"


def _structure(context, kind, name=""):
    """A mark around elements: a comment in HTML, where bare text might not be allowed."""
    written = mark(kind, name)
    return mark_safe(f"<!--{written}-->" if _is_html(context) else written)


def _address(value):
    """The mark that prints ``value`` as an address; a fixed one stays what it is."""
    if isinstance(value, Placeholder):
        return mark_safe(mark("address", value.name))
    return require_web_address(value)


def _on_one_line(words):
    return mark_safe(re.sub(r"\s+", " ", words).strip())


@register.simple_block_tag(takes_context=True)
def paragraph(context, content):
    """``{% paragraph %}…{% endparagraph %}``: words, wrapped in text, ``<p>`` in HTML."""
    words = _on_one_line(content)
    if _is_html(context):
        return format_html("<p>{}</p>", words)
    return _block("paragraph", words)


@register.simple_tag(takes_context=True)
def fact(context, label, value):
    """``{% fact label value %}``: a row of the facts; no row where the value is empty."""
    if _is_html(context):
        row = format_html('<tr><th scope="row">{}</th><td>{}</td></tr>', label, value)
    else:
        row = _block("fact", f"{label}: {value}")
    return _where_given(context, value, row)


@register.simple_tag(takes_context=True)
def action(context, label, url):
    """``{% action label url %}``: the one thing to do, with its address in clear."""
    if not _is_html(context):
        return _block("paragraph", f"{label}: {_address(url)}")
    return format_html(
        '<p class="action"><a class="button" href="{}">{}</a></p><p class="address">{}</p>',
        _address(url),
        label,
        url,
    )


@register.simple_tag(takes_context=True)
def link(context, label, url):
    """``{% link label url %}``: a link that ends the words of a paragraph."""
    if _is_html(context):
        return format_html('<a href="{}">{}</a>', _address(url), label)
    return mark_safe(f"{label} {_address(url)}")


@register.simple_block_tag(takes_context=True)
def given(context, content, value):
    """``{% given name %}…{% otherwise %}…{% endgiven %}``: by whether the value is empty."""
    return _where_given(context, value, content)


@register.simple_tag(takes_context=True)
def otherwise(context):
    return _structure(context, "else")


@register.simple_block_tag(takes_context=True)
def facts_table(context, content):
    """For the layout: the facts as a table, nothing where there are none."""
    if not content.strip():
        return ""
    return format_html("<table>{}</table>", content) if _is_html(context) else content


@register.simple_block_tag
def one_line(content):
    """For the layout: words on one line, values without line breaks (subject, title)."""
    return mark_safe(_on_one_line(content).replace(f"{OPEN}text:", f"{OPEN}line:"))


def _block(kind, words):
    return mark_safe(f"{mark(kind)}{words}{mark('end')}")


def _where_given(context, value, content):
    if not isinstance(value, Placeholder):
        return content
    return mark_safe(
        f"{_structure(context, 'given', value.name)}{content}{_structure(context, 'end')}"
    )
