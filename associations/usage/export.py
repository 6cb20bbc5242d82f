"""Figures as CSV for a spreadsheet: every month of one product, or the latest of many [R36]."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cpor_site.web.csv_files import write_csv

from ..display.figures import format_decimal
from ..models import Association
from . import overview
from .reading import UsageMonth, UsageSeries
from .recommendations import Tone


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


def write_overview_csv(associations: QuerySet[Association], *, today: dt.date) -> Iterator[bytes]:
    """Yield the usage overview as a CSV file, buffer by buffer."""
    buffers = overview.read_buffers(associations, today=today)
    yield from write_csv(
        _overview_headers(), ([_overview_cells(row) for row in b] for b in buffers)
    )


def _overview_headers() -> list[str]:
    return [
        _("Customer"),
        _("Product"),
        _("Subscription ID"),
        _("Claim"),
        _("Location"),
        _("Month"),
        _("Active users or seats"),
        _("Assigned seats"),
        _("Paid units or sold seats"),
        _("In use (%)"),
        _("Change"),
        _("Needs attention"),
        _("What to do"),
    ]


def _overview_cells(row: overview.Row) -> list[str]:
    association, advice = row.association, row.advice
    bought = association.subscription
    return [
        str(association.tenant),
        str(association.product),
        str(bought.subscription_id) if bought else "",
        association.claim.reference,
        association.claim.location.name,
        *(_latest_cells(row.series.latest) if row.series.months else [""] * 5),
        row.change.text if row.change else "",
        _("yes") if advice and advice.tone == Tone.ATTENTION else _("no"),
        advice.text if advice else "",
    ]


def _latest_cells(latest: UsageMonth) -> list[str]:
    percent = latest.active_percent
    return [
        f"{latest.month:%Y-%m}",
        str(latest.active),
        "" if latest.assigned is None else str(latest.assigned),
        str(latest.available),
        "" if percent is None else format_decimal(percent),
    ]
