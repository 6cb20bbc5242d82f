"""The usage chart as plain geometry: bars within bars, one column a month, for an SVG template.

There are two layouts of the same chart, since text in a scaled SVG would be unreadable on a phone;
the stylesheet shows the one that fits. Coordinates are strings: templates would localise numbers.
"""

import datetime as dt
import math
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from ..display.figures import format_count, format_month, format_short
from .reading import Measure, UsageMonth, UsageSeries, shift_month

INTERVALS = 4
MAX_BAR = 52
#: Bars are nested: the width of each measure's bar as a share of the column's, innermost first.
WIDTHS = {2: (0.5, 1), 3: (0.34, 0.67, 1)}
#: Months between two labels; each divides 12, so that labels fall on the same months every year.
STRIDES = (1, 2, 3, 6, 12)


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes in the SVG's own units; the readout is where the figures of one month are shown.

    ``months`` is how many fit and can still be told apart; numbers from ``exact_below`` on are
    shortened in the readout.
    """

    name: str
    months: int
    exact_below: int
    width: int
    height: int
    left: int
    top: int
    bottom: int
    label_width: int
    readout_left: int
    readout_top: int
    month_y: int

    @property
    def base(self) -> int:
        return self.height - self.bottom

    @property
    def plot_width(self) -> int:
        return self.width - self.left

    @property
    def plot_height(self) -> int:
        return self.base - self.top


WIDE = Layout(
    name="wide",
    months=36,
    exact_below=10**10,
    width=740,
    height=330,
    left=54,
    top=64,
    bottom=40,
    label_width=36,
    readout_left=140,
    readout_top=16,
    month_y=38,
)
NARROW = Layout(
    name="narrow",
    months=24,
    exact_below=10**7,
    width=326,
    height=330,
    left=50,
    top=88,
    bottom=40,
    label_width=34,
    readout_left=0,
    readout_top=42,
    month_y=16,
)


def draw_chart(series: UsageSeries, layout: Layout, *, title: str) -> dict:
    """Return what the template draws of the last months of ``series``, which must have at least one."""
    months = series.fill(layout.months)
    top = choose_top(max(max(m.available, m.active) for _month, m in months if m))
    pen = _Pen(layout, top=top, count=len(months), measures=series.measures)
    shown = [figures for _month, figures in months if figures]
    return {
        "layout": layout,
        "title": title,
        "description": describe(shown, series.measures),
        "ticks": [pen.draw_tick(number) for number in range(0, top + 1, choose_step(top))],
        "columns": [pen.draw_column(*each, index=index) for index, each in enumerate(months)],
        "keys": [pen.draw_key(measure, index) for index, measure in enumerate(series.measures)],
    }


def choose_step(largest: int) -> int:
    """Return the smallest round number (1, 2, 5, 10, 20, 25 …) of which four reach ``largest``."""
    raw = max(largest, 1) / INTERVALS
    power = 10 ** max(0, math.floor(math.log10(raw)))
    factors = (1, 2, 5, 10) if power == 1 else (1, 2, 2.5, 5, 10)
    return next(int(factor * power) for factor in factors if factor * power >= raw)


def choose_top(largest: int) -> int:
    """Return where the axis ends: the first whole step at or above the largest figure."""
    step = choose_step(largest)
    return max(step, step * math.ceil(largest / step))


def choose_stride(column_width: float, label_width: int) -> int:
    """Return the smallest number of months between labels that leaves room for them."""
    return next((n for n in STRIDES if n * column_width >= label_width), STRIDES[-1])


def describe(shown: list[UsageMonth], measures: tuple[Measure, ...]) -> str:
    """Describe the chart in words: what it shows, and its first and latest figures."""
    intro = _("One column for each month, from %(first)s to %(last)s.") % {
        "first": format_month(shown[0].month),
        "last": format_month(shown[-1].month),
    }
    ends = [shown[0], shown[-1]] if len(shown) > 1 else shown
    told = [f"{describe_month(month, measures)}." for month in ends]
    return " ".join([intro, *told, _("The table below has every figure.")])


def describe_month(figures: UsageMonth, measures: tuple[Measure, ...]) -> str:
    """Return, for example, "Oct 2026: Active users 812, Paid units 1,000"."""
    told = [f"{each.label} {format_count(getattr(figures, each.field))}" for each in measures]
    return f"{format_month(figures.month)}: {', '.join(told)}"


class _Pen:
    """Convert figures to positions in one layout."""

    def __init__(self, layout: Layout, *, top: int, count: int, measures: tuple[Measure, ...]):
        self.layout, self.top, self.measures = layout, top, measures
        self.step = layout.plot_width / count
        self.bar = min(0.8 * self.step, MAX_BAR)
        self.stride = choose_stride(self.step, layout.label_width)

    def draw_tick(self, number: int) -> dict[str, str]:
        y = self._y(number)
        return {"y": _place(y), "text_y": _place(y + 4), "label": format_short(number)}

    def draw_key(self, measure: Measure, index: int) -> dict[str, str]:
        """Return a measure of the legend."""
        x, label = self._readout_x(index), str(measure.short_label)
        return {"field": measure.field, "label": label, "x": _place(x), "text_x": _place(x + 17)}

    def draw_column(self, month, figures: UsageMonth | None, *, index: int) -> dict:
        x, name = self.layout.left + index * self.step, format_month(month)
        label, year = self._name_month(month, is_first=index < self.stride)
        no_figures = _("%(month)s: no figures") % {"month": name}
        return {
            "title": describe_month(figures, self.measures) if figures else no_figures,
            "month": name,
            "x": _place(x),
            "width": _place(self.step),
            "middle": _place(x + self.step / 2),
            "bars": self._draw_bars(figures, middle=x + self.step / 2) if figures else [],
            "readouts": self._draw_readouts(figures),
            "label": label,
            "year": year,
        }

    def _name_month(self, month: dt.date, *, is_first: bool) -> tuple[str, str]:
        """Return label and year; the first label has its year unless January's is next to it."""
        if (month.month - 1) % self.stride:
            return "", ""
        is_alone = is_first and shift_month(month, self.stride).month != 1
        year = str(month.year) if month.month == 1 or is_alone else ""
        return formats.date_format(month, "M"), year

    def _draw_bars(self, figures: UsageMonth, *, middle: float) -> list[dict[str, str]]:
        shares = WIDTHS[len(self.measures)]
        return [
            self._draw_bar(measure.field, getattr(figures, measure.field), share, middle)
            for measure, share in reversed(list(zip(self.measures, shares, strict=True)))
        ]

    def _draw_bar(self, field: str, number: int, share: float, middle: float) -> dict[str, str]:
        width, y = self.bar * share, self._y(number)
        return {
            "field": field,
            "x": _place(middle - width / 2),
            "y": _place(y),
            "width": _place(width),
            "height": _place(self.layout.base - y),
        }

    def _draw_readouts(self, figures: UsageMonth | None) -> list[dict[str, str]]:
        """Return the figures that are shown above the plot while their month has the focus."""
        return [
            {
                "x": _place(self._readout_x(index)),
                "value": self._write(getattr(figures, measure.field)) if figures else "\N{EN DASH}",
            }
            for index, measure in enumerate(self.measures)
        ]

    def _write(self, number: int) -> str:
        return (format_count if number < self.layout.exact_below else format_short)(number)

    def _readout_x(self, index: int) -> float:
        room = self.layout.width - self.layout.readout_left
        return self.layout.readout_left + index * room / len(self.measures)

    def _y(self, number: int) -> float:
        return self.layout.base - self.layout.plot_height * number / self.top


def _place(number: float) -> str:
    return f"{number:.1f}"
