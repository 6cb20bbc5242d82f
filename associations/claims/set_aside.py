"""How a product stops being set aside; ``finalisation.parking`` sets it aside [R29]."""

from notifications import to_look_at
from notifications.enums import LookAtKind

from ..models import Association, Claim

#: The fields that say why, since when, and when to check again at the earliest.
FIELDS = ("parked_reason", "parked_since", "look_again_at")
NOTHING_IN_THE_WAY = dict(zip(FIELDS, ("", None, None), strict=True))


def clear(association: Association) -> bool:
    """Clear the reason of an association without saving; return whether there was one."""
    was_parked = bool(association.parked_reason)
    for name, value in NOTHING_IN_THE_WAY.items():
        setattr(association, name, value)
    return was_parked


def forget_obstacles(claim: Claim) -> None:
    """Clear the reasons of all products of a locked claim, and close the staff's entry."""
    if claim.associations.exclude(parked_reason="").update(**NOTHING_IN_THE_WAY):
        close_entry(claim)


def close_entry(claim: Claim) -> None:
    """Close the staff's entry if no product of the locked claim is set aside any longer."""
    if not claim.associations.exclude(parked_reason="").exists():
        to_look_at.resolve(LookAtKind.CLAIM_SET_ASIDE, key=claim.reference)
