"""Entries for staff about customers' contacts: wrong, unreachable or unconfirmed [R59]."""

import datetime as dt

from django.urls import reverse

from cpor_site.web.addresses import fold_address
from notifications import to_look_at
from notifications.enums import LookAtKind

from ..models import Claim, Contact, CustomerNotice


def report_wrong_person(notice: CustomerNotice, *, now: dt.datetime) -> None:
    """Report a reader who is not the right person [R22]; if they are registered, staff must act."""
    is_ours = notice.is_to_registered
    to_look_at.report(
        LookAtKind.WRONG_PERSON,
        key=_key(notice),
        subject=notice.claim.reference,
        detail=f"{notice.name} <{notice.email}>",
        link=_tenant_page(notice) if is_ours else notice.claim.get_admin_url(),
        now=now,
    )
    if is_ours:  # programme managers maintain the contact, but cannot read claims
        report_bounce(notice, now=now)


def settle_wrong_person(notice: CustomerNotice) -> None:
    """Close the entry: another notice replaces the one that reached the wrong person."""
    to_look_at.resolve(LookAtKind.WRONG_PERSON, key=_key(notice))


def report_bounce(notice: CustomerNotice, *, now: dt.datetime) -> None:
    """Report that a registered contact's notice did not arrive: only staff can correct the address [R57]."""
    to_look_at.report(
        LookAtKind.CONTACT_BOUNCED,
        key=_contact_key(notice.claim.tenant_id, notice.email),
        subject=f"{notice.name} <{notice.email}>",
        detail=f"{notice.claim.reference}: {notice.failure}",
        link=_tenant_page(notice),
        now=now,
    )


def settle_bounce(tenant_id: int | None, email: str) -> None:
    """Close the entry: the registered contact can be reached, or is no longer registered."""
    to_look_at.resolve(LookAtKind.CONTACT_BOUNCED, key=_contact_key(tenant_id, email))


def report_unconfirmed(claim: Claim, people: list[Contact], *, now: dt.datetime) -> None:
    """Report that the claim's notice waits until a reviewer has confirmed these people [R57]."""
    to_look_at.report(
        LookAtKind.CONTACT_UNCONFIRMED,
        key=claim.reference,
        subject=claim.reference,
        detail=", ".join(map(str, people)),
        link=reverse("admin:associations_claim_confirm", args=[claim.pk]),
        now=now,
    )


def settle_unconfirmed(claim: Claim) -> None:
    """Close the entry: no contact of the claim needs to be confirmed any longer."""
    to_look_at.resolve(LookAtKind.CONTACT_UNCONFIRMED, key=claim.reference)


def _key(notice: CustomerNotice) -> str:
    return f"notice:{notice.pk}"


def _contact_key(tenant_id: int | None, email: str) -> str:
    return f"{tenant_id}:{fold_address(email)}"[:200]


def _tenant_page(notice: CustomerNotice) -> str:
    return reverse("admin:associations_tenant_change", args=[notice.claim.tenant_id])
