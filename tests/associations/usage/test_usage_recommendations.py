"""What the figures suggest, on both sides of every threshold [R36]."""

import datetime as dt

import pytest
from django.utils import translation

from associations.usage.reading import (
    SUBSCRIPTION_MEASURES,
    WORKLOAD_MEASURES,
    UsageMonth,
    UsageSeries,
    shift_month,
)
from associations.usage.recommendations import describe_change, recommend

LAST = dt.date(2026, 10, 1)
TODAY = dt.date(2026, 11, 22)


def workload(*figures, last=LAST):
    """``figures``: (active users, paid units), the last one of October 2026."""
    months = [
        UsageMonth(shift_month(last, -number), units, users)
        for number, (users, units) in enumerate(reversed(figures))
    ]
    return UsageSeries(WORKLOAD_MEASURES, tuple(reversed(months)))


def seats(*figures):
    """``figures``: (sold, assigned, active)."""
    months = [
        UsageMonth(shift_month(LAST, -number), sold, active, assigned)
        for number, (sold, assigned, active) in enumerate(reversed(figures))
    ]
    return UsageSeries(SUBSCRIPTION_MEASURES, tuple(reversed(months)))


def codes(series, *, today=TODAY):
    return [one.code for one in recommend(series, product="Teams", today=today)]


def text(series):
    (only,) = recommend(series, product="Teams", today=TODAY)
    return only.text


def steady(users, units):
    return [(users, units)] * 4


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (workload(*steady(60, 100)), ["steady"]),
        (workload((60, 100)), ["early"]),
        # little use
        (workload(*steady(40, 100)), ["steady"]),
        (workload(*steady(39, 100)), ["little-use"]),
        (workload(*steady(399, 1000)), ["little-use"]),
        # nearly full, over
        (workload(*steady(89, 100)), ["steady"]),
        (workload(*steady(90, 100)), ["nearly-full"]),
        (workload(*steady(100, 100)), ["nearly-full"]),
        (workload(*steady(101, 100)), ["over"]),
        # nothing
        (workload(*steady(0, 100)), ["unused"]),
        (workload(*steady(0, 0)), ["nothing-sold"]),
        (workload(*steady(3, 0)), ["steady"]),
        # moves within three months
        (workload((60, 100), (60, 100), (60, 100), (66, 100)), ["growing"]),
        (workload((60, 100), (60, 100), (60, 100), (65, 100)), ["steady"]),
        (workload((60, 100), (60, 100), (60, 100), (54, 100)), ["falling"]),
        (workload((60, 100), (60, 100), (60, 100), (55, 100)), ["steady"]),
        (workload((10, 100), (60, 100), (60, 100), (60, 100), (60, 100)), ["steady"]),
        (workload((0, 100), (60, 100), (60, 100), (60, 100)), ["steady"]),
        (workload((90, 100), (60, 100), (0, 100), (0, 100)), ["unused"]),
        # seats
        (seats(*[(100, 81, 70)] * 4), ["steady"]),
        (seats(*[(100, 80, 70)] * 4), ["unassigned"]),
        (seats(*[(100, 88, 67)] * 4), ["steady"]),
        (seats(*[(100, 88, 66)] * 4), ["unused-seats"]),
        (seats(*[(100, 90, 80)] * 4), ["nearly-full"]),
        (seats(*[(100, 60, 30)] * 4), ["unassigned", "unused-seats"]),
        (seats(*[(100, 0, 0)] * 4), ["unused", "unassigned"]),
        (seats(*[(0, 0, 0)] * 4), ["nothing-sold"]),
        # the urgent comes first, the good last
        (
            seats((100, 95, 60), (100, 95, 60), (100, 95, 60), (100, 95, 66)),
            ["unused-seats", "nearly-full", "growing"],
        ),
    ],
)
def test_thresholds(series, expected):
    assert codes(series) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (dt.date(2026, 11, 1), ["steady"]),
        (dt.date(2026, 11, 30), ["steady"]),
        (dt.date(2026, 12, 10), ["steady"]),
        (dt.date(2026, 12, 11), ["late"]),
        (dt.date(2027, 1, 2), ["late"]),
    ],
)
def test_figures_are_late_from_the_eleventh_on(today, expected):
    assert codes(workload(*steady(60, 100)), today=today) == expected


def test_a_gap_is_no_trend():
    months = [UsageMonth(shift_month(LAST, by), 100, 60 - by) for by in (-4, -2, 0)]

    assert codes(UsageSeries(WORKLOAD_MEASURES, tuple(months))) == ["early"]


def test_nothing_is_recommended_without_figures():
    assert recommend(workload(), product="Teams", today=TODAY) == []


def test_the_words_name_the_figures():
    assert text(seats(*[(400, 240, 220)] * 4)) == (
        "40% of the sold seats are unassigned: 160 of 400. Help the customer assign them, or plan "
        "for fewer at the renewal."
    )
    falling = workload((1200, 2000), (1, 2), (1, 2), (900, 2000))
    assert text(falling) == (
        "Active use has fallen by 25% since Jul 2026: from 1,200 to 900. Talk to the customer before it "
        "falls further."
    )


def test_a_share_is_never_rounded_up():
    assert "99% of the paid units" in text(workload(*steady(999, 1000)))


def test_numbers_are_the_readers():
    with translation.override("pt-br"):
        assert "1.600" in text(seats(*[(4000, 2400, 2200)] * 4))


@pytest.mark.parametrize(
    ("figures", "direction", "words"),
    [
        ([(60, 100), (75, 100)], 1, "15 more than in Sep 2026 (+25.0%)"),
        ([(75, 100), (60, 100)], -1, "15 fewer than in Sep 2026 (\N{MINUS SIGN}20.0%)"),
        ([(60, 100), (60, 90)], 0, "Same as in Sep 2026"),
        ([(0, 100), (5, 100)], 1, "5 more than in Sep 2026"),
        ([(60, 100)], 0, "No figures for Sep 2026 to compare with"),
    ],
)
def test_the_change_under_the_headline(figures, direction, words):
    change = describe_change(workload(*figures))

    assert (change.direction, change.text) == (direction, words)
