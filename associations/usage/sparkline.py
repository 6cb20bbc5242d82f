"""The sparkline of a product in the usage overview: active use in its last twelve months, as geometry.

Coordinates are strings: templates would localise numbers. A month without figures leaves a gap.
"""

from itertools import groupby

from django.utils.translation import gettext as _

from ..display.figures import format_count, format_month
from .reading import RECENT_MONTHS, UsageMonth, UsageSeries

WIDTH, HEIGHT, MARGIN = 120, 32, 4


def draw_sparkline(series: UsageSeries) -> dict:
    """Return what the template draws of a series, which must have at least one month."""
    months = [figures for _month, figures in series.fill(RECENT_MONTHS)]
    top = max(each.active for each in months if each) or 1
    points = [_place(index, figures, len(months), top) for index, figures in enumerate(months)]
    runs = [list(run) for there, run in groupby(points, key=bool) if there]
    x, y = points[-1].split(",")
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "lines": [" ".join(run) for run in runs if len(run) > 1],
        "dots": [dict(zip("xy", run[0].split(","), strict=True)) for run in runs if len(run) == 1],
        "end": {"x": x, "y": y},
        "title": _describe(series),
    }


def _place(index: int, figures: UsageMonth | None, count: int, top: int) -> str:
    """Return the point of a month, or "" for one without figures; a single month is at the right end."""
    if figures is None:
        return ""
    share = index / (count - 1) if count > 1 else 1
    x = MARGIN + share * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - figures.active / top * (HEIGHT - 2 * MARGIN)
    return f"{x:.1f},{y:.1f}"


def _describe(series: UsageSeries) -> str:
    first, last = series.fill(RECENT_MONTHS)[0][1] or series.latest, series.latest
    words = {
        "measure": series.measures[0].label,
        "month": format_month(last.month),
        "number": format_count(last.active),
        "first_month": format_month(first.month),
        "first_number": format_count(first.active),
    }
    if first.month == last.month:
        return _("%(measure)s in %(month)s: %(number)s") % words
    return _("%(measure)s: %(first_number)s in %(first_month)s, %(number)s in %(month)s") % words
