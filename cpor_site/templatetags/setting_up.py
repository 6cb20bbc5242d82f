"""What the staff's start page shows while a site is being set up."""

from django import template

from .. import setting_up

register = template.Library()


@register.simple_tag
def steps_to_set_up(user) -> dict | None:
    """Return the steps that ``user`` has permission for and how many are done, or None once all are."""
    steps = setting_up.list_progress(user)
    return {"steps": steps, "done": sum(each.is_done for each in steps)} if steps else None
