"""Tags for email templates: each adds a block, from which both the text and the HTML are written.

A template extends ``mail/layout.html`` and fills its blocks: subject, body, facts, action, footer. Values
are plain text, and only the content of these tags is sent.
"""

from django import template

from notifications.words.blocks import Block, require_web_address

register = template.Library()


@register.simple_block_tag(takes_context=True)
def subject(context, content):
    """``{% subject %}…{% endsubject %}``: the subject, always on one line."""
    context["letter"].subject = " ".join(content.split())
    return ""


@register.simple_block_tag(takes_context=True)
def paragraph(context, content):
    """``{% paragraph %}…{% endparagraph %}``: text; nothing if it is empty."""
    return _add(context, "paragraph", content)


@register.simple_tag(takes_context=True)
def fact(context, label, value):
    """``{% fact label value %}``: a row of the facts; no row if the value is empty."""
    return _add(context, "fact", value, label)


@register.simple_tag(takes_context=True)
def action(context, label, url):
    """``{% action label url %}``: the one thing to do, with its address shown."""
    return _add(context, "action", require_web_address(url), label)


@register.simple_tag(takes_context=True)
def link(context, label, url):
    """``{% link label url %}``: a paragraph that is a link."""
    return _add(context, "link", require_web_address(url), label)


def _add(context, kind: str, words: str, label: str = "") -> str:
    if lines := words.strip().splitlines():
        # A label is translated now: a page that shows the block has another language.
        context["blocks"].append(Block(kind, "\n".join(lines), str(label)))
    return ""
