"""Reminders to partners before the deadline to answer or to dispute: once, in time, to no one else [R61]."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations.enums import ReminderKind, Status, Window
from associations.filing import submission
from associations.models import Claim, Reminder, TimeLimit
from associations.review import disputes, partner_reminders
from associations.review.partner_reminders import remind_partners
from associations.tasks import remind_of_deadlines
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)
KINDS = ("answer_reminder", "dispute_reminder")
#: Both windows, as the location in New York counts them from Monday 2 March 2026, 15:00 UTC.
ASKED_UNTIL = dt.datetime(2026, 3, 10, 4, tzinfo=dt.UTC)  # the end of Monday; summer time began
ASKED_SOON = dt.datetime(2026, 3, 6, 5, tzinfo=dt.UTC)  # Friday begins
REJECTED_UNTIL = dt.datetime(2026, 4, 2, 4, tzinfo=dt.UTC)  # the end of Wednesday, 30 days later
REJECTED_SOON = dt.datetime(2026, 3, 31, 4, tzinfo=dt.UTC)  # Tuesday begins


@pytest.fixture
def file(file_on_monday):
    return file_on_monday


def list_reminders():
    return sorted(Message.objects.filter(kind__in=KINDS).values_list("kind", "context__reference"))


def run_at(instant):
    remind_partners(now=instant)
    return list_reminders()


@pytest.mark.parametrize(
    ("status", "kind", "soon", "until"),
    [
        (Status.ACTION_REQUIRED, "answer_reminder", ASKED_SOON, ASKED_UNTIL),
        (Status.REJECTED, "dispute_reminder", REJECTED_SOON, REJECTED_UNTIL),
    ],
)
def test_it_is_sent_once_from_the_business_day_before_the_last(file, status, kind, soon, until):
    claim = file(status)
    told = [(kind, claim.reference)]

    assert claim.due_at == until
    assert run_at(soon - SECOND) == []
    assert run_at(soon) == told
    assert run_at(soon + SECOND) == told
    assert run_at(until - SECOND) == told


def test_a_sweep_that_comes_late_still_reminds_but_not_after_the_deadline(file):
    claim = file(Status.ACTION_REQUIRED)

    assert run_at(claim.due_at) == []
    assert run_at(claim.due_at - SECOND) == [("answer_reminder", claim.reference)]


def test_it_goes_to_the_partners_contact_and_names_the_deadline(file, admin):
    file(Status.ACTION_REQUIRED)

    run_at(ASKED_SOON)

    email = Message.objects.get(kind="answer_reminder")
    assert email.to_address == admin.email
    assert email.context["deadline"] == "the end of Mon 9 Mar 2026 (New York time)"
    assert email.context["words"] == "Please add the signed letter."


def test_the_deadlines_are_those_of_the_location(file):
    """In Riyadh, Friday and Saturday are the weekend: the last business day before Monday is Sunday."""
    partner = cast.make_partner("Riyadh", country="SA", time_zone="Asia/Riyadh")
    claim = file(Status.ACTION_REQUIRED, by=(partner, cast.make_member(partner)))
    sunday = dt.datetime(2026, 3, 7, 21, tzinfo=dt.UTC)

    assert claim.due_at == dt.datetime(2026, 3, 9, 21, tzinfo=dt.UTC)
    assert run_at(sunday - SECOND) == []
    assert run_at(sunday) == [("answer_reminder", claim.reference)]


@pytest.mark.parametrize("days", [1, 2])
def test_a_window_of_one_business_day_has_none(file, days):
    TimeLimit.objects.filter(window=Window.PARTNER_ANSWER).update(days=days)
    claim = file(Status.ACTION_REQUIRED)

    found = [run_at(cast.MONDAY + n * DAY / 4) for n in range(1, 12)]

    assert any(found) is (days > 1)
    assert claim.reminders.count() == days - 1


def test_what_was_answered_disputed_or_withdrawn_is_not_reminded_of(file, admin):
    answered, withdrawn = file(Status.ACTION_REQUIRED), file(Status.ACTION_REQUIRED)
    disputed = file(Status.REJECTED)
    with cast.at(cast.MONDAY + DAY):
        now = timezone.now()
        submission.answer_request(answered, actor=admin, answer="Here.", now=now)
        submission.withdraw_claim(withdrawn, actor=admin, reason="No.", now=now)
        disputes.dispute_claim(disputed, actor=admin, justification="But.", now=now)

    assert run_at(ASKED_SOON) == []
    assert run_at(REJECTED_SOON) == []
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.UNDER_REVIEW},
        {"due_at": ASKED_UNTIL + 7 * DAY},
        {"due_at": ASKED_SOON},
        {"due_at": None},
        {"window_opened_at": None},
        {"window_opened_at": ASKED_SOON},
    ],
    ids=str,
)
def test_what_changed_since_the_sweep_looked_is_seen_under_the_lock(file, monkeypatch, change):
    claim = file(Status.ACTION_REQUIRED)
    monkeypatch.setattr(
        partner_reminders, "_find_due", lambda kind, *args, **more: [claim.pk, claim.pk]
    )
    Claim.objects.filter(pk=claim.pk).update(**change)

    assert run_at(ASKED_SOON) == []
    assert not Reminder.objects.exists()


def test_two_sweeps_that_saw_the_same_claim_remind_once(file, monkeypatch):
    claim = file(Status.ACTION_REQUIRED)
    monkeypatch.setattr(partner_reminders, "_find_due", lambda kind, *args, **more: [claim.pk] * 2)

    assert run_at(ASKED_SOON) == [("answer_reminder", claim.reference)]


def test_a_rejection_whose_products_were_claimed_again_is_not_reminded_of(file, partner, admin):
    rejected = file(Status.REJECTED)
    with cast.at(cast.MONDAY + DAY):
        again = cast.make_draft(partner, admin, rejected.tenant)
        submission.submit_claim(again, actor=admin, now=timezone.now())

    assert run_at(REJECTED_SOON) == []


def test_the_next_request_has_a_reminder_of_its_own(file, admin, reviewer):
    claim = file(Status.ACTION_REQUIRED)
    run_at(ASKED_SOON)
    with cast.at(ASKED_SOON + SECOND):
        submission.answer_request(claim, actor=admin, answer="Here.", now=timezone.now())
        cast._STEPS["ask"](claim, admin, reviewer)

    claim.refresh_from_db()
    run_at(claim.due_at - SECOND)

    assert list_reminders() == [("answer_reminder", claim.reference)] * 2
    assert claim.reminders.filter(kind=ReminderKind.ANSWER).count() == 2


def test_a_fault_in_one_stops_no_other(file, monkeypatch):
    first, second = file(Status.ACTION_REQUIRED), file(Status.ACTION_REQUIRED)
    tell = partner_reminders.emails.answer_reminder

    def fail_for_the_first(claim):
        tell(claim)
        if claim.pk == first.pk:
            raise RuntimeError("no template")

    step = partner_reminders.STEPS[ReminderKind.ANSWER]
    failing = partner_reminders._Step(step.status, fail_for_the_first, step.is_open)
    monkeypatch.setitem(partner_reminders.STEPS, ReminderKind.ANSWER, failing)

    assert run_at(ASKED_SOON) == [("answer_reminder", second.reference)]
    monkeypatch.undo()
    assert run_at(ASKED_SOON) == sorted(
        ("answer_reminder", each.reference) for each in (first, second)
    )


def test_a_sweep_with_nothing_to_send_costs_the_same_at_any_number_of_claims(file):
    def count_queries():
        with CaptureQueriesContext(connection) as captured:
            remind_partners(now=ASKED_SOON - SECOND)
        return len(captured)

    file(Status.ACTION_REQUIRED)
    one = count_queries()
    for _each in range(2):
        file(Status.ACTION_REQUIRED)

    assert count_queries() == one == 3


def test_the_task_reminds(file):
    claim = file(Status.ACTION_REQUIRED)

    with cast.at(ASKED_SOON):
        remind_of_deadlines()

    assert list_reminders() == [("answer_reminder", claim.reference)]
