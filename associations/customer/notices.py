"""The notice to the customer: queued, accepted, failed, replaced [R20], [R21], [R57].

The window opens when the mail server has accepted the notice for every contact that the claim names,
and stops when one of them turns out to be undeliverable: no association becomes official on an
undelivered notice. A notice to a registered contact gives the same rights, but neither opens nor stops
the window.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from notifications.signals import UnwantedMail
from notifications.words.rendering import Rendered

from .. import emails
from ..claims import lifecycle, staff_notes
from ..claims.deadlines import Deadline, open_window
from ..claims.history import SYSTEM, By, record_event
from ..claims.lifecycle import LifecycleError, lock_claim
from ..enums import AssociationStatus, ContactRole, EventKind, NoticeStatus, Status, Window
from ..models import Association, Claim, Contact, CustomerNotice, Event, RegisteredContact
from . import registered
from .delivered import is_delivered


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
    _record(notice, EventKind.NOTICE_QUEUED, now=now)
    return notice


def list_products_asked_for(claim: Claim) -> list[Association]:
    """Return what a notice asks the customer about: neither excluded at review nor refused.

    If everything has been refused already (and can be taken back), name the refused products.
    """
    statuses = (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
    named = list(claim.associations.filter(status__in=statuses).select_related("product"))
    undecided = [each for each in named if each.status == AssociationStatus.PROPOSED]
    return undecided or named


def _record(
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


@transaction.atomic
def make_promise(notice_id: int, *, now: dt.datetime) -> tuple[CustomerNotice, Deadline]:
    """Store with a notice about to be sent the deadline that it will name [R21].

    Stored before sending, so that no window opens or closes against a promise on its way. Raise
    UnwantedMail if the notice must not go out any more.
    """
    claim, notice = _lock(notice_id)
    require_wanted(notice, now=now)
    promise = find_prospect(claim, now=now)
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


@transaction.atomic
def record_sent(notice_id: int, rendered: Rendered, *, now: dt.datetime) -> None:
    """Record that the mail server accepted a notice: keep its exact text; open the window after the last.

    Called once per acceptance, in the transaction that marks the email as sent. A repeat, or a notice
    that has been replaced since, changes nothing. A notice that failed earlier can be accepted after
    staff retry its email.
    """
    claim, notice = _lock(notice_id)
    if notice.status not in (NoticeStatus.QUEUED, NoticeStatus.FAILED):
        return
    notice.sent_at = now
    notice.subject, notice.text, notice.html = rendered.subject, rendered.text, rendered.html
    if not notice.is_wrong_person:  # an answer given before the failure was recorded stays
        notice.status, notice.failure = NoticeStatus.SENT, ""
    notice.save()
    _record(notice, EventKind.NOTICE_SENT, now=now)
    if notice.is_to_registered:
        registered.note_delivery(claim, notice.email, is_undelivered=False)
        staff_notes.settle_bounce(claim.tenant_id, notice.email)
    elif claim.status == Status.APPROVED and is_delivered(claim):
        lifecycle.open_customer_window(claim, now=now)


@transaction.atomic
def record_failed(
    notice_id: int, *, failure: str, now: dt.datetime, is_retry: bool = False
) -> None:
    """Record that a notice was refused or bounced: stop the clock and ask the partner for a better contact.

    This applies even if another contact has already refused everything. That refusal stands, but the
    customer can take it back until a deadline [R23], and there is no deadline while a contact has not
    been told [R21]; rejecting at once would remove that right. Until then the partner cannot claim the
    same products again. The claim ends when the window of a new notice closes, or when the partner
    withdraws it.

    A bounce after the association became official is only added to the history: a decision based on a
    delivered notice stands. A bounce at a registered contact is for staff and stops nothing [R57].
    ``is_retry`` means that the notice had failed before and failed again after a retry by staff.
    """
    claim, notice = _lock(notice_id)
    was_in_hope = notice.status in (NoticeStatus.QUEUED, NoticeStatus.SENT)
    if not was_in_hope and not (is_retry and notice.status == NoticeStatus.FAILED):
        return
    _mark_failed(notice, failure=failure)
    event = _record(notice, EventKind.NOTICE_FAILED, reason=failure, now=now)
    if notice.is_to_registered:
        registered.note_delivery(claim, notice.email, is_undelivered=True)
        staff_notes.report_bounce(notice)
    elif claim.status == Status.APPROVED:
        lifecycle.stop_customer_window(claim)
        emails.notice_failed(notice, event)


def _mark_failed(notice: CustomerNotice, *, failure: str) -> None:
    notice.status, notice.failure = NoticeStatus.FAILED, failure
    notice.save(update_fields=["status", "failure"])


@transaction.atomic
def record_wrong_person(notice: CustomerNotice, *, now: dt.datetime) -> None:
    """Record that the reader is not the right person: the notice counts as undelivered [R21], [R22].

    The claim is locked, approved and before its deadline. From then on the notice's link decides
    nothing. If a registered contact says so, staff handle it and the window keeps running [R57].
    """
    claim = notice.claim
    notice.is_wrong_person = True
    notice.save(update_fields=["is_wrong_person"])
    _mark_failed(notice, failure=notice.failure)
    by = By.customer(notice.signature)
    event = _record(notice, EventKind.WRONG_PERSON, by=by, now=now)
    staff_notes.report_wrong_person(notice)
    if notice.is_to_registered:
        registered.note_delivery(claim, notice.email, is_undelivered=True)
        return
    lifecycle.stop_customer_window(claim)
    emails.notice_wrong_person(notice, event)


@transaction.atomic
def stop_undelivered(claim: Claim, *, now: dt.datetime) -> None:
    """Stop the clock of a locked claim if it is running although a notice was not delivered [R21], [R29]."""
    lifecycle.stop_customer_window(claim)
    for notice in claim.notices.awaited().filter(status=NoticeStatus.FAILED):
        notice.claim = claim
        event = _record(notice, EventKind.NOTICE_FAILED, reason=notice.failure, now=now)
        emails.notice_failed(notice, event)


@transaction.atomic
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
    fresh = lock_claim(claim.pk)
    lifecycle.require_status(fresh, Status.APPROVED)
    if not may_correct(fresh):
        raise LifecycleError(_("The notice is on its way; there is nothing to correct."))
    before = fresh.contacts.get(role=role)
    record_event(
        fresh,
        EventKind.CONTACT_CORRECTED,
        by=By.partner(actor),
        reason_code=role,
        subjects=[before.email, email],
        now=now,
    )
    before.name, before.title, before.email, before.language = name, title, email, language
    before.confirmation = ""
    before.save()
    if registered.list_unconfirmed(fresh):
        _replace(fresh)
        lifecycle.await_confirmation(fresh)
        staff_notes.report_unconfirmed(fresh, registered.list_unconfirmed(fresh))
    else:
        send_notices(fresh, now=now)
    return fresh


def send_notices(claim: Claim, *, now: dt.datetime) -> None:
    """Queue new notices of a locked, approved claim; from then on it waits for the customer alone."""
    lifecycle.await_notice(claim)
    staff_notes.settle_unconfirmed(claim)
    queue_notices(claim, now=now)


def _lock(notice_id: int) -> tuple[Claim, CustomerNotice]:
    claim_id = CustomerNotice.objects.values_list("claim_id", flat=True).get(pk=notice_id)
    claim = lock_claim(claim_id)
    notice = CustomerNotice.objects.get(pk=notice_id)
    notice.claim = claim
    return claim, notice


def may_correct(claim: Claim) -> bool:
    """Return whether a notice that the window depends on has failed, or one waits for a confirmation."""
    has_failed = claim.notices.awaited().filter(status=NoticeStatus.FAILED).exists()
    return has_failed or claim.is_unconfirmed
