"""A window never ends before a notice in force said it would [R21]."""

import datetime as dt

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone, translation

from associations.claims import deadlines
from associations.customer import notice_outcomes, notices
from associations.display.sentences import describe_deadline
from associations.enums import DayKind, NoticeStatus, Window
from associations.models import Claim, TimeLimit
from notifications.delivery import deliver_due
from notifications.models import Message
from notifications.signals import UnwantedMail
from notifications.words.rendering import Rendered
from tests import cast

pytestmark = pytest.mark.django_db
#: A Friday in Sao Paulo at 15:00.
FRIDAY = dt.datetime(2026, 3, 6, 18, 0, tzinfo=dt.UTC)
MONDAY = FRIDAY + dt.timedelta(days=3)
FAR = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
WORDS = Rendered("Subject", "Text", "<p>HTML</p>")


def shorten_limit(days=1):
    TimeLimit.objects.filter(window=Window.CUSTOMER_OPT_OUT).delete()
    TimeLimit.objects.create(window=Window.CUSTOMER_OPT_OUT, days=days, day_kind=DayKind.BUSINESS)


def deliver_one(claim, role, *, at):
    """Let the outbox send one notice at an instant of the domain's clock; the others wait."""
    mine = Message.objects.filter(pk=claim.notices.get(role=role).message_id)
    others = Message.objects.exclude(pk__in=mine.values("pk"))
    others.filter(state="queued").update(next_attempt_at=FAR)
    mine.update(next_attempt_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    with time_machine.travel(at, tick=False):
        deliver_due()
    return claim.notices.get(role=role)


def named_in(notice, instant, zone="America/Sao_Paulo"):
    with translation.override(notice.language):
        words = describe_deadline(instant, zone)
    return words in " ".join(notice.text.split())


@pytest.fixture
def two(approve):
    """A claim with two notices that are queued."""
    with transaction.atomic():
        return approve(codes=("sales",))


def change_limit(claim, monkeypatch):
    shorten_limit()


def move_customer(claim, monkeypatch):
    """To where the business day ends many hours earlier."""
    claim.tenant.time_zone = "Pacific/Auckland"
    claim.tenant.country = "NZ"
    claim.tenant.save()


def correct_holidays(claim, monkeypatch):
    """A holiday that was known at the first notice is none at the second."""
    monkeypatch.undo()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [change_limit, move_customer, correct_holidays])
def test_whatever_changes_between_two_notices_the_first_is_kept(
    two, smtp_server, monkeypatch, change
):
    real = deadlines.end_of_business_days
    monkeypatch.setattr(
        deadlines,
        "end_of_business_days",
        lambda start, days, **where: real(start, days + 1, **where),
    )
    first = deliver_one(two, "customer", at=FRIDAY)
    promised = first.promised_until
    assert named_in(first, promised)

    change(two, monkeypatch)
    second = deliver_one(two, "technical", at=FRIDAY + dt.timedelta(minutes=1))

    claim = Claim.objects.get(pk=two.pk)
    assert claim.due_at >= promised
    assert named_in(second, claim.due_at, claim.due_time_zone)
    assert second.promised_until == claim.due_at


@pytest.mark.django_db(transaction=True)
def test_the_promise_that_is_kept_is_the_one_in_the_words(two, smtp_server):
    """The limit changes between queueing and sending: the words are made as it is sent."""
    shorten_limit()

    first = deliver_one(two, "customer", at=FRIDAY)

    assert first.promised_until == dt.datetime(2026, 3, 10, 3, 0, tzinfo=dt.UTC)  # Monday 9, 24:00
    assert first.promised_time_zone == "America/Sao_Paulo"
    assert named_in(first, first.promised_until)


@pytest.mark.django_db(transaction=True)
def test_a_notice_tried_again_never_names_an_earlier_day_than_before(two, smtp_server):
    """The first attempt may have arrived although the mail server's answer was lost."""
    notice = two.notices.get(role="customer")
    with time_machine.travel(FRIDAY, tick=False):
        _notice, before = notices.make_promise(notice.pk, now=timezone.now())
    shorten_limit()

    again = deliver_one(two, "customer", at=FRIDAY + dt.timedelta(minutes=1))

    assert again.promised_until == before.at
    assert named_in(again, before.at)


def test_a_failed_notice_that_is_sent_after_all_keeps_the_others_promise(approve):
    claim = approve(codes=("sales",))
    one, two = claim.notices.get(role="customer"), claim.notices.get(role="technical")
    with time_machine.travel(FRIDAY, tick=False):
        _one, promise = notices.make_promise(one.pk, now=timezone.now())
        notice_outcomes.record_sent(one.pk, WORDS, now=timezone.now())
        notice_outcomes.record_failed(two.pk, failure="550", now=timezone.now())
    shorten_limit()

    with time_machine.travel(FRIDAY + dt.timedelta(hours=1), tick=False):
        notice_outcomes.record_sent(two.pk, WORDS, now=timezone.now())

    claim.refresh_from_db()
    assert claim.due_at == promise.at


def test_replaced_notices_bind_no_longer(approve, admin):
    claim = approve()
    notice = notices.in_force(claim).get()
    with time_machine.travel(FRIDAY, tick=False):
        notices.make_promise(notice.pk, now=timezone.now())
        notice_outcomes.record_failed(notice.pk, failure="550", now=timezone.now())
    shorten_limit()
    cast.correct_contact(claim, admin)

    with time_machine.travel(FRIDAY, tick=False):
        cast.deliver_notices(claim)

    assert claim.due_at == dt.datetime(2026, 3, 10, 3, 0, tzinfo=dt.UTC)


def test_a_notice_that_comes_after_the_window_opened_names_its_end(approve, tenant):
    """To a registered contact: it neither opens nor moves the window [R57]."""
    tenant.registered_contacts.create(name="Rosa", email="rosa@fabrikam.example")
    claim = approve()
    with time_machine.travel(FRIDAY, tick=False):
        notice_outcomes.record_sent(
            claim.notices.get(role="customer").pk, WORDS, now=timezone.now()
        )
    claim.refresh_from_db()

    with time_machine.travel(MONDAY, tick=False):
        notice, promise = notices.make_promise(
            claim.notices.get(role="registered").pk, now=timezone.now()
        )
        notice_outcomes.record_sent(notice.pk, WORDS, now=timezone.now())

    due_at = claim.due_at
    claim.refresh_from_db()
    assert promise.at == claim.due_at == due_at


def test_a_notice_is_not_sent_once_the_window_is_over(approve, tenant):
    tenant.registered_contacts.create(name="Rosa", email="rosa@fabrikam.example")
    claim = approve()
    notice_outcomes.record_sent(claim.notices.get(role="customer").pk, WORDS, now=timezone.now())
    claim.refresh_from_db()

    with time_machine.travel(claim.due_at, tick=False), pytest.raises(UnwantedMail):
        notices.make_promise(claim.notices.get(role="registered").pk, now=timezone.now())


def test_a_registered_contact_whose_notice_went_first_is_kept_its_word_too(approve, tenant):
    tenant.registered_contacts.create(name="Rosa", email="rosa@fabrikam.example")
    claim = approve()
    with time_machine.travel(FRIDAY, tick=False):
        notice, promise = notices.make_promise(
            claim.notices.get(role="registered").pk, now=timezone.now()
        )
        notice_outcomes.record_sent(notice.pk, WORDS, now=timezone.now())
    shorten_limit()

    with time_machine.travel(FRIDAY + dt.timedelta(minutes=5), tick=False):
        notice_outcomes.record_sent(
            claim.notices.get(role="customer").pk, WORDS, now=timezone.now()
        )

    claim.refresh_from_db()
    assert claim.due_at == promise.at
    assert set(claim.notices.values_list("status", flat=True)) == {NoticeStatus.SENT}
