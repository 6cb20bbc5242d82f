"""Who may do what the reader may not."""

from django import template

from partners.access import find_membership_of_page, find_people_who_may

register = template.Library()


@register.simple_tag(takes_context=True)
def people_who_may(context) -> list:
    """The Incentives admins of the partner whose page this is, unless the reader is one."""
    membership = find_membership_of_page(context["request"])
    if not membership or membership.is_incentives_admin:
        return []
    return find_people_who_may(membership.partner_id)
