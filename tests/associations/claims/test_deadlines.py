"""Business days by country and time zone, and the limits that staff set [R4]–[R6]."""

import datetime as dt
import zoneinfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from associations.claims.business_days import UnknownCountry
from associations.claims.deadlines import (
    Calendar,
    UnknownTimeZone,
    count_business_days_left,
    end_of_business_days,
    end_of_calendar_days,
    find_calendar,
    find_last_day,
    find_limits,
    open_window,
)
from associations.enums import Activity, Actor, DayKind, Window
from associations.models import TimeLimit
from partners.models import Program
from tests import cast


def local(text, zone):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))


@pytest.mark.parametrize(
    ("country", "zone", "start", "days", "end"),
    [
        # R5's own example: Friday 15:00 in São Paulo, no holiday near → the next Friday at 24:00.
        ("BR", "America/Sao_Paulo", "2026-07-10T15:00", 5, "2026-07-18T00:00"),
        # Today's afternoon is not counted, whatever the hour.
        ("BR", "America/Sao_Paulo", "2026-07-13T00:00", 1, "2026-07-15T00:00"),
        ("BR", "America/Sao_Paulo", "2026-07-13T23:59", 1, "2026-07-15T00:00"),
        # Started at the weekend: Monday is the first day.
        ("US", "America/New_York", "2026-07-11T10:00", 1, "2026-07-14T00:00"),
        # Thanksgiving (26 November 2026) and the observed Independence Day (3 July 2026).
        ("US", "America/New_York", "2026-11-20T12:00", 5, "2026-12-01T00:00"),
        ("US", "America/New_York", "2026-07-02T12:00", 1, "2026-07-07T00:00"),
        # Carnival is no public holiday in Brazil; Good Friday and Tiradentes are.
        ("BR", "America/Sao_Paulo", "2026-02-13T12:00", 2, "2026-02-18T00:00"),
        ("BR", "America/Sao_Paulo", "2026-04-02T12:00", 1, "2026-04-07T00:00"),
        # Weekend on Friday and Saturday: Sunday works.
        ("SA", "Asia/Riyadh", "2026-05-07T12:00", 1, "2026-05-11T00:00"),
        # Across New Year.
        ("DE", "Europe/Berlin", "2026-12-30T09:00", 2, "2027-01-05T00:00"),
        # Across the change to summer time.
        ("DE", "Europe/Berlin", "2026-03-27T09:00", 1, "2026-03-31T00:00"),
        # Kathmandu is 5 hours 45 minutes ahead; the day of the start is the local one.
        ("IN", "Asia/Kolkata", "2026-06-09T00:30", 1, "2026-06-11T00:00"),
    ],
)
def test_the_window_ends_at_local_midnight_after_the_last_business_day(
    country, zone, start, days, end
):
    answer = end_of_business_days(local(start, zone), days, country=country, time_zone=zone)

    assert answer == local(end, zone)
    assert answer.utcoffset() == dt.timedelta(0)


def test_the_day_of_the_start_is_the_local_one():
    late_on_monday_in_honolulu = dt.datetime(2026, 6, 9, 9, 0, tzinfo=dt.UTC)

    answer = end_of_business_days(
        late_on_monday_in_honolulu, 1, country="US", time_zone="Pacific/Honolulu"
    )

    assert answer == local("2026-06-10T00:00", "Pacific/Honolulu")


def test_a_midnight_that_summer_time_skips_is_the_instant_of_the_jump():
    # In Cairo clocks jump from 24 April 2026, 00:00 to 01:00: Thursday ends as they jump.
    answer = end_of_business_days(
        local("2026-04-22T12:00", "Africa/Cairo"), 1, country="EG", time_zone="Africa/Cairo"
    )

    assert answer == dt.datetime(2026, 4, 23, 22, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("country", ["XX", "", "br", "Brazil"])
def test_an_unknown_country_is_a_clear_error(country):
    with pytest.raises(UnknownCountry, match="No holiday calendar"):
        end_of_business_days(cast.MONDAY, 5, country=country, time_zone="UTC")


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd"])
def test_an_unknown_time_zone_is_a_clear_error(zone):
    with pytest.raises(UnknownTimeZone, match="not a known time zone"):
        end_of_business_days(cast.MONDAY, 5, country="BR", time_zone=zone)


def test_a_naive_start_or_no_days_is_refused():
    with pytest.raises(ValueError, match="aware"):
        end_of_business_days(cast.MONDAY.replace(tzinfo=None), 5, country="BR", time_zone="UTC")
    with pytest.raises(ValueError, match="at least one day"):
        end_of_business_days(cast.MONDAY, 0, country="BR", time_zone="UTC")


@given(
    start=st.integers(1_577_836_800, 2_051_222_400).map(
        lambda s: dt.datetime.fromtimestamp(s, dt.UTC)
    ),
    days=st.integers(1, 30),
    place=st.sampled_from(
        [
            ("BR", "America/Sao_Paulo"),
            ("SA", "Asia/Riyadh"),
            ("US", "America/Los_Angeles"),
            ("NZ", "Pacific/Auckland"),
            ("EG", "Africa/Cairo"),
            ("JP", "Asia/Tokyo"),
        ]
    ),
)
@settings(max_examples=200, deadline=None)
def test_the_window_holds_exactly_the_business_days_promised(start, days, place):
    country, zone = place
    end = end_of_business_days(start, days, country=country, time_zone=zone)

    first = start.astimezone(zoneinfo.ZoneInfo(zone)).date()
    last = (end - dt.timedelta(seconds=1)).astimezone(zoneinfo.ZoneInfo(zone)).date()
    calendar = holidays.country_holidays(country)
    inside = [first + dt.timedelta(days=n) for n in range(1, (last - first).days + 1)]
    working = [
        day for day in inside if day not in calendar and day.weekday() not in calendar.weekend
    ]
    made_up = [day for day in inside if day in getattr(calendar, "weekend_workdays", ())]
    assert len(set(working) | set(made_up)) == days
    assert calendar.is_working_day(last)
    assert count_business_days_left(start, end, Calendar(country, zone)) == days


def test_calendar_days_count_every_day():
    answer = end_of_calendar_days(
        local("2026-12-20T10:00", "Europe/Berlin"), 30, time_zone="Europe/Berlin"
    )

    assert answer == local("2027-01-20T00:00", "Europe/Berlin")


@pytest.fixture
def claim(db):
    partner = cast.make_partner(country="DE", time_zone="Europe/Berlin")
    tenant = cast.make_tenant(country="SA", time_zone="Asia/Riyadh")
    return cast.make_draft(
        partner,
        cast.make_member(partner),
        tenant,
        codes=("business-central",),
        activity=Activity.PRESALES_AND_USAGE,
    )


@pytest.mark.parametrize(
    ("actor", "calendar"),
    [
        (Actor.CUSTOMER, Calendar("SA", "Asia/Riyadh")),
        (Actor.PARTNER, Calendar("DE", "Europe/Berlin")),
        (Actor.STAFF, Calendar("US", "America/Los_Angeles")),
    ],
)
def test_anyone_who_must_act_has_their_own_calendar(claim, actor, calendar):
    assert find_calendar(actor, claim) == calendar


@pytest.mark.parametrize(
    ("window", "days", "kind"),
    [
        (Window.BEGIN_REVIEW, 5, DayKind.BUSINESS),
        (Window.DECIDE, 5, DayKind.BUSINESS),
        (Window.PARTNER_ANSWER, 5, DayKind.BUSINESS),
        (Window.CUSTOMER_OPT_OUT, 5, DayKind.BUSINESS),
        (Window.PARTNER_DISPUTE, 30, DayKind.CALENDAR),
        (Window.DECIDE_DISPUTE, 5, DayKind.BUSINESS),
    ],
)
def test_a_window_lasts_as_section_3_says_until_staff_change_it(claim, window, days, kind):
    assert find_limits(window, claim) == [(days, kind)]
    TimeLimit.objects.all().delete()
    assert find_limits(window, claim) == [(days, kind)]


def test_the_longest_limit_of_the_claims_programs_counts(claim):
    start = local("2026-05-10T10:00", "Asia/Riyadh")
    before = open_window(Window.CUSTOMER_OPT_OUT, claim, at=start)
    TimeLimit.objects.create(
        window=Window.CUSTOMER_OPT_OUT,
        program=Program.objects.get(code="osa-sell"),
        days=10,
        day_kind=DayKind.CALENDAR,
    )

    after = open_window(Window.CUSTOMER_OPT_OUT, claim, at=start)

    assert before.at == local("2026-05-18T00:00", "Asia/Riyadh")
    assert after.at == local("2026-05-21T00:00", "Asia/Riyadh")
    assert after.time_zone == "Asia/Riyadh"


def test_a_limit_that_staff_deleted_falls_back_to_the_default(claim):
    TimeLimit.objects.all().delete()

    deadline = open_window(
        Window.BEGIN_REVIEW, claim, at=local("2026-07-06T09:00", "America/Los_Angeles")
    )

    assert deadline.at == local("2026-07-14T00:00", "America/Los_Angeles")


def test_a_changed_limit_leaves_windows_that_are_open_alone(claim):
    cast._STEPS["submit"](claim, claim.created_by, None)
    claim.refresh_from_db()
    promised = claim.due_at
    TimeLimit.objects.filter(window=Window.BEGIN_REVIEW).update(days=20)

    claim.refresh_from_db()

    assert claim.due_at == promised


def test_the_last_day_before_a_deadline_is_exact_to_the_microsecond():
    midnight = dt.datetime(2026, 3, 7, tzinfo=dt.UTC)

    last = [
        find_last_day(midnight + dt.timedelta(microseconds=number), zoneinfo.ZoneInfo("UTC"))
        for number in (-1, 0, 1)
    ]

    assert [day.day for day in last] == [6, 6, 7]
