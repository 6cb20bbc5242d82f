"""Naming the time zone in which a page shows times [R6]."""

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from cpor_site.web.countries import name_place

register = template.Library()


@register.simple_tag
def reader_place() -> str:
    """Return the city of the reader's time zone, in their language."""
    return name_place(timezone.get_current_timezone_name())


@register.simple_tag
def times_note() -> str:
    """Return the sentence below a list of times."""
    return _("Times are shown in %(place)s time.") % {"place": reader_place()}
