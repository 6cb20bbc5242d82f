"""The notice to the customer: when its clock starts, stops and starts again [R20, R21, R27, R29]."""

import datetime as dt

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone, translation

from associations.claims.deadlines import end_of_business_days
from associations.claims.lifecycle import LifecycleError
from associations.customer import notice_outcomes, notices, optout
from associations.customer.delivered import is_delivered
from associations.display.sentences import describe_deadline
from associations.enums import Actor, AssociationStatus, EventKind, NoticeStatus, Status
from associations.finalisation import sweep
from associations.models import Claim
from notifications.delivery import deliver_due
from notifications.models import Message
from notifications.outcomes import mark_bounced
from notifications.words.rendering import Rendered
from tests import cast
from tests.servers.smtp import Behaviour

pytestmark = pytest.mark.django_db
#: A Friday in Sao Paulo at 15:00, the example of R5.
FRIDAY = dt.datetime(2026, 3, 6, 18, 0, tzinfo=dt.UTC)
NEXT_FRIDAY_MIDNIGHT = dt.datetime(2026, 3, 14, 3, 0, tzinfo=dt.UTC)
WORDS = Rendered("Subject", "Text", "<p>HTML</p>")


def notice_of(claim, role="customer"):
    return notices.in_force(claim).get(role=role)


def correct(claim, admin, **changes):
    return cast.correct_contact(claim, admin, **{"language": "pt-br"} | changes)


def test_approval_queues_a_notice_and_opens_no_window(approve):
    claim = approve()

    assert claim.due_at is None
    assert claim.turn == Actor.CUSTOMER
    assert notice_of(claim).status == NoticeStatus.QUEUED
    assert Message.objects.get(kind="customer_notice").to_address == "carla@fabrikam.example"
    assert claim.events.filter(kind=EventKind.NOTICE_QUEUED).count() == 1


def test_the_window_opens_when_the_mail_server_accepted_the_notice(approve):
    claim = approve()

    with time_machine.travel(FRIDAY, tick=False):
        notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())

    claim.refresh_from_db()
    assert claim.window_opened_at == FRIDAY
    assert claim.due_at == NEXT_FRIDAY_MIDNIGHT
    assert claim.due_time_zone == "America/Sao_Paulo"
    assert notice_of(claim).sent_at == FRIDAY


def test_business_applications_wait_for_both_contacts(approve):
    claim = approve(codes=("sales",))

    with time_machine.travel(FRIDAY - dt.timedelta(days=3), tick=False):
        notice_outcomes.record_sent(notice_of(claim, "technical").pk, WORDS, now=timezone.now())
    claim.refresh_from_db()
    assert claim.due_at is None

    with time_machine.travel(FRIDAY, tick=False):
        notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())
    claim.refresh_from_db()
    assert claim.due_at == NEXT_FRIDAY_MIDNIGHT


def test_hearing_twice_of_an_acceptance_moves_no_deadline(approve):
    claim = approve()
    notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())
    claim.refresh_from_db()
    due_at, events = claim.due_at, claim.events.count()

    with time_machine.travel(timezone.now() + dt.timedelta(days=4), tick=False):
        notice_outcomes.record_sent(
            notice_of(claim).pk, Rendered("Other", "Other", "Other"), now=timezone.now()
        )

    claim.refresh_from_db()
    assert (claim.due_at, claim.events.count()) == (due_at, events)
    assert notice_of(claim).subject == "Subject"


def test_an_undelivered_notice_stops_the_clock_and_the_partner_is_told(approve, admin):
    claim = approve()

    notice_outcomes.record_failed(
        notice_of(claim).pk, failure="550 no such user", now=timezone.now()
    )

    claim.refresh_from_db()
    assert claim.due_at is None
    assert claim.turn == Actor.PARTNER
    assert notice_of(claim).failure == "550 no such user"
    mail = Message.objects.get(kind="notice_failed")
    assert mail.to_address == admin.email
    assert "carla@fabrikam.example" in mail.context["contact"]
    assert claim.events.get(kind=EventKind.NOTICE_FAILED).reason == "550 no such user"


def test_one_failed_contact_of_two_keeps_the_window_shut(approve):
    claim = approve(codes=("sales",))

    notice_outcomes.record_failed(
        notice_of(claim, "technical").pk, failure="550", now=timezone.now()
    )
    notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())

    claim.refresh_from_db()
    assert claim.due_at is None
    assert not is_delivered(claim)


def test_a_bounce_after_the_acceptance_stops_a_running_clock(approve):
    claim = approve()
    notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())

    notice_outcomes.record_failed(
        notice_of(claim).pk, failure="mailbox does not exist", now=timezone.now()
    )

    claim.refresh_from_db()
    assert claim.due_at is None
    assert not is_delivered(claim)


def test_nothing_becomes_official_on_an_undelivered_notice(approve):
    queued, bounced = approve(), None
    far = timezone.now() + dt.timedelta(days=365)
    sweep.finalise_due(at=far)
    queued.refresh_from_db()
    assert queued.status == Status.APPROVED

    notice_outcomes.record_sent(notice_of(queued).pk, WORDS, now=timezone.now())
    notice_outcomes.record_failed(notice_of(queued).pk, failure="bounced", now=timezone.now())
    sweep.finalise_due(at=far)

    bounced = Claim.objects.get(pk=queued.pk)
    assert bounced.status == Status.APPROVED
    assert set(bounced.associations.values_list("status", flat=True)) == {
        AssociationStatus.PROPOSED
    }


def test_a_deadline_in_the_row_does_not_help_an_undelivered_notice(approve):
    """The finaliser asks for the notice itself and does not trust the clock alone."""
    claim = approve()
    notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())
    claim.notices.update(status=NoticeStatus.FAILED)
    claim.refresh_from_db()
    assert claim.due_at is not None

    sweep.finalise_due(at=cast.over(claim))

    claim.refresh_from_db()
    assert claim.status == Status.APPROVED
    assert not claim.associations.exclude(status=AssociationStatus.PROPOSED).exists()


def test_a_corrected_contact_gets_a_new_notice_and_a_full_new_window(approve, admin):
    claim = approve()
    old = notice_of(claim)
    with time_machine.travel(FRIDAY - dt.timedelta(days=3), tick=False):
        notice_outcomes.record_sent(old.pk, WORDS, now=timezone.now())
        notice_outcomes.record_failed(old.pk, failure="bounced", now=timezone.now())

    correct(claim, admin)
    new = notice_of(claim)
    claim.refresh_from_db()
    assert (claim.due_at, claim.turn) == (None, Actor.CUSTOMER)
    with time_machine.travel(FRIDAY, tick=False):
        notice_outcomes.record_sent(new.pk, WORDS, now=timezone.now())

    claim.refresh_from_db()
    assert claim.due_at == NEXT_FRIDAY_MIDNIGHT
    assert (new.email, new.language) == ("clara@fabrikam.example", "pt-br")
    assert claim.contacts.get(role="customer").title == "CFO"
    event = claim.events.get(kind=EventKind.CONTACT_CORRECTED)
    assert "carla@fabrikam.example" in event.subjects
    assert "clara@fabrikam.example" in event.subjects


def test_the_link_of_the_old_address_is_dead_and_the_new_one_works(approve, admin):
    claim = approve()
    old = notice_of(claim)
    notice_outcomes.record_failed(old.pk, failure="550", now=timezone.now())

    correct(claim, admin)

    assert optout.find_link(old.token, at=timezone.now()) is None
    assert optout.find_link(notice_of(claim).token, at=timezone.now()).claim == claim


def test_news_of_a_replaced_notice_change_nothing(approve, admin):
    claim = approve()
    old = notice_of(claim)
    notice_outcomes.record_failed(old.pk, failure="550", now=timezone.now())
    correct(claim, admin)
    events = claim.events.count()

    notice_outcomes.record_sent(old.pk, WORDS, now=timezone.now())
    notice_outcomes.record_failed(old.pk, failure="late bounce", now=timezone.now())

    claim.refresh_from_db()
    assert (claim.due_at, claim.turn) == (None, Actor.CUSTOMER)
    assert claim.events.count() == events


def test_a_notice_that_is_on_its_way_cannot_be_corrected(approve, admin):
    claim = approve()

    with pytest.raises(LifecycleError):
        correct(claim, admin)

    assert notice_of(claim).email == "carla@fabrikam.example"


def test_every_contact_gets_a_new_notice_for_they_get_a_new_deadline(approve, admin):
    claim = approve(codes=("sales",))
    tokens = set(claim.notices.values_list("token", flat=True))
    notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())
    notice_outcomes.record_failed(
        notice_of(claim, "technical").pk, failure="550", now=timezone.now()
    )

    correct(claim, admin, role="technical", email="tina@fabrikam.example")

    fresh = notices.in_force(claim)
    assert {each.status for each in fresh} == {NoticeStatus.QUEUED}
    assert {each.email for each in fresh} == {"carla@fabrikam.example", "tina@fabrikam.example"}
    assert not tokens & {each.token for each in fresh}


def test_a_bounce_after_it_became_official_leaves_what_was_decided(approve):
    claim = approve()
    notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())
    claim.refresh_from_db()
    sweep.finalise_due(at=cast.over(claim))

    notice_outcomes.record_failed(notice_of(claim).pk, failure="late bounce", now=timezone.now())

    claim.refresh_from_db()
    assert claim.status == Status.OFFICIAL
    assert claim.events.filter(kind=EventKind.NOTICE_FAILED).count() == 1
    assert not Message.objects.filter(kind="notice_failed").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_what_is_kept_is_what_the_mail_server_got(approve, admin, smtp_server, language):
    with transaction.atomic():
        claim = approve()
        notice_outcomes.record_failed(notice_of(claim).pk, failure="550", now=timezone.now())
        correct(claim, admin, language=language)
    claim.notices.exclude(role="customer").delete()

    deliver_due()

    notice, claim = notice_of(claim), Claim.objects.get(pk=claim.pk)
    received = [m for m in smtp_server.messages if m.recipients == ("clara@fabrikam.example",)]
    assert len(received) == 1
    mail = received[0]
    assert notice.subject == mail.subject
    assert notice.text.split() == mail.text.split()
    assert notice.html.split() == mail.html.split()
    expected = end_of_business_days(
        claim.window_opened_at, 5, country="BR", time_zone="America/Sao_Paulo"
    )
    assert claim.due_at == expected
    with translation.override(language):
        deadline = describe_deadline(claim.due_at, claim.due_time_zone)
    for text in (notice.text, notice.html):
        assert f"/opt-out/{notice.token}/" in text
        assert deadline in " ".join(text.split())
        assert "/about-cpor/" in text
    assert mail.parsed["List-Unsubscribe"] is None  # a mail program would opt out on its own [R27]
    assert mail.parsed["List-Unsubscribe-Post"] is None


@pytest.mark.django_db(transaction=True)
def test_the_outbox_brings_refusal_and_bounce_to_the_notice(approve, admin, smtp_server):
    with transaction.atomic():
        claim = approve()
    deliver_due()
    message = Message.objects.get(kind="customer_notice")
    assert notice_of(claim).status == NoticeStatus.SENT

    mark_bounced(message, reason="mailbox does not exist")

    claim.refresh_from_db()
    assert notice_of(claim).status == NoticeStatus.FAILED
    assert claim.due_at is None


@pytest.mark.django_db(transaction=True)
def test_an_address_that_the_mail_server_refuses_opens_no_window(approve, admin, smtp_server):
    smtp_server.rule = lambda address: (
        Behaviour.REFUSE if address.startswith("carla@") else Behaviour.ACCEPT
    )
    with transaction.atomic():
        claim = approve()

    deliver_due()

    claim.refresh_from_db()
    assert notice_of(claim).status == NoticeStatus.FAILED
    assert "550" in notice_of(claim).failure
    assert (claim.due_at, claim.turn) == (None, Actor.PARTNER)
    assert Message.objects.get(kind="notice_failed").to_address == admin.email
