"""Emails to customer, partner and staff about the customer's decision [R23], [R24].

``event`` is the decision's history row, ``products`` are the names of the products concerned.
"""

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from ..claims.grace import is_window_open
from ..display.sentences import describe_due
from ..enums import Status
from ..models import Claim, CustomerNotice, Event
from . import to_customer, to_partner, to_staff


def opted_out(
    notice: CustomerNotice, event: Event, *, products: Sequence[str], reason: str, now: dt.datetime
) -> None:
    """Tell everyone what the customer refused and whether they can take it back."""
    claim, key, listed = notice.claim, _make_key(event), ", ".join(products)
    to_customer.customer_opted_out(
        notice,
        key=f"{key}:customer",
        products=listed,
        until_when=lambda: _describe_taking_back(claim, now=now),
    )
    for tell, reader in (
        (to_partner.partner_opted_out, "partner"),
        (to_staff.staff_opted_out, "staff"),
    ):
        tell(
            claim,
            key=f"{key}:{reader}",
            products=listed,
            reason=reason,
            what_next=lambda: _describe_rest(claim, now=now),
        )


def opt_out_taken_back(
    notice: CustomerNotice, event: Event, *, products: Sequence[str], now: dt.datetime
) -> None:
    """Tell everyone what the customer no longer refuses."""
    claim, key, listed = notice.claim, _make_key(event), ", ".join(products)
    to_customer.customer_opt_out_taken_back(
        notice,
        key=f"{key}:customer",
        products=listed,
        until_when=lambda: _describe_refusing_again(claim, now=now),
    )
    to_partner.partner_opt_out_taken_back(claim, key=f"{key}:partner", products=listed)
    to_staff.staff_opt_out_taken_back(claim, key=f"{key}:staff", products=listed)


def association_ended(
    notice: CustomerNotice, event: Event, *, products: Sequence[str], reason: str
) -> None:
    """Tell everyone what the customer ended."""
    claim, key, listed = notice.claim, _make_key(event), ", ".join(products)
    to_customer.customer_association_ended(notice, key=f"{key}:customer", products=listed)
    to_partner.partner_association_ended(
        claim, key=f"{key}:partner", products=listed, reason=reason
    )
    to_staff.staff_association_ended(claim, key=f"{key}:staff", products=listed, reason=reason)


def _make_key(event: Event) -> str:
    return f"{event.kind}:{event.pk}"


def _is_final(claim: Claim, *, now: dt.datetime) -> bool:
    """Has the deadline to take a refusal back passed, as the pages show it?"""
    if claim.is_parked or claim.status == Status.OFFICIAL:
        return True
    return not is_window_open(claim, at=now)


def _describe_taking_back(claim: Claim, *, now: dt.datetime) -> str:
    """Say to the customer whether and until when they can take the refusal back [R23]."""
    if _is_final(claim, now=now):
        return _("You can no longer take this back: it is final.")
    if claim.due_at is None:
        return _(
            "You can take this back. Your time to decide has not started yet; "
            "when it does, we'll email you the deadline."
        )
    return _("You can take this back until %(deadline)s.") % {"deadline": describe_due(claim)}


def _describe_refusing_again(claim: Claim, *, now: dt.datetime) -> str:
    """Say to the customer whether and until when they can refuse again [R23]."""
    if _is_final(claim, now=now):
        return _("The time to refuse is over.")
    if claim.due_at is None:
        return _(
            "You can refuse again. Your time to refuse has not started yet; "
            "when it does, we'll email you the deadline."
        )
    return _("You can refuse again until %(deadline)s.") % {"deadline": describe_due(claim)}


def _describe_rest(claim: Claim, *, now: dt.datetime) -> str:
    """Say to partner and staff what follows from a refusal."""
    if _is_final(claim, now=now):
        return _("They can no longer take this back: it is final.")
    return _(
        "They can take this back until their deadline; after that, it is final. "
        "Products they did not opt out of continue as before."
    )
