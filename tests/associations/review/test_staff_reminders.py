"""Reminders to reviewers before and after a deadline, then to the review leads: each once [R61], [R19]."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations.enums import Status
from associations.models import Claim, Reminder
from associations.review import assignment, decisions, staff_reminders
from associations.review.staff_reminders import LATE_FOR, remind_staff
from associations.tasks import remind_of_deadlines
from notifications.models import Message
from partners.models import User
from partners.staff_groups import REVIEW_LEAD
from tests import cast

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)
#: A claim of Monday 2 March: the reviewers in Los Angeles have until the end of Monday 9 March.
SOON = dt.datetime(2026, 3, 6, 8, tzinfo=dt.UTC)  # Friday begins
UNTIL = dt.datetime(2026, 3, 10, 7, tzinfo=dt.UTC)  # the end of Monday; summer time began
LATE = dt.datetime(2026, 3, 11, 7, tzinfo=dt.UTC)  # the end of Tuesday
STILL_LATE = dt.datetime(2026, 3, 12, 7, tzinfo=dt.UTC)  # the end of Wednesday


def list_emails():
    kinds = ("review_due_soon", "review_late", "review_escalated")
    return sorted(Message.objects.filter(kind__in=kinds).values_list("kind", "to_address"))


def run_at(instant):
    remind_staff(now=instant)
    return list_emails()


def test_the_reviewer_is_told_before_and_after_and_then_the_leads(file_on_monday, reviewer, lead):
    claim = file_on_monday(Status.UNDER_REVIEW)
    before = ("review_due_soon", reviewer.email)
    after = ("review_late", reviewer.email)
    escalated = ("review_escalated", lead.email)

    assert claim.due_at == UNTIL
    assert run_at(SOON - SECOND) == []
    assert run_at(SOON) == [before]
    assert run_at(UNTIL) == [before]
    assert run_at(LATE - SECOND) == [before]
    assert run_at(LATE) == [before, after]
    assert run_at(STILL_LATE - SECOND) == [before, after]
    assert run_at(STILL_LATE) == [before, escalated, after]
    assert run_at(STILL_LATE + SECOND) == [before, escalated, after]


def test_a_claim_without_a_reviewer_goes_to_the_leads_alone(file_on_monday, lead):
    file_on_monday(Status.SUBMITTED)

    assert run_at(SOON) == []
    assert run_at(STILL_LATE) == [("review_escalated", lead.email)]
    assert Message.objects.get(kind="review_escalated").context["reviewer"] == "No one"


def test_without_a_lead_no_one_is_told_until_there_is_one(file_on_monday):
    file_on_monday(Status.SUBMITTED)
    User.objects.create(email="root@northwind.example", is_staff=True, is_superuser=True)

    assert run_at(STILL_LATE) == []
    assert not Reminder.objects.exists()


def test_a_lead_with_a_stake_is_not_told(file_on_monday, lead, partner):
    neutral = cast.make_staff(REVIEW_LEAD, email="nina@northwind.example")
    cast.make_member(partner, user=lead)
    file_on_monday(Status.SUBMITTED)

    assert run_at(STILL_LATE) == [("review_escalated", neutral.email)]


def test_a_reviewer_who_may_not_review_it_any_longer_is_not_told(file_on_monday, reviewer, partner):
    file_on_monday(Status.UNDER_REVIEW)
    cast.make_member(partner, user=reviewer)

    assert run_at(SOON) == []
    assert run_at(LATE) == []


def test_what_was_decided_is_not_reminded_of_and_the_next_step_is(file_on_monday, reviewer, admin):
    decided, begun = file_on_monday(Status.UNDER_REVIEW), file_on_monday(Status.SUBMITTED)
    with cast.at(SOON + SECOND):
        decisions.approve_claim(decided, actor=reviewer, now=timezone.now())
        decisions.begin_review(begun, actor=reviewer, now=timezone.now())
    begun.refresh_from_db()

    assert run_at(UNTIL - SECOND) == []
    assert run_at(begun.due_at - SECOND) == [("review_due_soon", reviewer.email)]


@pytest.mark.parametrize(
    "change",
    [{"status": Status.APPROVED}, {"due_at": None}, {"due_at": UNTIL + LATE_FOR}],
    ids=str,
)
def test_what_changed_since_the_sweep_looked_is_seen_under_the_lock(
    file_on_monday, monkeypatch, change
):
    claim = file_on_monday(Status.UNDER_REVIEW)
    remind = staff_reminders.remind_each

    def change_first(claim_ids, kind, *, send):
        Claim.objects.filter(pk=claim.pk).update(**change)
        remind(claim_ids, kind, send=send)

    monkeypatch.setattr(staff_reminders, "remind_each", change_first)

    assert run_at(SOON) == []
    assert not Reminder.objects.exists()


def test_what_has_been_late_for_long_is_only_on_the_pages(file_on_monday, lead):
    file_on_monday(Status.UNDER_REVIEW)

    assert run_at(UNTIL + LATE_FOR) == []


def test_a_reviewer_who_gets_it_late_is_told_of_the_same_deadline(file_on_monday, reviewer):
    claim = file_on_monday(Status.SUBMITTED)
    run_at(SOON)
    with cast.at(SOON + SECOND):
        assignment.assign_claim(claim, actor=reviewer, now=timezone.now())

    assert run_at(SOON + 2 * SECOND) == [("review_due_soon", reviewer.email)]


def test_a_sweep_with_nothing_to_send_costs_the_same_at_any_number_of_claims(file_on_monday, lead):
    def count_queries():
        with CaptureQueriesContext(connection) as captured:
            remind_staff(now=SOON - SECOND)
        return len(captured)

    file_on_monday(Status.UNDER_REVIEW)
    one = count_queries()
    for _each in range(2):
        file_on_monday(Status.UNDER_REVIEW)

    assert count_queries() == one == 4


def test_the_task_reminds(file_on_monday, reviewer):
    file_on_monday(Status.UNDER_REVIEW)

    with cast.at(SOON):
        remind_of_deadlines()

    assert list_emails() == [("review_due_soon", reviewer.email)]
