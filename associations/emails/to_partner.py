"""Emails to the claim's partner contact, or to the people responsible for it now (``recipients``)."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cpor_site.web.instants import to_microseconds
from notifications.outbox import Recipient
from notifications.words.blocks import Letter
from partners.models import User

from ..display.sentences import describe_deadline, describe_dispute, describe_due, join_products
from ..enums import Actor, ClaimEmail, InformationReason, ParkedReason, RejectionReason
from ..models import Association, Claim, Comment, CustomerNotice, CustomerRequest, Event
from .recipients import find_owner_recipients, find_partner_recipients
from .wording import (
    Value,
    absolute,
    describe_claim,
    name_step,
    name_window,
    queue,
    read_early,
    say_stand,
)

#: Their templates say with whom the claim is: set-based SQL queues them without the recipient's language.
SAY_THEIR_LANE = (ClaimEmail.CLAIM_OFFICIAL,)


def claim_submitted(claim: Claim, *, products: Iterable[str]) -> None:
    """Confirm that the claim is with the reviewers, and state their deadline."""
    tell_contact(
        ClaimEmail.CLAIM_SUBMITTED,
        claim,
        products=", ".join(products),
        deadline=lambda: describe_due(claim),
    )


def claim_action_required(
    claim: Claim, *, reasons: Iterable[InformationReason], words: str
) -> None:
    """Ask for what the reviewer needs, with their message ``words``, by the claim's deadline [R17]."""
    values = values_of_request(claim, reasons=reasons, words=words)
    _tell_contact(ClaimEmail.CLAIM_ACTION_REQUIRED, claim, values)


def values_of_request(
    claim: Claim, *, reasons: Iterable[InformationReason], words: str
) -> dict[str, Value]:
    return {
        "reasons": lambda: "\n".join(str(InformationReason(each).label) for each in reasons),
        "words": words or _("The reviewer left no message."),
        "deadline": lambda: describe_due(claim),
    }


def answer_reminder(claim: Claim) -> None:
    """Remind of the deadline to answer a request; once in its window [R61]."""
    _remind(ClaimEmail.ANSWER_REMINDER, claim, words=claim.reviewer_message)


def dispute_reminder(claim: Claim) -> None:
    """Remind of the deadline to dispute a rejection; once in its window [R61]."""
    reason = RejectionReason(claim.rejection_reason).label
    _remind(ClaimEmail.DISPUTE_REMINDER, claim, reason=lambda: str(reason))


def _remind(kind: ClaimEmail, claim: Claim, **values: Value) -> None:
    tell_contact(
        kind,
        claim,
        key=name_window(kind, claim),
        deadline=lambda: describe_due(claim),
        **values,
    )


def claim_approved(claim: Claim, *, products: Iterable[str], words: str) -> None:
    """Say that the claim is approved and that the customer will be asked."""
    values = values_of_approval(products=products, words=words)
    _tell_contact(ClaimEmail.CLAIM_APPROVED, claim, values)


def values_of_approval(*, products: Iterable[str], words: str) -> dict[str, Value]:
    return {"products": ", ".join(products), "words": words}


def claim_rejected(claim: Claim, *, now: dt.datetime, words: str = "") -> None:
    """Say that the claim is rejected, why, and what can be done until when (section 6)."""
    values = values_of_rejection(claim, words=words, now=now)
    _tell_contact(ClaimEmail.CLAIM_REJECTED, claim, values)


def values_of_rejection(claim: Claim, *, words: str, now: dt.datetime) -> dict[str, Value]:
    return {
        "reason": lambda: str(RejectionReason(claim.rejection_reason).label),
        "words": words,
        "what_next": lambda: describe_dispute(claim, now=now),
    }


def claim_official(claim: Claim, *, products: Iterable[str]) -> None:
    """Say that the claim is official. Set-based SQL queues the same email (``finalisation/bulk.py``)."""
    key = f"claim-official:{claim.pk}"
    tell_contact(ClaimEmail.CLAIM_OFFICIAL, claim, key=key, products=", ".join(products))


def products_official(claim: Claim, event: Event, *, products: Iterable[str]) -> None:
    """Say that ``products``, set aside when their claim became official, are now official too."""
    key = f"product-official:{claim.pk}:{event.number}"
    tell_contact(ClaimEmail.CLAIM_OFFICIAL, claim, key=key, products=", ".join(products))


def claim_set_aside(
    claim: Claim, event: Event, *, reasons: Mapping[Association, ParkedReason]
) -> None:
    """Say which products could not become official yet, and why [R29]."""
    tell_contact(
        ClaimEmail.CLAIM_SET_ASIDE,
        claim,
        key=f"claim-set-aside:{claim.pk}:{event.number}",
        products=lambda: join_products(reasons),
        why=lambda: "; ".join(sorted({str(each.label) for each in reasons.values()})),
    )


def dispute_lost(claim: Claim, *, words: str) -> None:
    """Say that the dispute was rejected, with the reviewer's message ``words``."""
    tell_contact(ClaimEmail.DISPUTE_LOST, claim, words=words)


def notice_failed(notice: CustomerNotice, event: Event) -> None:
    """Ask for another contact: the notice could not be delivered [R21]."""
    tell_contact(
        ClaimEmail.NOTICE_FAILED,
        notice.claim,
        key=f"notice-failed:{notice.pk}:{event.number}",
        contact=f"{notice.name} <{notice.email}>",
        failure=notice.failure,
    )


def notice_wrong_person(notice: CustomerNotice, event: Event) -> None:
    """Ask for another contact: this one says that they are not the right person [R22]."""
    tell_contact(
        ClaimEmail.NOTICE_WRONG_PERSON,
        notice.claim,
        key=f"notice-wrong-person:{notice.pk}:{event.number}",
        contact=f"{notice.name} <{notice.email}>",
    )


def comment_for_partner(claim: Claim, comment: Comment) -> None:
    """Send a comment by staff to the partner [R18]."""
    tell_contact(
        ClaimEmail.COMMENT_FOR_PARTNER,
        claim,
        key=f"comment:{comment.pk}",
        stand=say_stand(claim, reader=Actor.PARTNER, at=comment.created_at),
        author=comment.signature,
        text=comment.text,
    )


def draft_expires(draft: Claim, *, due_at: dt.datetime) -> None:
    """Warn the author of a draft that it will be deleted after ``due_at``; once after each change."""
    _tell_owner(
        ClaimEmail.DRAFT_EXPIRES,
        draft,
        draft.created_by,
        key=f"draft-expires:{draft.pk}:{to_microseconds(draft.updated_at)}",
        **describe_claim(draft),
        deadline=lambda: describe_deadline(due_at, draft.location.time_zone),
    )


def customer_added(claim: Claim, request: CustomerRequest) -> None:
    """Tell the person who asked for a customer that they can continue with the draft [R58]."""
    _answer_request(ClaimEmail.CUSTOMER_ADDED, claim, request)


def customer_declined(claim: Claim, request: CustomerRequest) -> None:
    """Tell the person who asked for a customer why it was not added [R58]."""
    _answer_request(ClaimEmail.CUSTOMER_DECLINED, claim, request, words=request.answer)


def _answer_request(
    kind: ClaimEmail, claim: Claim, request: CustomerRequest, **values: Value
) -> None:
    page = reverse("associations:claim-page", args=[claim.reference, "customer"])
    _tell_owner(
        kind,
        claim,
        request.asked_by,
        key=f"customer-request:{request.pk}:{request.state}",
        reference=claim.reference,
        claim_name=claim.name,
        organisation=request.organisation,
        domain=request.domain,
        url=absolute(page),
        **values,
    )


def tell_contact(kind: ClaimEmail, claim: Claim, *, key: str = "", **values: Value) -> None:
    """Queue an email to the partner contact; without a ``key`` it is about the claim's newest step."""
    _tell_contact(kind, claim, values, key=key)


def _tell_contact(
    kind: ClaimEmail, claim: Claim, values: dict[str, Value], *, key: str = ""
) -> None:
    facts = _state_facts(kind, claim)
    for own_key, to in find_partner_recipients(claim, key=key or name_step(kind, claim)).items():
        queue(kind, key=own_key, to=to, values={**facts, **values})


def preview_to_contact(
    kind: ClaimEmail, claim: Claim, *, to: Recipient, values: dict[str, Value]
) -> Letter:
    """Return what ``tell_contact`` would send ``to``; ``claim`` is as it would be by then."""
    return read_early(kind, to=to, values={**_state_facts(kind, claim), **values})


def _state_facts(kind: ClaimEmail, claim: Claim) -> dict[str, Value]:
    facts = describe_claim(claim)
    if kind not in SAY_THEIR_LANE:
        facts["stand"] = say_stand(claim, reader=Actor.PARTNER)
    return facts


def _tell_owner(kind: ClaimEmail, claim: Claim, owner: User, *, key: str, **values: Value) -> None:
    """Queue an email to ``owner``, or to the people responsible for the claim now."""
    values = {"stand": say_stand(claim, reader=Actor.PARTNER), **values}
    for own_key, to in find_owner_recipients(claim, owner, key=key).items():
        queue(kind, key=own_key, to=to, values=values)
