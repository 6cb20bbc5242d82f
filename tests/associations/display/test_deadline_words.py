"""How a deadline is written: the end of its last day, or day and time, and the time zone [R5], [R6]."""

import datetime as dt
import zoneinfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from associations.claims.deadlines import end_of_business_days
from associations.display.sentences import describe_deadline

ZONES = sorted(zoneinfo.available_timezones())
FIRST, LAST = (dt.datetime.fromisoformat(day) for day in ("1990-01-01", "2037-01-01"))
#: Where clocks jump, or jumped, from the end of a day to the first hour of the next.
JUMPING = ["Africa/Cairo", "America/Havana", "America/Santiago", "America/Sao_Paulo", "Asia/Beirut"]
#: Weekends on Saturday and Sunday, Friday and Saturday, Friday alone.
COUNTRIES = ["BR", "EG", "IR", "US"]


def at(*numbers):
    return dt.datetime(*numbers, tzinfo=dt.UTC)


@pytest.mark.parametrize("day", [16, 17, 18])
def test_a_window_that_ends_where_clocks_jump_over_midnight(day):
    # In Cairo it is 24 April 2026, 01:00 as Thursday ends.
    end = end_of_business_days(at(2026, 4, day, 10), 5, country="EG", time_zone="Africa/Cairo")

    with translation.override("en"):
        assert describe_deadline(end, "Africa/Cairo") == "the end of Thu 23 Apr 2026 (Cairo time)"


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        # Clocks go back from 24:00 to 23:00: the day ends an hour later.
        (at(2026, 10, 29, 22), "Africa/Cairo", "the end of Thu 29 Oct 2026 (Cairo time)"),
        (at(2026, 10, 29, 21), "Africa/Cairo", "Thu 29 Oct 2026, 23:00 (Cairo time)"),
        # 25 October begins twice there; the 24th ends where it does so first.
        (at(2026, 10, 25), "Atlantic/Azores", "the end of Sat 24 Oct 2026 (Azores time)"),
        (at(2026, 10, 25, 1), "Atlantic/Azores", "Sun 25 Oct 2026, 00:00 (Azores time)"),
        # Samoa had no 30 December 2011.
        (at(2011, 12, 30, 10), "Pacific/Apia", "the end of Thu 29 Dec 2011 (Apia time)"),
        (at(2026, 6, 9, 14, 30), "UTC", "Tue 9 Jun 2026, 14:30 (UTC)"),
    ],
)
def test_what_is_written_for_an_instant(instant, zone, words):
    there = instant.astimezone(zoneinfo.ZoneInfo(zone))

    with translation.override("en"):
        assert [describe_deadline(each, zone) for each in (instant, there)] == [words, words]


@pytest.mark.parametrize(
    ("instant", "zone", "words"),
    [
        (
            at(2026, 12, 5, 3),
            "America/Sao_Paulo",
            "o fim de sex., 4 de dez. de 2026 (horário de São Paulo)",
        ),
        (at(2026, 6, 9, 14, 30), "UTC", "ter., 9 de jun. de 2026, 14:30 (UTC)"),
    ],
)
def test_what_is_written_in_portuguese(instant, zone, words):
    with translation.override("pt-br"):
        assert describe_deadline(instant, zone) == words


def list_jumps(zone):
    """The days, of the years that tests look at, whose midnight does not exist there."""
    there = zoneinfo.ZoneInfo(zone)
    days = (FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days))
    instants = ((day, day.replace(tzinfo=there).astimezone(dt.UTC)) for day in days)
    return [
        (zone, instant)
        for day, instant in instants
        if instant.astimezone(there).replace(tzinfo=None) != day
    ]


JUMPS = [jump for zone in JUMPING for jump in list_jumps(zone)]
anywhere = st.tuples(
    st.sampled_from(ZONES),
    st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)),
)
shortly_before_a_jump = st.builds(
    lambda jump, ago: (jump[0], jump[1] - ago),
    st.sampled_from(JUMPS),
    st.timedeltas(dt.timedelta(0), dt.timedelta(days=5)),
)


@given(
    start=anywhere | shortly_before_a_jump,
    days=st.integers(1, 3) | st.integers(1, 30),
    country=st.sampled_from(COUNTRIES),
)
@settings(max_examples=400, deadline=None)
def test_the_end_of_business_days_is_written_as_the_end_of_the_last_day(start, days, country):
    zone, instant = start
    end = end_of_business_days(instant, days, country=country, time_zone=zone)

    with translation.override("en"):
        words = describe_deadline(end, zone)
    last = (end - dt.timedelta(microseconds=1)).astimezone(zoneinfo.ZoneInfo(zone))
    assert words.startswith(f"the end of {last:%a} {last.day} {last:%b %Y} (")
