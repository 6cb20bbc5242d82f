"""The chart is valid XML that anyone can read, whatever the figures [R36]."""

import datetime as dt
import re
from xml.etree import ElementTree as ET

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from associations.templatetags.charts import usage_chart
from associations.usage.charts import (
    NARROW,
    WIDE,
    choose_step,
    choose_stride,
    choose_top,
    draw_chart,
)
from associations.usage.reading import (
    SUBSCRIPTION_MEASURES,
    WORKLOAD_MEASURES,
    UsageMonth,
    UsageSeries,
    shift_month,
)

SVG = "{http://www.w3.org/2000/svg}"
LAST = dt.date(2026, 10, 1)
FIGURES = {
    "one month": [(5, 3)],
    "twelve": [(1000 + n, 700 + 10 * n) for n in range(12)],
    "thirty-six": [(40_000, 900 * n) for n in range(36)],
    "fifty": [(10, 9)] * 50,
    "zero": [(0, 0)] * 3,
    "huge": [(2**31 - 1, 2**31 - 2)] * 12,
    "more active than paid": [(10, 25)] * 4,
}


def workload(figures):
    months = [
        UsageMonth(shift_month(LAST, number + 1 - len(figures)), available, active)
        for number, (available, active) in enumerate(figures)
    ]
    return UsageSeries(WORKLOAD_MEASURES, tuple(months))


def seats(*figures):
    months = [
        UsageMonth(shift_month(LAST, number + 1 - len(figures)), sold, active, assigned)
        for number, (sold, assigned, active) in enumerate(figures)
    ]
    return UsageSeries(SUBSCRIPTION_MEASURES, tuple(months))


def render(series, title="Usage of Teams"):
    html = render_to_string("components/usage_chart.html", usage_chart(series, title))
    return list(ET.fromstring(f"<div>{html}</div>"))


def columns(svg):
    return [each for each in svg.iter(f"{SVG}g") if each.get("tabindex") == "0"]


@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("figures", FIGURES.values(), ids=FIGURES)
def test_both_layouts_are_valid_and_stay_inside_their_frame(figures, language):
    with translation.override(language):
        charts = render(workload(figures), title="<Usage> & “more”")

    assert [svg.get("class") for svg in charts] == ["chart chart-wide", "chart chart-narrow"]
    for svg in charts:
        _x, _y, width, height = map(float, svg.get("viewBox").split())
        for rect in svg.iter(f"{SVG}rect"):
            x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
            assert -0.1 <= x <= x + w <= width + 0.1
            assert -0.1 <= y <= y + h <= height + 0.1
        for element in svg.iter():
            assert "style" not in element.attrib
            assert not [name for name in element.attrib if name.startswith("on")]


def test_names_and_ids_for_screen_readers():
    charts = render(workload(FIGURES["twelve"]), title="<Usage> & more")

    ids = [each.get("id") for svg in charts for each in svg.iter() if each.get("id")]
    assert len(ids) == len(set(ids)) == 4
    for svg in charts:
        named = {each.get("id"): each.text for each in svg if each.get("id")}
        assert svg.get("role") == "group"
        assert named[svg.get("aria-labelledby")] == "<Usage> & more"
        assert "from Nov 2025 to Oct 2026" in named[svg.get("aria-describedby")]


def test_each_month_takes_the_focus_and_says_its_figures():
    wide, narrow = render(workload(FIGURES["twelve"]))

    for svg in (wide, narrow):
        assert len(columns(svg)) == 12
        assert all(column.get("role") == "img" for column in columns(svg))
        last = columns(svg)[-1]
        assert last.find(f"{SVG}title").text == "Oct 2026: Active users 810, Paid units 1,011"
        written = [
            each.text for each in last.iter(f"{SVG}text") if each.get("class") == "chart-value"
        ]
        assert written == ["810", "1,011"]


def test_bars_lie_within_each_other_in_true_proportion():
    (column,) = draw_chart(seats((400, 200, 100)), WIDE, title="x")["columns"]

    assert [bar["field"] for bar in column["bars"]] == ["available", "assigned", "active"]
    widths, heights, lefts = (
        [float(bar[name]) for bar in column["bars"]] for name in ("width", "height", "x")
    )
    assert widths[0] > widths[1] > widths[2] > 0
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert heights[0] == pytest.approx(4 * heights[2], abs=0.2)
    assert lefts[0] < lefts[1] < lefts[2]


def test_a_month_without_figures_is_a_gap_and_says_so():
    series = workload([(10, 5)] * 5)
    series = UsageSeries(series.measures, (series.months[0], *series.months[3:]))

    wide, _narrow = render(series)

    titles = [column.find(f"{SVG}title").text for column in columns(wide)]
    assert titles[1:3] == ["Jul 2026: no figures", "Aug 2026: no figures"]
    assert len(list(wide.iter(f"{SVG}line"))) == 2 + len(
        draw_chart(series, WIDE, title="")["ticks"]
    )


def test_a_layout_draws_no_more_months_than_fit():
    series = workload(FIGURES["fifty"])

    assert len(draw_chart(series, WIDE, title="")["columns"]) == 36
    assert len(draw_chart(series, NARROW, title="")["columns"]) == 24
    assert draw_chart(series, NARROW, title="")["columns"][-1]["month"] == "Oct 2026"


def test_words_and_numbers_are_the_readers():
    with translation.override("pt-br"):
        _wide, narrow = render(workload(FIGURES["huge"]))

    ticks = [each.text for each in narrow.iter(f"{SVG}text")]
    assert "2\N{NO-BREAK SPACE}bi" in ticks
    assert "Mai" in ticks
    assert re.search(r"out\. de 2026", ET.tostring(narrow, "unicode"), re.IGNORECASE)


@pytest.mark.parametrize(
    ("largest", "step", "top"),
    [
        (0, 1, 1),
        (1, 1, 1),
        (4, 1, 4),
        (5, 2, 6),
        (10, 5, 10),
        (11, 5, 15),
        (40, 10, 40),
        (100, 25, 100),
        (101, 50, 150),
        (999, 250, 1000),
        (2**31 - 1, 10**9, 3 * 10**9),
    ],
)
def test_axes_end_at_round_numbers(largest, step, top):
    assert (choose_step(largest), choose_top(largest)) == (step, top)
    assert top / choose_step(top) <= 5


@pytest.mark.parametrize(("width", "stride"), [(40, 1), (20, 2), (12, 3), (7, 6), (1, 12)])
def test_labels_keep_their_distance(width, stride):
    assert choose_stride(width, 36) == stride
