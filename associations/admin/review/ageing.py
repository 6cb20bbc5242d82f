"""The ageing page: how long claims have been waiting for staff, and how past reviews went [R61]."""

import datetime as dt
import zoneinfo

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cpor_site.web.countries import name_place
from partners.models import Partner
from partners.rules import sees_ageing

from ...claims.deadlines import find_operators_calendar
from ...display.bars import draw_bars
from ...display.figures import format_decimal
from ...enums import RejectionReason, Status
from ...review.ageing import Age, Ageing, Line, count_by_age
from ...review.figures import Figures, read_figures

#: Seconds for which the counts of the open claims are kept: a busy site has tens of thousands of them.
COUNTS_KEPT = 60
#: Days of the past to choose from; the first is the default.
PERIODS = (30, 90, 365)
#: Partners listed with their customers' opt-outs, most first.
PARTNERS_SHOWN = 20
DAY = dt.timedelta(days=1)
HOURS_IN_DAYS = 48  # from so many hours on, a time is given in days


def show_ageing(model_admin, request):
    """Show the open claims by age, step, reviewer and program, and the figures of a past period.

    Claims in which a partner of the reader has a stake are not counted [R19].
    """
    if not sees_ageing(request.user):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    now = timezone.now()
    own = sorted(request.user.memberships.values_list("partner_id", flat=True))
    return model_admin.render_page(
        request,
        "admin/associations/claim/ageing.html",
        title=_("Ageing"),
        is_nav_sidebar_enabled=False,
        **_gather_open(request.user, own, now=now),
        **_gather_past(request, own, now=now),
    )


def _gather_open(user, own: list[int], *, now: dt.datetime) -> dict:
    """Return what the page shows of the claims that wait for staff now."""
    ageing = _count(user, own, now=now)
    return {
        "ageing": ageing,
        "ages": Age.labels,
        "tables": _list_tables(ageing),
        "chart": _draw(ageing),
    }


def _gather_past(request, own: list[int], *, now: dt.datetime) -> dict:
    """Return what the page shows of the chosen period, which ends yesterday."""
    days = _read_period(request)
    zone = zoneinfo.ZoneInfo(find_operators_calendar().time_zone)
    last = now.astimezone(zone).date() - DAY
    figures = read_figures(last - (days - 1) * DAY, last, without_partners=own)
    return {
        "days": days,
        "periods": PERIODS,
        "figures": figures,
        "zone_place": name_place(zone.key),
        **_describe(figures),
    }


def _count(user, own: list[int], *, now: dt.datetime) -> Ageing:
    """Count, or return counts at most a minute old; people with the same partners see the same claims."""
    key = f"review-ageing:{'-'.join(map(str, own))}"
    kept: Ageing | None = cache.get(key)
    if kept is None:
        kept = count_by_age(user, now=now)
        cache.set(key, kept, COUNTS_KEPT)
    return kept


def _read_period(request) -> int:
    asked = request.GET.get("days", "")
    return next((days for days in PERIODS if str(days) == asked), PERIODS[0])


def _draw(ageing: Ageing) -> dict:
    pairs = zip(Age.choices, ageing.totals.counts, strict=True)
    return draw_bars([(look, str(label), number) for (look, label), number in pairs])


def _list_tables(ageing: Ageing) -> list[dict]:
    """Return the three tables: heading of the first column, and rows with a link into the queue."""
    return [
        {
            "slug": "steps",
            "heading": _("Status"),
            "rows": [
                _show(line, str(Status(line.key).label), {"status": line.key})
                for line in ageing.steps
            ],
        },
        {
            "slug": "reviewers",
            "heading": _("Reviewer"),
            "rows": [
                _show(line, line.name or _("No one"), {"reviewer": line.key or "nobody"})
                for line in ageing.reviewers
            ],
        },
        {
            "slug": "programs",
            "heading": _("Program"),
            "rows": [
                _show(
                    line,
                    line.name or _("None (revenue association)"),
                    {"program": line.key or "none"},
                )
                for line in ageing.programs
            ],
        },
    ]


def _show(line: Line, name: str, filters: dict[str, str]) -> dict:
    address = reverse("admin:associations_claim_changelist")
    return {
        "name": name,
        "counts": list(zip(Age.labels, line.counts, strict=True)),
        "total": line.total,
        "url": f"{address}?{urlencode(filters)}",
    }


def _describe(figures: Figures) -> dict:
    """Return the figures of the past in words and sorted, most first."""
    most = sorted(figures.opt_outs.items(), key=lambda item: -item[1])[:PARTNERS_SHOWN]
    names = _find_partners([pk for pk, _number in most]).in_bulk()
    reasons = sorted(figures.rejections.items(), key=lambda item: -item[1])
    return {
        "median": _describe_hours(figures.median),
        "ninetieth": _describe_hours(figures.ninetieth),
        "rejections": [(RejectionReason(code).label, number) for code, number in reasons],
        "opt_outs": [(names[pk], number) for pk, number in most if pk in names],
        "more_partners": len(figures.opt_outs) > PARTNERS_SHOWN,
    }


def _find_partners(keys: list[int]) -> QuerySet[Partner]:
    return Partner.objects.filter(pk__in=keys)


def _describe_hours(hours: int | None) -> str:
    """Return a time in hours, or in days with a decimal if it is long; a dash without one."""
    if hours is None:
        return "\N{EN DASH}"
    if hours == 0:
        return _("less than an hour")
    if hours < HOURS_IN_DAYS:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return _("%(days)s days") % {"days": format_decimal(hours / 24)}
