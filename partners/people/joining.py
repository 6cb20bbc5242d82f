"""Accepting an invitation [R42], with an existing account or a new one for the invited address.

Two concurrent tabs, clicks or invitations have the same result as one: the partner's lock decides which is
first, backed by database constraints.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cpor_site.web.addresses import fold_address
from cpor_site.web.constraints import is_violation_of

from ..audit.access_record import record_membership
from ..enums import AccessKind, InvitationState
from ..models import ONCE_PER_ADDRESS, Invitation, Membership, Partner, User
from ..sign_in.addresses import confirm_address, find_person
from .invitations import NotOpenError, lock_open
from .members import MemberError, settle_invitation
from .seats import read_seat, write_seat


class WrongPersonError(MemberError):
    """The invitation is for an address other than the person's."""

    words = _("This invitation was sent to a different address.")


class AccountExistsError(MemberError):
    """The invited address already has an account; the person should sign in instead."""

    words = _("There is already an account for this address. Sign in with it.")


def find_account(invitation: Invitation) -> User | None:
    """Return the person who signs in with the invited address, or None."""
    return find_person(invitation.email)


def is_for(invitation: Invitation, user: User) -> bool:
    """Return whether it is this person's address. Case does not matter, a plus sign does."""
    return fold_address(invitation.email) == fold_address(user.email)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, user: User) -> Membership:
    """Make ``user``, who is signed in and followed the link, a member [R42].

    A person who has become a member in the meantime keeps their seat. Raises WrongPersonError or
    NotOpenError.
    """
    if not user.is_active or not is_for(invitation, user):
        raise WrongPersonError
    partner, fresh = _lock_in_force(invitation)
    return _join(fresh, partner, user)


def accept_as_new(invitation: Invitation, *, person: User) -> Membership:
    """Save ``person`` as an account for the invited address, and make them a member [R42].

    The link was emailed there, so the address counts as confirmed. Raises AccountExistsError or
    NotOpenError.
    """
    person.email = User.objects.normalize_email(invitation.email)
    try:
        with transaction.atomic():
            partner, fresh = _lock_in_force(invitation)
            if find_account(fresh):
                raise AccountExistsError
            person.save(force_insert=True)
            return _join(fresh, partner, person)
    except IntegrityError as error:
        # The address was taken concurrently, through another partner's invitation or by staff.
        if not is_violation_of(error, User, *ONCE_PER_ADDRESS):
            raise
        raise AccountExistsError from error


def _lock_in_force(invitation: Invitation) -> tuple[Partner, Invitation]:
    """Lock and re-read: the link that was followed must still be the newest, and not expired."""
    partner, fresh = lock_open(invitation)
    if fresh.has_run_out or fresh.key_digest != invitation.key_digest:
        raise NotOpenError
    return partner, fresh


def _join(invitation: Invitation, partner: Partner, user: User) -> Membership:
    confirm_address(user)
    settle_invitation(invitation, InvitationState.ACCEPTED, by=user)
    member, is_new = Membership.objects.get_or_create(
        user=user, partner=partner, defaults={"role": invitation.role}
    )
    if is_new:
        write_seat(member, read_seat(invitation))
        record_membership(AccessKind.MEMBER_JOINED, member, user=user)
    return member
