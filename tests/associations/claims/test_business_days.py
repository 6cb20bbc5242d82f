"""Which days count where [R5]: parts of countries, weekends, and no calendar that threads share."""

import datetime as dt
import threading
import zoneinfo

import pytest

from associations.claims.business_days import UnknownCountry, is_business_day, list_days_off
from associations.claims.deadlines import end_of_business_days
from cpor_site.web import countries


def is_off(country, day, part=""):
    return not is_business_day(dt.date.fromisoformat(day), country=country, part=part)


@pytest.mark.parametrize(
    ("country", "day", "off"),
    [
        ("GB", "2027-03-29", True),  # Easter Monday: England, Northern Ireland, Wales; not Scotland
        ("GB", "2027-03-26", True),  # Good Friday, everywhere
        ("GB", "2026-07-13", False),  # the Boyne, Northern Ireland alone
        ("GB", "2026-01-02", False),  # Scotland alone
        ("CA", "2027-05-24", True),  # Victoria Day, 9 of 13
        ("CH", "2027-03-26", True),  # Good Friday, all but Ticino and Valais
        ("CH", "2026-03-19", False),  # Saint Joseph, a few cantons
        ("DE", "2026-01-06", False),  # Epiphany, 3 of 16
        ("DE", "2026-10-31", True),  # a Saturday
        ("AU", "2026-06-08", True),  # the King's Birthday, 6 of 8 on that day
        ("BR", "2026-07-09", False),  # São Paulo alone
        ("US", "2026-11-26", True),  # Thanksgiving, everywhere
    ],
)
def test_without_a_part_half_of_the_parts_make_a_holiday(country, day, off):
    assert is_off(country, day) == off


@pytest.mark.parametrize(
    ("country", "part", "day", "off"),
    [
        ("GB", "SCT", "2027-03-29", False),
        ("GB", "SCT", "2026-01-02", True),
        ("GB", "ENG", "2026-01-02", False),
        ("BR", "SP", "2026-07-09", True),
        ("CH", "TI", "2027-03-26", False),
        ("CH", "ZH", "2027-03-26", True),
        ("CA", "QC", "2026-06-24", True),
        ("DE", "BY", "2026-01-06", True),
    ],
)
def test_the_holidays_of_a_part_count_there(country, part, day, off):
    assert is_off(country, day, part) == off


@pytest.mark.parametrize("country", ["LY", "PS", "SO", "EG", "SA"])
def test_weekends_of_friday_and_saturday(country):
    week = {day: is_off(country, f"2027-02-{day:02}") for day in range(8, 15)}  # Monday to Sunday

    assert [day for day, off in week.items() if off] == [12, 13]


def test_a_window_in_london_passes_over_easter_monday():
    london = zoneinfo.ZoneInfo("Europe/London")
    start = dt.datetime(2027, 3, 25, 15, 0, tzinfo=london)

    end = end_of_business_days(start, 5, country="GB", time_zone="Europe/London")
    scottish = end_of_business_days(start, 5, country="GB", part="SCT", time_zone="Europe/London")

    assert end == dt.datetime(2027, 4, 6, 0, 0, tzinfo=london)  # the end of 5 April
    assert scottish == dt.datetime(2027, 4, 3, 0, 0, tzinfo=london)


@pytest.mark.parametrize(
    ("country", "part"), [("XX", ""), ("GB", "XXX"), ("BR", "São Paulo Capital")]
)
def test_an_unknown_country_or_part_is_an_error(country, part):
    with pytest.raises(UnknownCountry, match="No holiday calendar"):
        is_business_day(dt.date(2026, 1, 1), country=country, part=part)


def test_every_country_and_part_has_its_days():
    for country, parts in countries.list_parts_by_country().items():
        for part in ("", *parts[:2]):
            assert 52 <= len(list_days_off(country, part, 2027)) < 366 / 2, (country, part)


def test_many_threads_on_a_cold_start_see_the_same_days():
    for _round in range(20):
        list_days_off.cache_clear()
        barrier, seen = threading.Barrier(8), []

        def ask(year, barrier=barrier, seen=seen):
            barrier.wait()
            seen.append(is_off("DE", f"{year}-12-25") and is_off("DE", f"{year}-01-01"))

        threads = [threading.Thread(target=ask, args=(2026 + n % 2,)) for n in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert seen == [True] * 8


def test_what_is_kept_of_a_calendar_cannot_be_changed():
    assert isinstance(list_days_off("DE", "", 2026), frozenset)
