"""The sparkline of a product in the usage overview: active use in its last twelve months, as geometry.

Coordinates are strings: templates would localise numbers. A month without figures leaves a gap.
"""

from itertools import groupby

from django.utils.translation import gettext as _

from ..display.figures import format_count, format_month
from .reading import RECENT_MONTHS, UsageSeries

WIDTH, HEIGHT, MARGIN = 120, 32, 4
#: The least that the height stands for, as a share of the largest figure: less is no movement to show.
LEAST_SPAN = 0.2


def draw_sparkline(series: UsageSeries) -> dict:
    """Return what the template draws of a series, which must have at least one month."""
    months = [figures for _month, figures in series.fill(RECENT_MONTHS)]
    used = [each.active for each in months if each]
    span = max(max(used) - min(used), LEAST_SPAN * max(used)) or 1
    points = [
        _place(index, 1 - (max(used) - figures.active) / span if figures else None, len(months))
        for index, figures in enumerate(months)
    ]
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


def _place(index: int, level: float | None, count: int) -> str:
    """Return the point of a month at a level from 0 to 1, or "" without one; a single month is at the end."""
    if level is None:
        return ""
    share = index / (count - 1) if count > 1 else 1
    x = MARGIN + share * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - level * (HEIGHT - 2 * MARGIN)
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
