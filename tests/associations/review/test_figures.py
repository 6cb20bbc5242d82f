"""The daily figures of reviews: counted once, after the day, from the history; gaps are caught up [R61]."""

import datetime as dt

import pytest
from django.utils import timezone

from associations.customer import notices, optout
from associations.enums import FigureKind, RejectionReason, Status
from associations.filing import submission
from associations.models import ReviewFigure
from associations.review import decisions, figures
from associations.review.figures import count_finished_days, find_percentile, read_figures
from associations.tasks import count_finished_days as task
from tests import cast

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MONDAY = cast.MONDAY.date()
#: The end of Monday in Los Angeles, and the hour after it.
COUNTED = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)


def list_figures(day=MONDAY):
    rows = ReviewFigure.objects.filter(day=day).exclude(kind=FigureKind.DAY)
    return sorted(rows.values_list("kind", "key", "count"))


def list_days():
    rows = ReviewFigure.objects.filter(kind=FigureKind.DAY).order_by("day")
    return list(rows.values_list("day", flat=True))


def decide(claim, reviewer, *, after, approve=True):
    with cast.at(cast.MONDAY + after):
        now = timezone.now()
        if approve:
            return decisions.approve_claim(claim, actor=reviewer, now=now)
        reason = RejectionReason.INSUFFICIENT_POE
        return decisions.reject_claim(claim, actor=reviewer, reason=reason, words="No.", now=now)


@pytest.fixture
def eventful_day(file_on_monday, reviewer, admin, partner):
    """Two approvals after 3 hours, a rejection after 5, a withdrawal, and a customer who opts out."""
    first, second, third = (file_on_monday(Status.UNDER_REVIEW) for _ in range(3))
    decide(first, reviewer, after=3 * HOUR + HOUR / 2)
    decide(second, reviewer, after=3 * HOUR)
    decide(third, reviewer, after=5 * HOUR, approve=False)
    withdrawn = file_on_monday(Status.SUBMITTED)
    with cast.at(cast.MONDAY + 6 * HOUR):
        submission.withdraw_claim(withdrawn, actor=admin, reason="No.", now=timezone.now())
        cast.deliver_notices(first)
        token = notices.in_force(first).first().token
        product = first.associations.first().reference
        optout.opt_out(token, [product], reason="", at=timezone.now())


def test_a_day_is_counted_from_the_history(eventful_day, partner):
    assert count_finished_days(now=COUNTED) == 1

    assert list_figures() == [
        ("decided", "3", 2),
        ("decided", "5", 1),
        ("opted-out", str(partner.pk), 1),
        ("rejected", "insufficient-poe", 1),
        ("rejected", "partner-request", 1),
    ]


def test_it_is_counted_an_hour_after_its_end_and_only_once(eventful_day):
    assert count_finished_days(now=COUNTED - dt.timedelta(seconds=1)) == 0
    assert count_finished_days(now=COUNTED) == 1
    before = list_figures()
    assert count_finished_days(now=COUNTED) == 0
    figures._count_day(MONDAY, dt.UTC)

    assert list_figures() == before


def test_the_partners_time_does_not_count(file_on_monday, reviewer, admin):
    asked = file_on_monday(Status.ACTION_REQUIRED)
    with cast.at(cast.MONDAY + 2 * DAY):
        submission.answer_request(asked, actor=admin, answer="Here.", now=timezone.now())
    decide(asked, reviewer, after=2 * DAY + 4 * HOUR)

    count_finished_days(now=COUNTED + 2 * DAY)

    assert list_figures(MONDAY + 2 * DAY) == [("decided", "4", 1)]


def test_missed_days_are_caught_up_gaps_too(eventful_day):
    assert count_finished_days(now=COUNTED + 3 * DAY) == 4
    ReviewFigure.objects.filter(day=MONDAY + DAY).delete()

    assert count_finished_days(now=COUNTED + 3 * DAY) == 1
    assert list_days() == [MONDAY + n * DAY for n in range(4)]


def test_a_run_that_dies_leaves_no_half_of_a_day(eventful_day, monkeypatch):
    def fail(events):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(figures, "_count_hours", fail)
        with pytest.raises(RuntimeError):
            count_finished_days(now=COUNTED)

    assert not ReviewFigure.objects.exists()
    assert count_finished_days(now=COUNTED) == 1


def test_without_history_there_is_nothing_to_count(db):
    with cast.at(COUNTED):
        task()

    assert not ReviewFigure.objects.exists()


def test_a_long_gap_is_caught_up_in_several_runs(eventful_day, monkeypatch):
    monkeypatch.setattr(figures, "AT_ONCE", 2)

    assert [count_finished_days(now=COUNTED + 2 * DAY) for _ in range(3)] == [2, 1, 0]


def test_a_period_sums_its_days_and_hides_the_readers_partners(eventful_day, partner):
    count_finished_days(now=COUNTED + DAY)

    found = read_figures(MONDAY, MONDAY + 9 * DAY, without_partners=[])
    hidden = read_figures(MONDAY, MONDAY + 9 * DAY, without_partners=[partner.pk])
    later = read_figures(MONDAY + DAY, MONDAY + 9 * DAY, without_partners=[])

    assert (found.days, found.last_day, found.decided) == (2, MONDAY + DAY, 3)
    assert (found.median, found.ninetieth) == (3, 5)
    assert found.rejections == {"insufficient-poe": 1, "partner-request": 1}
    assert (found.opt_outs, hidden.opt_outs) == ({partner.pk: 1}, {})
    assert (later.days, later.decided, later.median) == (1, 0, None)


@pytest.mark.parametrize(
    ("values", "median", "ninetieth"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([1, 2, 3], 2, 3),
        (list(range(1, 11)), 5, 9),
        (list(range(1, 101)), 50, 90),
        ([0, 0, 0, 9], 0, 9),
    ],
)
def test_percentiles_are_values_that_occurred(values, median, ninetieth):
    histogram = [(value, values.count(value)) for value in sorted(set(values))]

    assert (find_percentile(histogram, 50), find_percentile(histogram, 90)) == (median, ninetieth)
