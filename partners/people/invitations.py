"""Inviting people to a partner, with an emailed link that works once, for one address and 14 days [R42].

GET changes nothing; accepting is a POST, or an email scanner would join. The link is a random key of
which only a digest is stored, and each sending creates a new one, so that older links stop working.
"""

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..enums import AccessKind, InvitationState, Role
from ..models import Invitation, Membership, Partner, User
from ..sign_in.addresses import find_person
from . import emails
from .invitation_limits import count_invitation
from .members import (
    BeyondReachError,
    MemberError,
    find_admins,
    lock_partner,
    record_invitation,
    require_may_manage,
    revoke_open,
    settle_invitation,
)
from .seats import Seat, read_seat, write_seat

LIFETIME = dt.timedelta(days=14)
KEY_BYTES = 32


class AddressTaken(MemberError):
    """The address belongs to a member, or has already been invited."""


class NotOpenError(MemberError):
    """The invitation was accepted, revoked, replaced or sent again, or has expired."""

    words = gettext_lazy("This invitation is no longer open, so nothing was done.")


class AlreadySentError(MemberError):
    """Someone sent it again since the page was shown, or this is a second click."""

    words = gettext_lazy("A new link has just been sent. Only the latest one works.")


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation of a link, whatever its state; None for an unknown or older link."""
    known = Invitation.objects.select_related("partner", "invited_by", "accepted_by")
    return known.filter(key_digest=_digest(token)).first()


@transaction.atomic
def invite_member(
    partner: Partner, seat: Seat, *, email: str, language: str, actor: User
) -> Invitation:
    """Offer ``seat`` to ``email``, with an email in ``language``, as the Incentives admin ``actor`` [R42].

    Replaces an expired earlier invitation of the address. Raises AddressTaken,
    BeyondReachError or TooManyInvitations.
    """
    partner = lock_partner(partner.pk)
    require_may_manage(actor, partner, seat)
    _require_no_member(partner, email)
    for earlier in Invitation.objects.unsettled().filter(partner=partner).to_address(email):
        if earlier.is_in_force:
            raise AddressTaken(
                _(
                    "%(email)s has already been invited. Send the invitation again, or revoke it first."
                )
                % {"email": earlier.email}
            )
        settle_invitation(earlier, InvitationState.REPLACED)
    return _make_invitation(partner, seat, email=email, language=language, actor=actor)


@transaction.atomic
def invite_first_admin(partner: Partner, *, email: str, language: str, actor: User) -> Invitation:
    """Offer a partner's first seat, as Incentives admin for all locations, on behalf of staff (section 11).

    Earlier invitations that were not accepted stop working: one of them may have been mistyped. Raises
    BeyondReachError without the permission, TooManyInvitations, and MemberError if the partner already has
    an admin, who then has to invite people.
    """
    partner = lock_partner(partner.pk)
    if not actor.has_perm("partners.add_invitation"):
        raise BeyondReachError
    if find_admins(partner.pk).exists():
        raise MemberError(
            _("%(partner)s already has an Incentives admin, who invites everyone else.")
            % {"partner": partner}
        )
    for earlier in Invitation.objects.unsettled().filter(partner=partner):
        revoke_open(earlier, actor=actor)
    _require_no_member(partner, email)
    seat = Seat(Role.INCENTIVES_ADMIN)
    return _make_invitation(partner, seat, email=email, language=language, actor=actor)


@transaction.atomic
def resend_invitation(invitation: Invitation, *, sendings: int, actor: User) -> Invitation:
    """Send a new link, valid for another 14 days; the older one stops working.

    ``sendings`` is how often it had been sent when the page was shown: a second click sends nothing.
    Raises AlreadySentError, NotOpenError, AddressTaken, BeyondReachError or TooManyInvitations.
    """
    partner, fresh = lock_open(invitation)
    require_may_manage(actor, partner, read_seat(fresh))
    if fresh.sendings != sendings:
        raise AlreadySentError
    _require_no_member(partner, fresh.email)
    count_invitation(partner, fresh.email)
    fresh.invited_by = actor
    token = _renew_link(fresh)
    fresh.save()
    emails.member_invited(fresh, token)
    record_invitation(AccessKind.INVITATION_RESENT, fresh, actor=actor)
    return fresh


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, actor: User) -> None:
    """Make an open invitation's link stop working. Raises NotOpenError or BeyondReachError."""
    partner, fresh = lock_open(invitation)
    require_may_manage(actor, partner, read_seat(fresh))
    revoke_open(fresh, actor=actor)


def _make_invitation(partner, seat: Seat, *, email: str, language: str, actor) -> Invitation:
    count_invitation(partner, email)
    invitation = Invitation(partner=partner, email=email, language=language, invited_by=actor)
    token = _renew_link(invitation)
    write_seat(invitation, seat)
    emails.member_invited(invitation, token)
    record_invitation(AccessKind.MEMBER_INVITED, invitation, actor=actor)
    return invitation


def _renew_link(invitation: Invitation) -> str:
    """Set a new key on the invitation, unsaved, and return it: the older one stops working."""
    token = secrets.token_urlsafe(KEY_BYTES)
    invitation.key_digest = _digest(token)
    invitation.expires_at = timezone.now() + LIFETIME
    invitation.sendings += 1
    invitation.is_undelivered = False
    return token


def _require_no_member(partner: Partner, email: str) -> None:
    if Membership.objects.filter(partner=partner, user=find_person(email)).exists():
        raise AddressTaken(
            _("%(email)s is already a member of %(partner)s.")
            % {"email": email, "partner": partner}
        )


def lock_open(invitation: Invitation) -> tuple[Partner, Invitation]:
    """Lock the partner and re-read the invitation. Raises NotOpenError."""
    partner = lock_partner(invitation.partner_id)
    fresh = Invitation.objects.select_related("partner", "invited_by").get(pk=invitation.pk)
    if fresh.state != InvitationState.OPEN:
        raise NotOpenError
    return partner, fresh


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
