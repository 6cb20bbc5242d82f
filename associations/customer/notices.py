"""The notice to the customer: queued, accepted, failed, replaced [R20], [R21], [R57].

The window opens when the mail server has accepted the notice for every contact that the claim names,
and stops when one of them turns out to be undeliverable: no association becomes official on an
undelivered notice. A notice to a registered contact gives the same rights, but neither opens nor stops
the window.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from notifications.signals import UnwantedMail

from .. import emails
from ..claims import customer_window, lifecycle, staff_notes
from ..claims.deadlines import Deadline, open_window
from ..claims.history import SYSTEM, By, record_event
from ..claims.lifecycle import LifecycleError, hold_claim
from ..enums import AssociationStatus, ContactRole, EventKind, NoticeStatus, Status, Window
from ..filing.search_text import write_search_text
from ..models import Association, Claim, Contact, CustomerNotice, Event, RegisteredContact
from . import registered


def queue_notices(claim: Claim, *, now: dt.datetime) -> list[CustomerNotice]:
    """Queue a notice to each of the customer's contacts that the claim needs [R20], [R57].

    They replace any earlier ones. The claim (locked) has no deadline until the mail server has
    accepted them.
    """
    _replace(claim)
    queued = [_queue(claim, each, role=each.role, now=now) for each in registered.list_named(claim)]
    if extra := registered.find_registered(claim):
        queued.append(_queue(claim, extra, role=ContactRole.REGISTERED, now=now))
    return queued


def _replace(claim: Claim) -> None:
    for notice in claim.notices.awaited().filter(is_wrong_person=True):
        staff_notes.settle_wrong_person(notice)
    in_force(claim).update(status=NoticeStatus.REPLACED)


def _queue(
    claim: Claim, reader: Contact | RegisteredContact, *, role: str, now: dt.datetime
) -> CustomerNotice:
    notice = CustomerNotice.objects.create(
        claim=claim,
        role=role,
        name=reader.name,
        email=reader.email,
        language=reader.language,
        created_at=now,
    )
    emails.customer_notice(
        notice,
        products=list_products_asked_for(claim),
        deadline=find_prospect(claim, now=now),
        may_end_later=registered.has_several_readers(claim),
    )
    record(notice, EventKind.NOTICE_QUEUED, now=now)
    return notice


def list_products_asked_for(claim: Claim) -> list[Association]:
    """Return what a notice asks the customer about: neither excluded at review nor refused.

    If everything has been refused already (and can be taken back), name the refused products.
    """
    statuses = (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
    named = list(claim.associations.filter(status__in=statuses).select_related("product"))
    undecided = [each for each in named if each.status == AssociationStatus.PROPOSED]
    return undecided or named


def record(
    notice: CustomerNotice, kind: EventKind, *, now: dt.datetime, reason: str = "", by: By = SYSTEM
) -> Event:
    """Add a history row about a notice.

    Partners read the history too, so it never names the address of a registered contact.
    """
    is_ours = notice.is_to_registered
    return record_event(
        notice.claim,
        kind,
        by=by,
        reason=reason,
        reason_code=ContactRole.REGISTERED.value if is_ours else "",
        subjects=[] if is_ours else [notice.email],
        now=now,
    )


def in_force(claim: Claim):
    """Return the claim's notices that have not been replaced."""
    return claim.notices.in_force()


def find_prospect(claim: Claim, *, now: dt.datetime) -> Deadline:
    """Return when the customer's window ends: as stored, or as it would if it opened now [R21].

    It is never earlier than a notice in force has said.
    """
    if claim.due_at is not None:
        return Deadline(claim.due_at, claim.due_time_zone)
    return open_window(Window.CUSTOMER_OPT_OUT, claim, at=now)


def make_promise(notice_id: int, *, now: dt.datetime) -> tuple[CustomerNotice, Deadline]:
    """Store with a notice about to be sent the deadline that it will name [R21].

    Stored before sending, so that no window opens or closes against a promise on its way. Raise
    UnwantedMail if the notice must not go out any more.
    """
    with hold_notice(notice_id) as notice:
        require_wanted(notice, now=now)
        promise = find_prospect(notice.claim, now=now)
        notice.promised_until, notice.promised_time_zone = promise.at, promise.time_zone
        notice.save(update_fields=["promised_until", "promised_time_zone"])
    return notice, promise


def require_wanted(notice: CustomerNotice, *, now: dt.datetime) -> None:
    """Raise UnwantedMail if the link in a queued notice would not work [R21], [R25]."""
    claim = notice.claim
    if notice.status == NoticeStatus.REPLACED:
        raise UnwantedMail("a newer notice replaced this one")
    if claim.status != Status.APPROVED:
        raise UnwantedMail(f"the claim is {claim.status}")
    if claim.due_at is not None and claim.due_at <= now:
        raise UnwantedMail("the customer's window is over")


def correct_contact(
    claim: Claim,
    *,
    actor,
    role: str,
    name: str,
    title: str,
    email: str,
    language: str,
    now: dt.datetime,
) -> Claim:
    """Replace a contact: send a new notice and start a full new window; old links stop working [R21].

    Every contact gets a new notice, since the new deadline applies to all. It waits if a reviewer must
    confirm the person first [R57]. Raise LifecycleError unless a notice has failed or is waiting.
    """
    with hold_claim(claim.pk) as held:
        lifecycle.require_status(held, Status.APPROVED)
        if not may_correct(held):
            raise LifecycleError(_("The notice is on its way; there is nothing to correct."))
        contact = held.contacts.get(role=role)
        record_event(
            held,
            EventKind.CONTACT_CORRECTED,
            by=By.partner(actor),
            reason_code=role,
            subjects=[contact.email, email],
            now=now,
        )
        contact.name, contact.title, contact.email, contact.language = name, title, email, language
        contact.confirmation = ""
        contact.save()
        write_search_text(held)
        _send_or_ask(held, now=now)
    return held


def _send_or_ask(claim: Claim, *, now: dt.datetime) -> None:
    """Send new notices, unless a reviewer must confirm a contact first [R57]."""
    if unconfirmed := registered.list_unconfirmed(claim):
        _replace(claim)
        customer_window.await_confirmation(claim)
        staff_notes.report_unconfirmed(claim, unconfirmed, now=now)
    else:
        send_notices(claim, now=now)


def send_notices(claim: Claim, *, now: dt.datetime) -> None:
    """Queue new notices of a locked, approved claim; from then on it waits for the customer alone."""
    customer_window.await_notice(claim)
    staff_notes.settle_unconfirmed(claim)
    queue_notices(claim, now=now)


@contextmanager
def hold_notice(notice_id: int) -> Iterator[CustomerNotice]:
    """Hold the claim of a notice for one act, and read the notice under its lock."""
    claim_id = CustomerNotice.objects.values_list("claim_id", flat=True).get(pk=notice_id)
    with hold_claim(claim_id) as claim:
        notice = CustomerNotice.objects.get(pk=notice_id)
        notice.claim = claim
        yield notice


def may_correct(claim: Claim) -> bool:
    """Return whether a notice that the window depends on has failed, or one waits for a confirmation."""
    has_failed = claim.notices.awaited().filter(status=NoticeStatus.FAILED).exists()
    return has_failed or claim.is_unconfirmed
