"""The columns of the claims list: which there are, and which a reader sees without choosing [R46]."""

from collections.abc import Iterable

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Column(TextChoices):
    """What the list can show of a claim beside its reference and name, in the order of the page."""

    CUSTOMER = "customer", _("Customer")
    PRODUCTS = "products", _("Products")
    LOCATION = "location", _("Location")
    AREA = "area", _("Solution area")
    ACTIVITY = "activity", _("Activity")
    SUBMITTED = "submitted", pgettext_lazy("column of dates", "Submitted")
    LANE = "lane", pgettext_lazy("who has the claim", "With")
    STATUS = "status", _("Status")


#: Without the location, which then stands below the claim's name.
USUAL = (Column.CUSTOMER, Column.PRODUCTS, Column.SUBMITTED, Column.LANE, Column.STATUS)
#: More columns than this find no room on a tablet: the table then scrolls sideways.
FITTING = len(USUAL)


def choose_columns(wanted: Iterable[str]) -> list[Column]:
    """Return the wanted columns in the order of the page, or the usual ones if none is wanted."""
    chosen = set(wanted) or set(USUAL)
    return [each for each in Column if each in chosen]
