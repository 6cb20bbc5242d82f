"""Who is a member of a partner: change and remove members, leave [R41], [R42], [R45].

Everything that decides who can act for a partner is serialised by a lock on the partner's row, and checks
again under it who is asking: of two admins who remove each other concurrently, one remains.

Two decisions. *No one can give, change or take away more than they have*: an admin for chosen locations
sees all members, and manages those whose locations are all among their own. *The last Incentives
admin* is the last one **for all locations**, since no other can give everything; if a partner has
admins for chosen locations only, the last of those. People who cannot sign in don't count.
"""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cpor_site.web.refused import RefusedError

from ..audit.access_record import record_access, record_membership
from ..enums import AccessKind, InvitationState, Role
from ..models import Invitation, Membership, Partner, User
from . import emails
from .seats import Seat, find_seat, name_places, read_seat, write_seat


class MemberError(RefusedError):
    """Nothing was done; ``str(error)`` is the message for the person."""


class LastAdminError(MemberError):
    """A partner must keep an Incentives admin who can give everything [R45]."""

    words = _(
        "The last Incentives admin for all locations cannot leave, be removed or get a lesser role. "
        "Give someone else that role first."
    )


class BeyondReachError(MemberError):
    """The acting person does not have everything that this requires [R43]."""

    words = _("Your role does not cover this. An Incentives admin for all locations can do it.")


class StaleMemberError(MemberError):
    """Someone else has changed or removed the member since the page was shown."""

    words = _(
        "Someone else has changed this since you opened it, so nothing was done. Check it again."
    )


def lock_partner(partner_id: int) -> Partner:
    """Lock the partner's row, to decide who acts for it; call at the beginning of a transaction.

    With ``no_key``: rows that only refer to the partner, such as claims, don't have to wait.
    """
    return Partner.objects.select_for_update(no_key=True).get(pk=partner_id)


def require_may_manage(actor: User, partner: Partner, *seats: Seat) -> None:
    """Check under the lock that ``actor`` is an admin whose own seat covers all ``seats``.

    Raises BeyondReachError.
    """
    mine = find_seat(actor, partner.pk)
    if mine is None or not mine.is_admin or not all(mine.may_manage(seat) for seat in seats):
        raise BeyondReachError


def find_admins(partner_id: int) -> QuerySet[Membership]:
    """Return memberships of the partner's Incentives admins who can sign in."""
    return Membership.objects.filter(
        partner=partner_id, role=Role.INCENTIVES_ADMIN, user__is_active=True
    )


def find_members(partner: Partner, term: str = "") -> QuerySet[Membership]:
    """Return the partner's members by name, only those with ``term`` in their name or address."""
    members = Membership.objects.filter(partner=partner).select_related("user")
    if term:
        named = Q(user__full_name__icontains=term) | Q(user__email__icontains=term)
        members = members.filter(named)
    return members.order_by("user__full_name", "user__email")


def find_open_invitations(partner: Partner, term: str = "") -> QuerySet[Invitation]:
    """Return invitations neither accepted nor revoked, the next to expire first."""
    invitations = Invitation.objects.unsettled().filter(partner=partner)
    if term:
        invitations = invitations.filter(email__icontains=term)
    return invitations.select_related("invited_by").order_by("expires_at", "pk")


def is_last_admin(member: Membership, *, after: Seat | None) -> bool:
    """Return whether the partner would lose its last admin if ``member`` had ``after``, or nothing [R45]."""
    if not member.is_incentives_admin or not member.user.is_active:
        return False
    others = find_admins(member.partner_id).exclude(pk=member.pk)
    if member.has_all_locations:
        stays = after is not None and after.is_admin and after.has_all_locations
        return not stays and not others.filter(has_all_locations=True).exists()
    stays = after is not None and after.is_admin
    return not stays and not others.exists()


def has_open_invitation(email: str) -> bool:
    """Return whether this address, in any case, has been invited with a link that would work now."""
    return Invitation.objects.in_force().to_address(email).exists()


@transaction.atomic
def change_member(member: Membership, seat: Seat, *, shown: str, actor: User) -> Membership:
    """Give ``member`` another role or other locations, as the colleague ``actor`` decided [R41].

    ``shown`` is the code of the seat that ``actor`` saw. The same seat again changes nothing.
    Raises BeyondReachError, LastAdminError or StaleMemberError.
    """
    partner, fresh = _lock_member(member)
    before = read_seat(fresh)
    require_may_manage(actor, partner, before, seat)
    if before.code != shown:
        raise StaleMemberError
    if before == seat:
        return fresh
    if is_last_admin(fresh, after=seat):
        raise LastAdminError
    write_seat(fresh, seat)
    revoke_what_reaches_beyond(fresh.user, partner, seat, actor=actor)
    record_membership(AccessKind.ROLE_CHANGED, fresh, user=actor)
    if actor != fresh.user:
        emails.member_changed(fresh, seat, actor=actor)
    return fresh


@transaction.atomic
def remove_member(member: Membership, *, actor: User) -> None:
    """End a colleague's access, from their next request [R42]. Their drafts stay with the partner.

    Open invitations that they sent are revoked: no one can return through a link of their own.
    Raises BeyondReachError, LastAdminError or StaleMemberError.
    """
    partner, fresh = _lock_member(member)
    require_may_manage(actor, partner, read_seat(fresh))
    _end_membership(fresh, partner, kind=AccessKind.MEMBER_REMOVED, actor=actor)
    emails.member_removed(fresh, actor=actor)


@transaction.atomic
def leave_partner(member: Membership) -> None:
    """End the person's own membership, whatever their role. Raises LastAdminError or StaleMemberError."""
    partner, fresh = _lock_member(member)
    _end_membership(fresh, partner, kind=AccessKind.MEMBER_LEFT, actor=fresh.user)


def _lock_member(member: Membership) -> tuple[Partner, Membership]:
    partner = lock_partner(member.partner_id)
    fresh = Membership.objects.select_related("user", "partner").filter(pk=member.pk).first()
    if fresh is None:
        raise StaleMemberError
    return partner, fresh


def _end_membership(member: Membership, partner: Partner, *, kind: AccessKind, actor: User) -> None:
    if is_last_admin(member, after=None):
        raise LastAdminError
    record_membership(kind, member, user=actor)
    member.delete()
    revoke_what_reaches_beyond(member.user, partner, None, actor=actor)


def revoke_what_reaches_beyond(
    user: User, partner: Partner, seat: Seat | None, *, actor: User | None
) -> None:
    """Revoke the open invitations that ``user`` sent but, with ``seat`` or none, could not send now.

    ``actor`` is the person who changed the seat, if known. Requires the partner's lock.
    """
    sent = Invitation.objects.unsettled().filter(partner=partner, invited_by=user)
    for invitation in sent.select_related("partner").prefetch_related("locations"):
        if seat is None or not seat.may_manage(read_seat(invitation)):
            revoke_open(invitation, actor=actor)


def revoke_open(invitation: Invitation, *, actor: User | None) -> None:
    """Make an open invitation's link stop working. Requires the partner's lock."""
    settle_invitation(invitation, InvitationState.REVOKED)
    record_invitation(AccessKind.INVITATION_REVOKED, invitation, actor=actor)


def record_invitation(kind: AccessKind, invitation: Invitation, *, actor: User | None) -> None:
    """Write to the access record what ``actor`` did with an invitation, and what it offers."""
    seat = read_seat(invitation)
    record_access(
        kind,
        user=actor,
        partner=invitation.partner,
        subject=invitation.email,
        role=seat.role,
        locations=name_places(seat),
    )


def settle_invitation(
    invitation: Invitation, state: InvitationState, *, by: User | None = None
) -> None:
    """Close an open invitation permanently; ``by`` is who accepted it. Requires the partner's lock."""
    invitation.state, invitation.settled_at = state, timezone.now()
    invitation.accepted_by = by
    invitation.save(update_fields=["state", "settled_at", "accepted_by"])
