"""The customer's side: what a link shows, opting out, taking it back, ending an association [R22]–[R25].

A link is a random token that names one notice. Whatever is wrong with it (unknown, tampered with,
replaced, about a withdrawn claim) looks the same from outside.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .. import emails
from ..claims import lifecycle
from ..claims.grace import is_in_time, is_window_open
from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError, lock_claim
from ..claims.slots import release_slot
from ..enums import AssociationStatus, EventKind, NoticeStatus, RejectionReason, Status
from ..filing.submission import reject_refused
from ..models import Association, Claim, CustomerNotice, Event

TOO_LATE = _("The time to refuse is over, so nothing was changed.")
TOO_LATE_TO_TAKE_BACK = _("The time to take a refusal back is over, so nothing was changed.")


class Stage(StrEnum):
    """What the customer's page can offer now."""

    OPEN = "open"  # may refuse, or take a refusal back
    CLOSING = "closing"  # the window is over, the outcome is about to be written
    HELD = "held"  # the window is over, but all of it is parked: may refuse, for good
    OFFICIAL = "official"  # may end what is official, and refuse for good what is parked
    OVER = "over"  # nothing left to decide; shows the outcome
    GIVEN_UP = "given-up"  # its reader said that they are not the right person


class WindowClosed(LifecycleError):
    """The opt-out window is over."""


@dataclass(frozen=True)
class Link:
    """What a working link is about."""

    notice: CustomerNotice
    stage: Stage

    @property
    def claim(self) -> Claim:
        return self.notice.claim

    def list_associations(self) -> list[Association]:
        """The products that the customer was asked about; what the reviewer excluded is none of them."""
        asked = self.claim.associations.exclude(status=AssociationStatus.EXCLUDED)
        read = ("reference", "status", "product__name", "subscription__subscription_id")
        return list(asked.select_related("product", "subscription").only(*read, "claim"))


def find_link(token: str, *, at: dt.datetime) -> Link | None:
    """Return what the link is about, or None where it must reveal nothing [R25]. Changes nothing."""
    notice = (
        CustomerNotice.objects.in_force()
        .select_related("claim__tenant", "claim__partner", "claim__location")
        .defer("text", "html")
        .filter(token=token)
        .first()
    )
    stage = find_stage(notice.claim, at=at) if notice else None
    if notice is None or stage is None:
        return None
    return Link(notice, Stage.GIVEN_UP if notice.is_wrong_person else stage)


def find_stage(claim: Claim, *, at: dt.datetime) -> Stage | None:
    """What can be done about a claim at the instant ``at``; None for a withdrawn or unapproved one."""
    if claim.status == Status.APPROVED:
        if is_window_open(claim, at=at):
            return Stage.OPEN
        return Stage.HELD if claim.is_parked else Stage.CLOSING
    if claim.status == Status.OFFICIAL:
        return Stage.OFFICIAL
    refused = claim.rejection_reason == RejectionReason.CUSTOMER_OPTED_OUT
    if claim.status == Status.ENDED or (claim.status == Status.REJECTED and refused):
        return Stage.OVER
    return None


@transaction.atomic
def opt_out(token: str, references: Collection[str], *, reason: str = "", at: dt.datetime) -> Link:
    """Refuse some or all of the products, for the contact whose link it is [R23].

    What is parked can be refused after its window too: silence was no consent, and whoever may end an
    association at any time [R24] need not wait for it to begin. ``references`` name associations of
    the claim; ``at`` is the instant at which the person's request arrived (it may have to wait for the
    lock). What arrived in the grace after the deadline counts as in time [R31]. Repeating it changes
    nothing more. Raises UnknownLink, WindowClosed or LifecycleError.
    """
    link = lock_link(token, at=at)
    _require_refusable(link.claim, references, at)
    chosen = _choose(link.claim, references, AssociationStatus.PROPOSED)
    if not chosen:
        return link
    for association in chosen:
        lifecycle.change_association(association, AssociationStatus.OPTED_OUT, now=at)
    _forget_confirmation(link.notice)
    event = _record(link, EventKind.OPTED_OUT, chosen, reason=reason, now=at)
    emails.opted_out(link.notice, event, products=_name(chosen), reason=reason, now=at)
    _settle_parked(link.claim, now=at)
    return link


@transaction.atomic
def take_back(token: str, references: Collection[str], *, at: dt.datetime) -> Link:
    """Take an opt-out back, until the deadline and its grace [R23], [R31].

    A request that arrived in time and found the claim parked comes too late: the outcome is written,
    and only a refusal wins up to the deadline [R31]. Raises as ``opt_out``.
    """
    link = lock_link(token, at=at)
    if link.claim.is_parked or not is_open(link.claim, at=at):
        raise WindowClosed(TOO_LATE_TO_TAKE_BACK)
    chosen = _choose(link.claim, references, AssociationStatus.OPTED_OUT)
    if not chosen:
        return link
    for association in chosen:
        lifecycle.change_association(association, AssociationStatus.PROPOSED, now=at)
    event = _record(link, EventKind.OPT_OUT_TAKEN_BACK, chosen, now=at)
    emails.opt_out_taken_back(link.notice, event, products=_name(chosen), now=at)
    return link


@transaction.atomic
def end_associations(
    token: str, references: Collection[str], *, at: dt.datetime, reason: str = ""
) -> Link:
    """End official associations; data access stops at once, for the slot is released [R24]."""
    link = lock_link(token, at=at)
    lifecycle.require_status(link.claim, Status.OFFICIAL)
    chosen = _choose(link.claim, references, AssociationStatus.OFFICIAL)
    if not chosen:
        return link
    for association in sorted(chosen, key=lambda each: each.slot_key):  # nobody waits in a ring
        lifecycle.change_association(association, AssociationStatus.ENDED, now=at)
        release_slot(association, now=at)
    event = _record(link, EventKind.ASSOCIATION_ENDED, chosen, reason=reason, now=at)
    emails.association_ended(link.notice, event, products=_name(chosen), reason=reason)
    if not link.claim.associations.filter(status=AssociationStatus.OFFICIAL).exists():
        by = By.customer(link.notice.name)
        lifecycle.change_status(link.claim, Status.ENDED, by=by, reason=reason, now=at)
    return link


class UnknownLink(LifecycleError):
    """The link is about nothing that can be shown [R25]."""


class LinkGivenUp(LifecycleError):
    """Its reader said that they are not the right person, so the link decides nothing any more [R22]."""

    def __init__(self):
        super().__init__(
            _("You told us that you are not the right person, so this link decides nothing.")
        )


def lock_link(token: str, *, at: dt.datetime) -> Link:
    """Lock the claim that a link is about and read both again.

    Raises UnknownLink where the link must reveal nothing [R25], LinkGivenUp where it decides nothing.
    """
    link = find_link(token, at=at)
    if link is None:
        raise UnknownLink(_("This link does not work."))
    claim = lock_claim(link.claim.pk)
    notice = CustomerNotice.objects.get(pk=link.notice.pk)
    stage = find_stage(claim, at=at)
    if notice.status == NoticeStatus.REPLACED or stage is None:
        raise UnknownLink(_("This link does not work."))
    if notice.is_wrong_person:
        raise LinkGivenUp
    notice.claim = claim
    return Link(notice, stage)


def is_open(claim: Claim, *, at: dt.datetime) -> bool:
    """Does the customer's time, with the grace after it, run at ``at``, or is it still to begin [R31]?"""
    return claim.status == Status.APPROVED and is_in_time(claim, at=at)


def _require_refusable(claim: Claim, references: Collection[str], at: dt.datetime) -> None:
    """Raise WindowClosed where something named is official already, or is about to be."""
    if is_open(claim, at=at) or claim.is_parked:
        return
    refusable = (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
    named = claim.associations.filter(reference__in=list(references))
    # What an official claim still proposes is parked; a form that names more was sent too late.
    if claim.status != Status.OFFICIAL or named.exclude(status__in=refusable).exists():
        raise WindowClosed(TOO_LATE)


def _record(
    link: Link, kind: EventKind, chosen: list[Association], *, now: dt.datetime, reason: str = ""
) -> Event:
    by = By.customer(link.notice.signature)
    return record_event(link.claim, kind, by=by, reason=reason, subjects=_name(chosen), now=now)


def _name(chosen: list[Association]) -> list[str]:
    return [str(each.product) for each in chosen]


def _forget_confirmation(notice: CustomerNotice) -> None:
    """Who refuses now does not say any more that all is right."""
    notice.confirmed_at = None
    notice.save(update_fields=["confirmed_at"])


def _settle_parked(claim: Claim, *, now: dt.datetime) -> None:
    """Reject a parked claim as soon as nothing of it is left to refuse.

    No sweep looks at it any more and no time to take the refusal back runs, so nothing else would end
    it. The system does it, as at the end of a window; who refused is in the row before.
    """
    proposed = claim.associations.filter(status=AssociationStatus.PROPOSED)
    if claim.is_parked and not proposed.exists():
        reject_refused(claim, now=now)


def _choose(
    claim: Claim, references: Collection[str], status: AssociationStatus
) -> list[Association]:
    """The named associations that stand at ``status``; raises LifecycleError where none is named."""
    named = list(
        claim.associations.filter(reference__in=list(references))
        .exclude(status=AssociationStatus.EXCLUDED)
        .select_related("product")
    )
    if not named:
        raise LifecycleError(_("Tick at least one product."))
    return [each for each in named if each.status == status]
