"""Usage of a slot, for the partner that holds it and no one else [R36], [R37]."""

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cpor_site.web.csv_files import CONTENT_TYPE
from partners.access import enter_partner
from partners.enums import AccessKind

from ..claims.visible import associations_with_usage_visible_to
from ..models import Association
from ..usage.export import write_usage_csv
from ..usage.reading import UsageSeries, read_usage, record_look
from ..usage.recommendations import describe_change, recommend

#: Months shown in the table; the rest is folded away.
MONTHS_UNFOLDED = 12


def find_association(request: HttpRequest, reference: str) -> Association:
    """Return the official association whose slot one of the person's partners holds now [R37].

    Enter that partner. Raise Http404 if there is none they may see.
    """
    mine = associations_with_usage_visible_to(request.user).select_related(
        "partner", "claim__location"
    )
    association = get_object_or_404(mine, reference=reference)
    enter_partner(request, association.partner_id)
    return association


@never_cache
@login_required
@require_safe
def usage_page(request, reference: str) -> HttpResponse:
    """Show headline, chart, table and recommendations; the view is recorded [R40]."""
    association = find_association(request, reference)
    record_look(association, user=request.user, kind=AccessKind.USAGE_VIEWED)
    series = read_usage(association)
    context = {"association": association, "series": series}
    if series.months:
        bought = association.subscription
        product, ends_on = str(association.product), bought.ends_on if bought else None
        context |= _describe(series, product=product, ends_on=ends_on)
    return render(request, "associations/usage.html", context)


def _describe(series: UsageSeries, *, product: str, ends_on: dt.date | None) -> dict:
    newest_first = series.months[::-1]
    return {
        "change": describe_change(series),
        "recent": newest_first[:MONTHS_UNFOLDED],
        "earlier": newest_first[MONTHS_UNFOLDED:],
        "recommendations": recommend(
            series, product=product, today=timezone.now().date(), ends_on=ends_on
        ),
    }


@never_cache
@login_required
@require_safe
def usage_export(request, reference: str) -> HttpResponse:
    """Return every month as CSV; the export is recorded [R40]."""
    association = find_association(request, reference)
    record_look(association, user=request.user, kind=AccessKind.USAGE_EXPORTED)
    content = write_usage_csv(read_usage(association), association=association)
    disposition = f'attachment; filename="usage-{association.reference}.csv"'
    headers = {"Content-Disposition": disposition}
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)
