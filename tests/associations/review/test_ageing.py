"""The ageing page: what waits for staff, by step, reviewer, program and age; whom it shows what [R61]."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from associations.claims.deadlines import find_business_days_ago, find_operators_calendar
from associations.display.bars import draw_bars
from associations.enums import Status
from associations.models import ReviewFigure
from associations.review.ageing import count_by_age
from partners.staff_groups import REVIEWER, SUPPORT
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "admin:associations_claim_ageing"
SECOND = dt.timedelta(seconds=1)
#: A claim of Monday 2 March: the reviewers in Los Angeles have until the end of Monday 9 March.
UNTIL = dt.datetime(2026, 3, 10, 7, tzinfo=dt.UTC)
#: Instant → index of the age that the claim then has.
AGES = {
    dt.datetime(2026, 3, 6, 8, tzinfo=dt.UTC) - SECOND: 0,
    dt.datetime(2026, 3, 6, 8, tzinfo=dt.UTC): 1,  # Friday begins
    UNTIL - SECOND: 1,
    UNTIL: 2,
    dt.datetime(2026, 3, 11, 7, tzinfo=dt.UTC) - SECOND: 2,
    dt.datetime(2026, 3, 11, 7, tzinfo=dt.UTC): 3,  # the end of Tuesday
    dt.datetime(2026, 3, 17, 7, tzinfo=dt.UTC) - SECOND: 3,
    dt.datetime(2026, 3, 17, 7, tzinfo=dt.UTC): 4,  # the end of the fifth business day after
}


def read(lines):
    return {line.key: line.counts for line in lines}


@pytest.mark.parametrize("now", AGES, ids=str)
def test_a_claim_is_counted_once_at_its_age(file_on_monday, lead, now):
    file_on_monday(Status.UNDER_REVIEW)

    counts = count_by_age(lead, now=now).totals.counts

    assert counts == tuple(int(index == AGES[now]) for index in range(5))


@pytest.mark.parametrize("days", [1, 2, 5])
def test_business_days_ago_are_the_reverse_of_a_deadline(days):
    calendar = find_operators_calendar()
    now = dt.datetime(2026, 3, 11, 15, tzinfo=dt.UTC)

    latest = find_business_days_ago(now, days, calendar)

    expected = {1: (2026, 3, 10, 7), 2: (2026, 3, 9, 7), 5: (2026, 3, 4, 8)}
    assert latest == dt.datetime(*expected[days], tzinfo=dt.UTC)


def test_lines_name_step_reviewer_and_program(file_on_monday, lead, reviewer):
    file_on_monday(Status.SUBMITTED)
    file_on_monday(Status.UNDER_REVIEW)
    file_on_monday(Status.DISPUTE)
    for status in (Status.ACTION_REQUIRED, Status.APPROVED, Status.REJECTED, Status.EDITING):
        file_on_monday(status)

    found = count_by_age(lead, now=cast.MONDAY)

    one, two, three = ((number, 0, 0, 0, 0) for number in (1, 2, 3))
    assert read(found.steps) == {"submitted": one, "under-review": one, "dispute": one}
    assert read(found.reviewers) == {"": one, str(reviewer.pk): two}
    assert read(found.programs) == {"osu-m365": three} or set(read(found.programs).values()) == {
        three
    }
    assert found.totals.total == 3


def test_without_claims_everything_is_zero(lead):
    found = count_by_age(lead, now=cast.MONDAY)

    assert (found.totals.counts, found.steps) == ((0, 0, 0, 0, 0), [])


def test_claims_in_which_a_partner_of_the_reader_has_a_stake_are_not_counted(
    file_on_monday, lead, partner
):
    own = file_on_monday()
    rival = cast.make_partner("Rival")
    people = (rival, cast.make_member(rival))
    file_on_monday(by=people, tenant=own.tenant)
    file_on_monday(by=people)

    before = count_by_age(lead, now=cast.MONDAY).totals.total
    cast.make_member(partner, user=lead)

    assert (before, count_by_age(lead, now=cast.MONDAY).totals.total) == (3, 1)


# --- The page ------------------------------------------------------------------------------------


def test_the_page_shows_counts_that_lead_into_the_queue(file_on_monday, client, lead, reviewer):
    file_on_monday(Status.UNDER_REVIEW)
    client.force_login(lead)

    page = " ".join(client.get(reverse(PAGE)).text.split())

    queue = reverse("admin:associations_claim_changelist")
    assert f'<a href="{queue}?status=under-review">Under review</a>' in page
    assert f'<a href="{queue}?reviewer={reviewer.pk}">{reviewer}</a>' in page
    assert "Late by more than 5 business days: 1." in page
    assert "There are no figures for this period yet." in page


def test_figures_of_the_past_are_shown_for_the_chosen_period(client, lead, partner):
    yesterday = timezone.now().date() - dt.timedelta(days=2)
    rows = [("day", "", 1), ("decided", "30", 3), ("decided", "100", 1)]
    rows += [("rejected", "insufficient-poe", 2), ("opted-out", str(partner.pk), 4)]
    for kind, key, count in rows:
        ReviewFigure.objects.create(day=yesterday, kind=kind, key=key, count=count)
    client.force_login(lead)

    page = " ".join(client.get(reverse(PAGE), {"days": "365"}).text.split())

    assert "<dd>30 hours</dd>" in page
    assert "<dd>4.2 days</dd>" in page
    assert "Insufficient proof" in page
    assert partner.name in page
    assert 'aria-current="true">Last 365 days' in page


@pytest.mark.parametrize("days", ["31", "x", "", "9" * 50])
def test_a_period_that_is_not_offered_is_the_first(client, lead, days):
    client.force_login(lead)

    assert client.get(reverse(PAGE), {"days": days}).context["days"] == 30


@pytest.mark.parametrize("groups", [(REVIEWER,), (SUPPORT,), ()], ids=str)
def test_without_the_permission_it_is_refused_and_not_linked(client, groups):
    client.force_login(cast.make_staff(*groups))

    answer = client.get(reverse(PAGE))
    start = client.get(reverse("admin:index")).text

    assert answer.status_code == 403
    assert reverse(PAGE) not in start


def test_a_lead_finds_it_from_start_page_and_queue(client, lead):
    client.force_login(lead)

    for name in ("admin:index", "admin:associations_claim_changelist"):
        assert reverse(PAGE) in client.get(reverse(name)).text


def test_the_number_of_queries_does_not_depend_on_the_number_of_claims(
    file_on_monday, client, lead, reviewer
):
    client.force_login(lead)

    def count_queries():
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(PAGE)).status_code == 200
        return len(captured)

    file_on_monday(Status.UNDER_REVIEW)
    count_queries()
    one = count_queries()
    for _each in range(2):
        file_on_monday()

    assert count_queries() == one <= 12


def test_the_longest_bar_is_the_largest_number():
    rows = draw_bars([("on-time", "On time", 50), ("late", "Late", 1000), ("later", "Later", 0)])

    assert [row["width"] for row in rows["rows"]] == ["13.1", "262.0", "0.0"]
    assert [row["number"] for row in rows["rows"]] == ["50", "1,000", "0"]
