"""What the pages of a partner carry: for whom a form is, and who may do what the reader may not."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from partners.access import find_people_who_may
from partners.current import FORM_FIELD

register = template.Library()


@register.simple_tag(takes_context=True)
def partner_field(context) -> SafeString | str:
    """The hidden field with the partner this form is opened for; beside every CSRF token [R41]."""
    membership = context["request"].membership
    if not membership:
        return ""
    return format_html(
        '<input type="hidden" name="{}" value="{}">', FORM_FIELD, str(membership.partner_id)
    )


@register.simple_tag(takes_context=True)
def people_who_may(context) -> list:
    """The Incentives admins of the partner that the reader works for, unless they are one."""
    membership = getattr(context.get("request"), "membership", None)
    if not membership or membership.is_incentives_admin:
        return []
    return find_people_who_may(membership.partner_id)
