"""Each time the clock stops, the partner is told; each email has the key of its own occasion [R14, R21]."""

import pytest
from django.db import transaction
from django.utils import timezone

from associations.customer import notice_outcomes, notices, optout
from associations.enums import EventKind, NoticeStatus, Status
from associations.finalisation import sweep
from notifications.delivery import deliver_due
from notifications.models import Message
from notifications.outcomes import mark_bounced, retry_now
from notifications.words.rendering import Rendered
from tests import cast
from tests.servers.smtp import Behaviour

pytestmark = pytest.mark.django_db
WORDS = Rendered("Subject", "Text", "<p>HTML</p>")


def count(kind):
    return Message.objects.filter(kind=kind).count()


def refuse_carla(address):
    return Behaviour.REFUSE if address.startswith("carla@") else Behaviour.ACCEPT


def try_again():
    """As staff do in admin."""
    message = Message.objects.get(kind="customer_notice")
    assert retry_now(message, now=message.created_at)
    deliver_due()


@pytest.fixture
def refused(smtp_server, approve, transactional_db):
    """A claim whose notice the mail server refused for good."""
    smtp_server.rule = refuse_carla
    with transaction.atomic():
        claim = approve()
    deliver_due()
    return claim


def test_a_notice_that_fails_arrives_and_bounces_tells_twice(refused, smtp_server):
    smtp_server.rule = lambda address: Behaviour.ACCEPT
    try_again()
    refused.refresh_from_db()
    assert refused.due_at is not None

    mark_bounced(Message.objects.get(kind="customer_notice"), reason="mailbox gone")

    refused.refresh_from_db()
    assert refused.due_at is None
    mails = Message.objects.filter(kind="notice_failed").order_by("pk")
    assert ["550" in mails[0].context["failure"], mails[1].context["failure"]] == [
        True,
        "mailbox gone",
    ]


def test_a_notice_that_staff_had_tried_again_in_vain_tells_twice(refused):
    try_again()

    assert count("notice_failed") == 2
    assert refused.events.filter(kind=EventKind.NOTICE_FAILED).count() == 2


def test_hearing_twice_of_one_failure_tells_once(approve):
    claim = approve()
    notice = notices.in_force(claim).get()

    for _ in range(2):
        notice_outcomes.record_failed(notice.pk, failure="550", now=timezone.now())

    assert count("notice_failed") == 1
    assert claim.events.filter(kind=EventKind.NOTICE_FAILED).count() == 1


def test_a_clock_that_the_finaliser_stops_is_told_of_too(approve):
    claim = approve()
    notice_outcomes.record_sent(notices.in_force(claim).get().pk, WORDS, now=timezone.now())
    claim.notices.update(status=NoticeStatus.FAILED, failure="550 no such user")
    claim.refresh_from_db()

    over = cast.over(claim)
    for _ in range(2):
        sweep.finalise_due(at=over)

    claim.refresh_from_db()
    assert (claim.status, claim.due_at) == (Status.APPROVED, None)
    mail = Message.objects.get(kind="notice_failed")
    assert mail.context["failure"] == "550 no such user"


def test_refusing_taking_back_and_refusing_again_tells_each_time(approve):
    claim = approve()
    notice_outcomes.record_sent(notices.in_force(claim).get().pk, WORDS, now=timezone.now())
    token = notices.in_force(claim).get().token
    products = list(claim.associations.values_list("reference", flat=True))

    for act in (optout.opt_out, optout.take_back, optout.opt_out):
        for _ in range(2):  # a second click
            act(token, products, at=timezone.now())

    for reader in ("customer", "partner", "staff"):
        assert count(f"{reader}_opted_out") == 2
        assert count(f"{reader}_opt_out_taken_back") == 1


def test_two_corrections_make_two_notices_and_two_requests(approve, admin):
    claim = approve()
    for name in ("clara", "celia"):
        notice_outcomes.record_failed(
            notices.in_force(claim).get().pk, failure="550", now=timezone.now()
        )
        cast.correct_contact(claim, admin, email=f"{name}@fabrikam.example")

    assert count("notice_failed") == 2
    assert count("customer_notice") == 3
