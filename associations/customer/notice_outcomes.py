"""What became of a notice: accepted, failed, read by the wrong person [R21], [R22], [R57].

Each is recorded in the transaction that learned of it, opens or stops the customer's window, and tells the
partner or staff what they have to do.
"""

import datetime as dt

from notifications.words.rendering import Rendered

from .. import emails
from ..claims import customer_window, staff_notes
from ..claims.history import By
from ..enums import EventKind, NoticeStatus, Status
from ..models import Claim, CustomerNotice
from . import registered
from .delivered import is_delivered
from .notices import hold_notice, record


def record_sent(notice_id: int, rendered: Rendered, *, now: dt.datetime) -> None:
    """Record that the mail server accepted a notice: keep its exact text; open the window after the last.

    Called once per acceptance, in the transaction that marks the email as sent. A repeat, or a notice
    that has been replaced since, changes nothing. A notice that failed earlier can be accepted after
    staff retry its email.
    """
    with hold_notice(notice_id) as notice:
        if notice.status in (NoticeStatus.QUEUED, NoticeStatus.FAILED):
            _store_sent_text(notice, rendered, now=now)
            record(notice, EventKind.NOTICE_SENT, now=now)
            _act_on_delivery(notice, now=now)


def _store_sent_text(notice: CustomerNotice, rendered: Rendered, *, now: dt.datetime) -> None:
    notice.sent_at = now
    notice.subject, notice.text, notice.html = rendered.subject, rendered.text, rendered.html
    if not notice.is_wrong_person:  # an answer given before the failure was recorded stays
        notice.status, notice.failure = NoticeStatus.SENT, ""
    notice.save()


def _act_on_delivery(notice: CustomerNotice, *, now: dt.datetime) -> None:
    claim = notice.claim
    if notice.is_to_registered:
        registered.note_delivery(claim, notice.email, is_undelivered=False)
        staff_notes.settle_bounce(claim.tenant_id, notice.email)
    elif claim.status == Status.APPROVED and is_delivered(claim):
        customer_window.open_customer_window(claim, now=now)


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
    with hold_notice(notice_id) as notice:
        was_in_hope = notice.status in (NoticeStatus.QUEUED, NoticeStatus.SENT)
        if was_in_hope or (is_retry and notice.status == NoticeStatus.FAILED):
            _act_on_failure(notice, failure=failure, now=now)


def _act_on_failure(notice: CustomerNotice, *, failure: str, now: dt.datetime) -> None:
    claim = notice.claim
    _mark_failed(notice, failure=failure)
    event = record(notice, EventKind.NOTICE_FAILED, reason=failure, now=now)
    if notice.is_to_registered:
        registered.note_delivery(claim, notice.email, is_undelivered=True)
        staff_notes.report_bounce(notice, now=now)
    elif claim.status == Status.APPROVED:
        customer_window.stop_customer_window(claim)
        emails.notice_failed(notice, event)


def _mark_failed(notice: CustomerNotice, *, failure: str) -> None:
    notice.status, notice.failure = NoticeStatus.FAILED, failure
    notice.save(update_fields=["status", "failure"])


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
    event = record(notice, EventKind.WRONG_PERSON, by=by, now=now)
    staff_notes.report_wrong_person(notice, now=now)
    if notice.is_to_registered:
        registered.note_delivery(claim, notice.email, is_undelivered=True)
        return
    customer_window.stop_customer_window(claim)
    emails.notice_wrong_person(notice, event)


def stop_undelivered(claim: Claim, *, now: dt.datetime) -> None:
    """Stop the clock of a locked claim if it is running although a notice was not delivered [R21], [R29]."""
    customer_window.stop_customer_window(claim)
    for notice in claim.notices.awaited().filter(status=NoticeStatus.FAILED):
        notice.claim = claim
        event = record(notice, EventKind.NOTICE_FAILED, reason=notice.failure, now=now)
        emails.notice_failed(notice, event)
