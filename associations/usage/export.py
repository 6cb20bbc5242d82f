"""The figures of an association as CSV for a spreadsheet [R36]."""

from django.utils.translation import gettext as _

from cpor_site.web.csv_files import write_csv

from ..display.figures import format_decimal
from ..models import Association
from .reading import UsageMonth, UsageSeries


def write_usage_csv(series: UsageSeries, *, association: Association) -> bytes:
    """Return all months, oldest first, as a CSV file."""
    rows = [_cells(series, month, association=association) for month in series.months]
    return b"".join(write_csv(_headers(series), [rows]))


def _headers(series: UsageSeries) -> list[str]:
    subscription = [_("Subscription ID")] if series.is_of_subscription else []
    measures = [str(measure.label) for measure in series.measures]
    return [_("Month"), _("Customer"), _("Product"), *subscription, *measures, _("In use (%)")]


def _cells(series: UsageSeries, month: UsageMonth, *, association: Association) -> list[str]:
    percent = month.active_percent
    subject = [str(association.tenant), str(association.product)]
    if association.subscription:
        subject.append(str(association.subscription.subscription_id))
    return [
        f"{month.month:%Y-%m}",
        *subject,
        *(str(getattr(month, measure.field)) for measure in series.measures),
        "" if percent is None else format_decimal(percent),
    ]
