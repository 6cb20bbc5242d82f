"""A partner who answers in the moment in which the reminder is queued gets none [R61]."""

import datetime as dt
import threading

import pytest
from django.db import transaction
from django.utils import timezone

from associations.enums import Status
from associations.filing import submission
from associations.models import Reminder
from associations.review.partner_reminders import remind_partners
from notifications.models import Message
from tests import cast

from .racing import race, wait_for_a_waiter, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LONG, SHORT = 10, 1  # seconds; no one waits so long unless something hangs


@pytest.mark.parametrize("has_locks", [True, False])
def test_an_answer_in_that_moment_is_seen(monkeypatch, has_locks):
    partner = cast.make_partner()
    admin = cast.make_member(partner)
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    asked = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=cast.make_reviewer())
    if not has_locks:
        without_row_locks(monkeypatch)
    is_answered = threading.Event()

    def answer():
        with transaction.atomic():
            submission.answer_request(asked, actor=admin, answer="Here.", now=timezone.now())
            is_answered.set()
            wait_for_a_waiter(longest=LONG if has_locks else SHORT)

    def sweep():
        assert is_answered.wait(LONG)
        remind_partners(now=asked.due_at - dt.timedelta(seconds=1))

    race(answer, sweep)

    assert Message.objects.filter(kind="answer_reminder").exists() != has_locks
    assert Reminder.objects.exists() != has_locks
