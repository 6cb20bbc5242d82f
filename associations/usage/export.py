"""The figures of an association as CSV for a spreadsheet [R36]."""

import csv
import io

from django.utils.translation import gettext as _

from ..display.figures import format_decimal
from ..lists.export import escape_formula, find_delimiter
from ..models import Association
from .reading import UsageMonth, UsageSeries


def write_usage_csv(series: UsageSeries, *, association: Association) -> bytes:
    """Return all months, oldest first, as UTF-8 with a byte order mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=find_delimiter())
    writer.writerow(_headers(series))
    for month in series.months:
        writer.writerow(_cells(series, month, association=association))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


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
        *map(escape_formula, subject),
        *(str(getattr(month, measure.field)) for measure in series.measures),
        "" if percent is None else format_decimal(percent),
    ]
