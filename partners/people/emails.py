"""Emails about memberships: one function each."""

import datetime as dt
import uuid

from django.conf import settings
from django.urls import reverse
from django.utils import formats, translation

from notifications import outbox
from notifications.outbox import Recipient

from ..enums import AccountEmail, Role
from ..models import Invitation, Membership, User
from .seats import Seat, describe_places, read_seat


def member_invited(invitation: Invitation, token: str) -> None:
    """Email the link of a saved invitation, and store that email on it. Each sending has its own email."""
    with translation.override(invitation.language):
        context = {
            "partner": invitation.partner.name,
            "actor": str(invitation.invited_by),
            "role": str(Role(invitation.role).label),
            "places": describe_places(read_seat(invitation)),
            "expires": describe_expiry(invitation),
            "url": settings.CPOR_BASE_URL + reverse("partners:invitation", args=[token]),
        }
    invitation.message = outbox.enqueue(
        AccountEmail.MEMBER_INVITED,
        key=f"member_invited:{invitation.pk}:{invitation.sendings}",
        to=Recipient(email=invitation.email, name="", language=invitation.language),
        context=context,
    )
    invitation.save(update_fields=["message"])


def member_changed(member: Membership, seat: Seat, *, actor: User) -> None:
    """Tell a member that ``actor`` gave them another role or other locations."""
    with translation.override(member.user.language):
        facts = {"role": str(seat.role.label), "places": describe_places(seat)}
    _tell(AccountEmail.MEMBER_CHANGED, member, actor=actor, **facts)


def member_removed(member: Membership, *, actor: User) -> None:
    """Tell a former member that ``actor`` ended their access."""
    _tell(AccountEmail.MEMBER_REMOVED, member, actor=actor)


def describe_expiry(invitation: Invitation) -> str:
    """Return until when the link works, with its time zone, in the active language [R6]."""
    at = formats.date_format(invitation.expires_at.astimezone(dt.UTC), "DATETIME_FORMAT")
    return f"{at} (UTC)"


def _tell(kind: AccountEmail, member: Membership, *, actor: User, **facts: str) -> None:
    person = member.user
    outbox.enqueue(
        kind,
        key=f"{kind.value}:{uuid.uuid4()}",
        to=Recipient(email=person.email, name=person.full_name, language=person.language),
        context={"partner": member.partner.name, "actor": str(actor), **facts},
    )
