"""Accepting an invitation [R42]: with the account one has, or with a new one for the invited address.

Two tabs, two clicks or two invitations at once end as one would: the partner's lock decides who is
first, and constraints of the database stand behind it.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

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
    """The invitation is for another address than the person's."""

    def __init__(self):
        super().__init__(_("This invitation was sent to a different address."))


class AccountExistsError(MemberError):
    """Whoever has the invited address has an account, and signs in instead of making one."""

    def __init__(self):
        super().__init__(_("There is already an account for this address. Sign in with it."))


def find_account(invitation: Invitation) -> User | None:
    """Who signs in with the invited address, if there is somebody."""
    return find_person(invitation.email)


def is_for(invitation: Invitation, user: User) -> bool:
    """Is it this person's address? Capitals do not matter, a plus sign does."""
    return fold_address(invitation.email) == fold_address(user.email)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, user: User) -> Membership:
    """Make ``user``, who is signed in and followed the link, a member [R42].

    Somebody who became a member meanwhile keeps the seat they have. Raises WrongPersonError or
    NotOpenError.
    """
    if not user.is_active or not is_for(invitation, user):
        raise WrongPersonError
    partner, fresh = _lock_in_force(invitation)
    return _join(fresh, partner, user)


def accept_as_new(invitation: Invitation, *, person: User) -> Membership:
    """Make ``person``, not saved yet, an account for the invited address and a member [R42].

    The link was mailed there, so the address counts as proven. Raises AccountExistsError or
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
        # The address was taken as we looked, by another partner's invitation or by staff.
        if not is_violation_of(error, User, *ONCE_PER_ADDRESS):
            raise
        raise AccountExistsError from error


def _lock_in_force(invitation: Invitation) -> tuple[Partner, Invitation]:
    """Lock, read anew: the link that was followed must still be the newest, and in time."""
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
