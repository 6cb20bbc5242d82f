"""Emails to customer, partner and staff about the customer's decision [R23], [R24].

``event`` is the decision's history row, ``products`` are the names of the products concerned.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ..claims.grace import is_window_open
from ..display.sentences import describe_due
from ..enums import ClaimEmail, Status
from ..models import Claim, CustomerNotice, Event
from .to_customer import tell_customer
from .to_partner import tell_contact
from .to_staff import tell_staff
from .wording import Value


def opted_out(
    notice: CustomerNotice, event: Event, *, products: Sequence[str], reason: str, now: dt.datetime
) -> None:
    """Tell everyone what the customer refused and whether they can take it back."""
    claim = notice.claim
    _tell(
        (ClaimEmail.CUSTOMER_OPTED_OUT, ClaimEmail.PARTNER_OPTED_OUT, ClaimEmail.STAFF_OPTED_OUT),
        notice,
        event,
        products,
        customer={"until_when": lambda: _describe_taking_back(claim, now=now)},
        others={"reason": reason, "what_next": lambda: _describe_rest(claim, now=now)},
    )


def opt_out_taken_back(
    notice: CustomerNotice, event: Event, *, products: Sequence[str], now: dt.datetime
) -> None:
    """Tell everyone what the customer no longer refuses."""
    kinds = (
        ClaimEmail.CUSTOMER_OPT_OUT_TAKEN_BACK,
        ClaimEmail.PARTNER_OPT_OUT_TAKEN_BACK,
        ClaimEmail.STAFF_OPT_OUT_TAKEN_BACK,
    )
    customer = {"until_when": lambda: _describe_refusing_again(notice.claim, now=now)}
    _tell(kinds, notice, event, products, customer=customer, others={})


def association_ended(
    notice: CustomerNotice, event: Event, *, products: Sequence[str], reason: str
) -> None:
    """Tell everyone what the customer ended."""
    kinds = (
        ClaimEmail.CUSTOMER_ASSOCIATION_ENDED,
        ClaimEmail.PARTNER_ASSOCIATION_ENDED,
        ClaimEmail.STAFF_ASSOCIATION_ENDED,
    )
    _tell(kinds, notice, event, products, customer={}, others={"reason": reason})


def _tell(
    kinds: tuple[ClaimEmail, ClaimEmail, ClaimEmail],
    notice: CustomerNotice,
    event: Event,
    products: Sequence[str],
    *,
    customer: Mapping[str, Value],
    others: Mapping[str, Value],
) -> None:
    """Queue the email to the customer, to the partner and to staff, in the order of ``kinds``."""
    claim, key, listed = notice.claim, f"{event.kind}:{event.pk}", ", ".join(products)
    tell_customer(kinds[0], notice, key=f"{key}:customer", products=listed, **customer)
    tell_contact(kinds[1], claim, key=f"{key}:partner", products=listed, **others)
    others = {"partner": str(claim.partner), "products": listed, **others}
    tell_staff(kinds[2], claim, key=f"{key}:staff", **others)


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
