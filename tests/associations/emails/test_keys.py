"""What makes an email unique: the same occasion queues one, its second occurrence another."""

import pytest
from django.utils import timezone

from associations import emails
from associations.claims.history import SYSTEM, record_event
from associations.enums import EventKind, InformationReason, RejectionReason, Status
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(partner, admin, tenant, reviewer):
    claim = cast.walk(
        cast.make_draft(partner, admin, tenant), Status.APPROVED, actor=admin, reviewer=reviewer
    )
    Message.objects.all().delete()
    claim.rejection_reason = RejectionReason.POE_UNAVAILABLE
    return claim


#: Each email about a move of a claim, as it is queued for one occasion.
TOLD = {
    "submitted": lambda claim: emails.claim_submitted(claim, products=["Teams"]),
    "asked": lambda claim: emails.claim_action_required(
        claim, reasons=list(InformationReason)[:1], words=""
    ),
    "approved": lambda claim: emails.claim_approved(claim, products=["Teams"], words=""),
    "rejected": lambda claim: emails.claim_rejected(claim, now=timezone.now()),
    "lost": lambda claim: emails.dispute_lost(claim, words="No."),
    "answered": lambda claim: emails.partner_answered(claim, answer="Here."),
    "disputed": lambda claim: emails.claim_disputed(claim, justification="But.", newer_proof=[]),
}


@pytest.mark.parametrize("tell", TOLD.values(), ids=TOLD)
def test_the_same_occasion_is_told_once_and_the_next_again(claim, tell):
    tell(claim)
    tell(claim)
    assert Message.objects.count() == 1

    record_event(claim, EventKind.EDITED, by=SYSTEM, now=timezone.now())
    tell(claim)

    assert Message.objects.count() == 2


def test_one_decision_of_the_customer_is_told_to_three_and_its_repeat_to_no_one(claim):
    notice = claim.notices.first()
    notice.claim = claim
    first, second = (
        record_event(claim, EventKind.OPTED_OUT, by=SYSTEM, now=timezone.now()) for _ in range(2)
    )

    for event in (first, first):
        emails.opted_out(notice, event, products=["Teams"], reason="", now=timezone.now())
    assert sorted(Message.objects.values_list("kind", flat=True)) == [
        "customer_opted_out",
        "partner_opted_out",
        "staff_opted_out",
    ]

    emails.opted_out(notice, second, products=["Teams"], reason="", now=timezone.now())
    assert Message.objects.count() == 6


def test_a_notice_knows_its_email(partner, admin, tenant, reviewer):
    claim = cast.walk(
        cast.make_draft(partner, admin, tenant), Status.APPROVED, actor=admin, reviewer=reviewer
    )

    notice = claim.notices.get()

    assert notice.message == Message.objects.get(kind="customer_notice")
