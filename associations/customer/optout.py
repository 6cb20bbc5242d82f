"""What a customer's link shows; opting out, taking it back, ending an association [R22]–[R25].

A link is a random token that identifies one notice. Everything that can be wrong with it (unknown,
tampered with, replaced, for a withdrawn claim) looks the same from outside.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from .. import emails
from ..claims import lifecycle
from ..claims.grace import is_in_time, is_window_open
from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError, hold_claim
from ..claims.slots import release_slot
from ..enums import AssociationStatus, EventKind, NoticeStatus, RejectionReason, Status
from ..filing.submission import reject_refused
from ..models import Association, Claim, CustomerNotice, Event

TOO_LATE = _("The time to refuse is over, so nothing was changed.")
TOO_LATE_TO_TAKE_BACK = _("The time to take a refusal back is over, so nothing was changed.")


class Stage(StrEnum):
    """What the customer's page can offer at this moment."""

    OPEN = "open"  # can refuse, or take a refusal back
    CLOSING = "closing"  # the window is over, the outcome is about to be written
    HELD = "held"  # the window is over, but everything is parked: can refuse, finally
    OFFICIAL = "official"  # can end what is official, and refuse, finally, what is parked
    OVER = "over"  # nothing left to decide; shows the outcome
    GIVEN_UP = "given-up"  # the reader said that they are not the right person


class WindowClosed(LifecycleError):
    """The opt-out window is over."""


@dataclass(frozen=True)
class Link:
    """The notice of a working link, and its claim."""

    notice: CustomerNotice
    stage: Stage

    @property
    def claim(self) -> Claim:
        return self.notice.claim

    @property
    def language(self) -> str:
        return self.notice.language

    def list_associations(self) -> list[Association]:
        """Return the products that the customer was asked about, without those that the reviewer excluded."""
        asked = self.claim.associations.exclude(status=AssociationStatus.EXCLUDED)
        read = ("reference", "status", "product__name", "subscription__subscription_id")
        return list(asked.select_related("product", "subscription").only(*read, "claim"))


def find_link(token: str, *, at: dt.datetime) -> Link | None:
    """Return the notice and claim of a link, or None if it must reveal nothing [R25]. Change nothing."""
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
    """Return what can be done about a claim at ``at``; None for a withdrawn or unapproved claim."""
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


def opt_out(token: str, references: Collection[str], *, reason: str = "", at: dt.datetime) -> Link:
    """Refuse some or all of the products, for the contact whose link it is [R23].

    Parked products can be refused after the window too: silence was not consent, and a customer who can
    end an association at any time [R24] need not wait for it to begin. ``references`` identify
    associations of the claim; ``at`` is when the request arrived (it may have to wait for the lock). A
    request that arrives in the grace after the deadline is in time [R31]. Repeating it changes nothing.
    Raise UnknownLink, WindowClosed or LifecycleError.
    """
    with hold_link(token, at=at) as link:
        _require_refusable(link.claim, references, at)
        chosen = _choose(link.claim, references, AssociationStatus.PROPOSED)
        if chosen:
            _change(chosen, AssociationStatus.OPTED_OUT, now=at)
            _forget_confirmation(link.notice)
            event = _record(link, EventKind.OPTED_OUT, chosen, reason=reason, now=at)
            emails.opted_out(link.notice, event, products=_name(chosen), reason=reason, now=at)
            _settle_parked(link.claim, now=at)
    return link


def take_back(token: str, references: Collection[str], *, at: dt.datetime) -> Link:
    """Take an opt-out back, until the deadline and its grace [R23], [R31].

    A request that arrived in time but found the claim parked is too late: the outcome has been written,
    and up to the deadline only a refusal takes precedence [R31]. Raise as ``opt_out``.
    """
    with hold_link(token, at=at) as link:
        if link.claim.is_parked or not is_open(link.claim, at=at):
            raise WindowClosed(TOO_LATE_TO_TAKE_BACK)
        chosen = _choose(link.claim, references, AssociationStatus.OPTED_OUT)
        if chosen:
            _change(chosen, AssociationStatus.PROPOSED, now=at)
            event = _record(link, EventKind.OPT_OUT_TAKEN_BACK, chosen, now=at)
            emails.opt_out_taken_back(link.notice, event, products=_name(chosen), now=at)
    return link


def end_associations(
    token: str, references: Collection[str], *, at: dt.datetime, reason: str = ""
) -> Link:
    """End official associations; access to data stops at once, because the slot is released [R24]."""
    with hold_link(token, at=at) as link:
        lifecycle.require_status(link.claim, Status.OFFICIAL)
        chosen = _choose(link.claim, references, AssociationStatus.OFFICIAL)
        if chosen:
            _end(link, chosen, reason=reason, now=at)
    return link


def _end(link: Link, chosen: list[Association], *, reason: str, now: dt.datetime) -> None:
    for association in sorted(chosen, key=lambda each: each.slot_key):  # to avoid a deadlock
        lifecycle.change_association(association, AssociationStatus.ENDED, now=now)
        release_slot(association, now=now)
    event = _record(link, EventKind.ASSOCIATION_ENDED, chosen, reason=reason, now=now)
    emails.association_ended(link.notice, event, products=_name(chosen), reason=reason)
    if not link.claim.associations.filter(status=AssociationStatus.OFFICIAL).exists():
        by = By.customer(link.notice.name)
        lifecycle.change_status(link.claim, Status.ENDED, by=by, reason=reason, now=now)


class UnknownLink(LifecycleError):
    """There is nothing that this link can show [R25]."""

    words = _("This link does not work.")


class LinkGivenUp(LifecycleError):
    """The reader said that they are not the right person, so the link decides nothing [R22]."""

    words = _("You told us that you are not the right person, so this link decides nothing.")


@contextmanager
def hold_link(token: str, *, at: dt.datetime) -> Iterator[Link]:
    """Hold the claim of a link for one act; claim and notice are read again under the lock.

    Raise UnknownLink if the link must reveal nothing [R25], LinkGivenUp if it decides nothing.
    """
    link = find_link(token, at=at)
    if link is None:
        raise UnknownLink
    with hold_claim(link.claim.pk) as claim:
        notice = CustomerNotice.objects.get(pk=link.notice.pk)
        stage = find_stage(claim, at=at)
        if notice.status == NoticeStatus.REPLACED or stage is None:
            raise UnknownLink
        if notice.is_wrong_person:
            raise LinkGivenUp
        notice.claim = claim
        yield Link(notice, stage)


def is_open(claim: Claim, *, at: dt.datetime) -> bool:
    """Return whether the customer's window or its grace is running at ``at``, or has yet to begin [R31]."""
    return claim.status == Status.APPROVED and is_in_time(claim, at=at)


def _require_refusable(claim: Claim, references: Collection[str], at: dt.datetime) -> None:
    """Raise WindowClosed if any of the products is official already, or about to be."""
    if is_open(claim, at=at) or claim.is_parked:
        return
    refusable = (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
    named = claim.associations.filter(reference__in=list(references))
    # In an official claim, proposed products are parked; a form that names others came too late.
    if claim.status != Status.OFFICIAL or named.exclude(status__in=refusable).exists():
        raise WindowClosed(TOO_LATE)


def _change(chosen: list[Association], target: AssociationStatus, *, now: dt.datetime) -> None:
    for association in chosen:
        lifecycle.change_association(association, target, now=now)


def _record(
    link: Link, kind: EventKind, chosen: list[Association], *, now: dt.datetime, reason: str = ""
) -> Event:
    by = By.customer(link.notice.signature)
    return record_event(link.claim, kind, by=by, reason=reason, subjects=_name(chosen), now=now)


def _name(chosen: list[Association]) -> list[str]:
    return [str(each.product) for each in chosen]


def _forget_confirmation(notice: CustomerNotice) -> None:
    """Remove the contact's earlier “That's right”: they are refusing now."""
    notice.confirmed_at = None
    notice.save(update_fields=["confirmed_at"])


def _settle_parked(claim: Claim, *, now: dt.datetime) -> None:
    """Reject a parked claim as soon as there is nothing left to refuse.

    No sweep looks at it again and the refusal cannot be taken back, so nothing else would end it. The
    system is the actor, as at the end of a window; the history row before says who refused.
    """
    proposed = claim.associations.filter(status=AssociationStatus.PROPOSED)
    if claim.is_parked and not proposed.exists():
        reject_refused(claim, now=now)


def _choose(
    claim: Claim, references: Collection[str], status: AssociationStatus
) -> list[Association]:
    """Return the named associations that have ``status``. Raise LifecycleError if none is named."""
    named = list(
        claim.associations.filter(reference__in=list(references))
        .exclude(status=AssociationStatus.EXCLUDED)
        .select_related("product")
    )
    if not named:
        raise LifecycleError(_("Select at least one product."))
    return [each for each in named if each.status == status]
