"""The notice to the customer: queued, accepted, failed, replaced [R20], [R21].

The window opens when the mail server accepted the notice for every contact it goes to, and stops when
one of them turns out not to be deliverable: no association becomes official on an undelivered notice.
"""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from cpor_site.addresses import fold_address
from notifications.rendering import Rendered
from notifications.signals import UnwantedMail

from . import clock, lifecycle, messages
from .claims import roles_needed
from .contacts import CUSTOMER_ROLES
from .deadlines import open_window
from .enums import AssociationStatus, EventKind, NoticeStatus, Status, Window
from .history import SYSTEM, By, record_event
from .lifecycle import LifecycleError, lock_claim
from .links import LinkedProduct
from .models import Association, Claim, Contact, CustomerNotice

NOTICE_KIND = "customer_notice"


def queue_notices(claim: Claim) -> list[CustomerNotice]:
    """Queue the notice to each contact of the customer that the claim's work asks for [R20].

    Any that went before are replaced. The (locked) claim has no deadline until the mail server
    accepted them.
    """
    in_force(claim).update(status=NoticeStatus.REPLACED)
    return [_queue(claim, each) for each in find_readers(claim)]


def find_readers(claim: Claim) -> list[Contact]:
    """Whom the notice goes to: what an earlier choice of work left behind gets none."""
    roles = set(CUSTOMER_ROLES).intersection(roles_needed(claim))
    return list(claim.contacts.filter(role__in=roles).order_by("id"))


def _queue(claim: Claim, contact: Contact) -> CustomerNotice:
    notice = CustomerNotice.objects.create(
        claim=claim,
        role=contact.role,
        name=contact.name,
        email=contact.email,
        language=contact.language,
    )
    messages.tell_customer(
        notice,
        NOTICE_KIND,
        key=notice.message_key,
        products=lambda: messages.join_products(products_asked_for(claim)),
        data_seen=lambda: describe_data(products_asked_for(claim)),
        deadline=lambda: describe_prospect(claim),
        if_later=lambda: describe_later_end(claim),
        about_url=messages.absolute(reverse("about-cpor")),
    )
    record_event(claim, EventKind.NOTICE_QUEUED, by=SYSTEM, subjects=[notice.email])
    return notice


def in_force(claim: Claim):
    """The claim's notices that were not replaced."""
    return claim.notices.exclude(status=NoticeStatus.REPLACED)


def products_asked_for(claim: Claim) -> list[Association]:
    """What a notice asks the customer about: neither excluded at review nor refused.

    Where all of it is refused already (and can be taken back), the refused products are named.
    """
    statuses = (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
    named = list(claim.associations.filter(status__in=statuses).select_related("product"))
    undecided = [each for each in named if each.status == AssociationStatus.PROPOSED]
    return undecided or named


def describe_data(associations: Collection[Association | LinkedProduct]) -> str:
    """What the partner will see, in the words of the reader [R20], [R36]."""
    seen = []
    if any(each.subscription_id is None for each in associations):
        seen.append(_("how many people use it each month, and how many paid units you have"))
    if any(each.subscription_id for each in associations):
        seen.append(_("how many seats are sold, assigned and in use each month"))
    return "; ".join(seen)


def describe_prospect(claim: Claim) -> str:
    """The deadline of a window that opens now; the notice is put into words as it is sent [R21]."""
    deadline = open_window(Window.CUSTOMER_OPT_OUT, claim, at=clock.now())
    return messages.describe_deadline(deadline.at, deadline.time_zone)


def describe_later_end(claim: Claim) -> str:
    """Tell one of two readers that the time may end later than this mail says, or "" [R20], [R21].

    It ends by the day on which the last of them was reached, so never sooner than any mail says.
    """
    if len({fold_address(each.email) for each in find_readers(claim)}) == 1:
        return ""
    return _(
        "Somebody else in your organisation gets this mail too. If it reaches them on a later day, "
        "you have longer: the page behind the link always shows the last day that counts."
    )


def require_wanted(notice: CustomerNotice) -> None:
    """Raise UnwantedMail where a queued notice would only bring a link that does not work [R21], [R25]."""
    if notice.status == NoticeStatus.REPLACED:
        raise UnwantedMail("a newer notice replaced this one")
    if notice.claim.status != Status.APPROVED:
        raise UnwantedMail(f"the claim is {notice.claim.status}")


@transaction.atomic
def record_sent(notice_id: int, rendered: Rendered) -> None:
    """The mail server accepted a notice: keep its exact text, and open the window when all are out.

    Called once per acceptance, in the transaction that marks the mail as sent; a repeat, or a notice
    that was replaced meanwhile, changes nothing. One that was refused is accepted now because staff
    had its mail tried again.
    """
    claim, notice = _lock(notice_id)
    if notice.status not in (NoticeStatus.QUEUED, NoticeStatus.FAILED):
        return
    notice.status, notice.sent_at, notice.failure = NoticeStatus.SENT, clock.now(), ""
    notice.subject, notice.text, notice.html = rendered.subject, rendered.text, rendered.html
    notice.save()
    record_event(claim, EventKind.NOTICE_SENT, by=SYSTEM, subjects=[notice.email])
    waiting = in_force(claim).exclude(status=NoticeStatus.SENT).exists()
    if claim.status == Status.APPROVED and not waiting:
        lifecycle.open_customer_window(claim)


@transaction.atomic
def record_failed(notice_id: int, *, failure: str) -> None:
    """A notice was refused or bounced: stop the clock and ask the partner for a better contact.

    So it is too where another contact refused everything already: that refusal stands and nothing
    becomes official, but it may be taken back until a deadline [R23], and none can be named while
    somebody was not told [R21]. Rejecting at once would take that right away. Meanwhile the partner
    cannot claim the same products anew; the claim ends by a new notice whose window closes, or by the
    partner withdrawing it.

    A bounce that comes after the association became official is kept in the history, and staff are
    told by the history alone: what was decided on a delivered notice stands.
    """
    claim, notice = _lock(notice_id)
    if notice.status not in (NoticeStatus.QUEUED, NoticeStatus.SENT):
        return
    notice.status, notice.failure = NoticeStatus.FAILED, failure
    notice.save(update_fields=["status", "failure"])
    record_event(claim, EventKind.NOTICE_FAILED, by=SYSTEM, reason=failure, subjects=[notice.email])
    if claim.status == Status.APPROVED:
        lifecycle.stop_customer_window(claim)
        messages.tell_partner(
            claim,
            "notice_failed",
            key=f"notice-failed:{notice.pk}",
            contact=f"{notice.name} <{notice.email}>",
            failure=failure,
        )


@transaction.atomic
def correct_contact(
    claim: Claim, *, actor, role: str, name: str, title: str, email: str, language: str
) -> Claim:
    """Name a better contact: a new notice and a full new window; old links stop working [R21].

    Every contact gets a new notice, since all of them get the new deadline. Raises LifecycleError
    unless a notice failed.
    """
    fresh = lock_claim(claim.pk)
    lifecycle.require_status(fresh, Status.APPROVED)
    if not in_force(fresh).filter(status=NoticeStatus.FAILED).exists():
        raise LifecycleError(_("The notice is on its way; there is nothing to correct."))
    before = fresh.contacts.get(role=role)
    record_event(
        fresh,
        EventKind.CONTACT_CORRECTED,
        by=By.partner(actor),
        reason_code=role,
        subjects=[before.email, email],
    )
    before.name, before.title, before.email, before.language = name, title, email, language
    before.save()
    lifecycle.await_notice(fresh)
    queue_notices(fresh)
    return fresh


def _lock(notice_id: int) -> tuple[Claim, CustomerNotice]:
    claim_id = CustomerNotice.objects.values_list("claim_id", flat=True).get(pk=notice_id)
    claim = lock_claim(claim_id)
    return claim, CustomerNotice.objects.get(pk=notice_id)


def is_delivered(claim: Claim) -> bool:
    """Was a notice accepted for every contact, with no bounce known [R29]?"""
    statuses = set(in_force(claim).values_list("status", flat=True))
    return statuses == {NoticeStatus.SENT}
