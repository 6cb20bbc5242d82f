"""Requests for customers that the operator does not know [R58]: a draft waits, a programme manager answers.

Every function locks, re-reads and checks, and writes entry and email in the same transaction. Only people
who named a customer are told anything about it here.
"""

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications import to_look_at
from notifications.enums import LookAtKind

from .. import emails
from ..claims import lifecycle
from ..claims.lifecycle import LifecycleError
from ..enums import CustomerRequestState, Status
from ..models import Claim, CustomerRequest
from .drafts import find_tenant, hold_for_edit

DAY = dt.timedelta(days=1)


class CustomerIsKnown(LifecycleError):
    """The customer exists, so there is nothing to ask for."""

    words = _("We now know this customer. Save the page to continue.")


class TooManyRequests(LifecycleError):
    """The partner has reached the limit of open and recent requests."""

    def __init__(self):
        super().__init__(
            _(
                "Your company has %(count)d requests for customers that are unanswered or were "
                "made in the last 24 hours. Try again tomorrow, or write to %(email)s."
            )
            % {
                "count": settings.CPOR_CUSTOMER_REQUESTS_MAX,
                "email": settings.OPERATOR_SUPPORT_EMAIL,
            }
        )


def ask_for_customer(
    claim: Claim,
    *,
    actor,
    organisation: str,
    domain: str,
    tenant_id: uuid.UUID,
    now: dt.datetime,
    note: str = "",
) -> CustomerRequest:
    """Ask the operator to add a customer that a draft needs, or correct the request that is open.

    ``domain`` is as ``find_tenant`` takes it. Raise CustomerIsKnown, TooManyRequests, or LifecycleError if
    the claim is not, or no longer, a draft.
    """
    with hold_for_edit(claim, actor=actor) as held:
        lifecycle.require_status(held, Status.EDITING)
        if find_tenant(domain, tenant_id):
            raise CustomerIsKnown
        request = find_open(held)
        if request is None:
            _require_room(held, now=now)
            request = CustomerRequest(
                claim=held, partner_id=held.partner_id, asked_by=actor, asked_at=now
            )
        request.organisation, request.domain = organisation, domain
        request.tenant_id, request.note = tenant_id, note
        request.save()
        to_look_at.report(
            LookAtKind.CUSTOMER_ASKED_FOR,
            key=request.look_at_key,
            subject=f"{organisation} ({domain})",
            detail=str(held.partner),
            link=request.get_admin_url(),
            now=now,
        )
    return request


def find_open(claim: Claim) -> CustomerRequest | None:
    """Return the open request of a draft, or None."""
    return claim.customer_requests.filter(state=CustomerRequestState.OPEN).first()


def find_latest(claim: Claim) -> CustomerRequest | None:
    """Return the newest request, answered or not, of a draft that has no customer yet; else None."""
    if claim.pk is None or claim.tenant_id:
        return None
    return claim.customer_requests.order_by("-pk").first()


@transaction.atomic
def settle_known(*, actor, now: dt.datetime) -> int:
    """Answer all open requests whose customer is now known, and return how many.

    Called after staff saved a customer on any page: several drafts may wait for the same one.
    """
    waiting = CustomerRequest.objects.select_for_update().filter(state=CustomerRequestState.OPEN)
    known = [each for each in waiting if find_tenant(each.domain, each.tenant_id)]
    for request in known:
        _answer(request, CustomerRequestState.ADDED, actor=actor, words="", now=now)
        if request.claim is not None:
            emails.customer_added(request.claim, request)
    return len(known)


@transaction.atomic
def decline_request(
    request: CustomerRequest, *, actor, words: str, now: dt.datetime
) -> CustomerRequest:
    """Decline to add the customer and say why in ``words``; the draft does not change.

    Raise LifecycleError if the request has already been answered.
    """
    fresh = CustomerRequest.objects.select_for_update().get(pk=request.pk)
    if not fresh.is_open:
        raise LifecycleError(_("This request has already been answered. Nothing was changed."))
    _answer(fresh, CustomerRequestState.DECLINED, actor=actor, words=words, now=now)
    if fresh.claim is not None:
        emails.customer_declined(fresh.claim, fresh)
    return fresh


def _require_room(claim: Claim, *, now: dt.datetime) -> None:
    """Prevent abuse: raise TooManyRequests at a partner's limit of open and recent requests [R58]."""
    recent = Q(state=CustomerRequestState.OPEN) | Q(asked_at__gt=now - DAY)
    count = CustomerRequest.objects.filter(recent, partner=claim.partner_id).count()
    if count >= settings.CPOR_CUSTOMER_REQUESTS_MAX:
        raise TooManyRequests


def _answer(
    request: CustomerRequest, state: CustomerRequestState, *, actor, words: str, now: dt.datetime
) -> None:
    request.state, request.answer = state, words
    request.answered_by, request.answered_at = actor, now
    request.save()
    to_look_at.resolve(LookAtKind.CUSTOMER_ASKED_FOR, key=request.look_at_key)
