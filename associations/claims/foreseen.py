"""A claim as a move would leave it, to show people beforehand what they or others would read."""

import copy
import datetime as dt

from ..enums import Status
from ..models import Claim
from .lifecycle import find_rejection_reason, set_clock


def foresee(claim: Claim, target: Status, *, now: dt.datetime, reason_code: str = "") -> Claim:
    """Return a copy of ``claim`` with the status, reason and deadline that the move to ``target`` would set.

    It must not be saved. Whether the move exists is not asked.
    """
    later = copy.copy(claim)
    later.is_locked = False
    later.status = target
    later.rejection_reason = find_rejection_reason(claim, target, reason_code)
    set_clock(later, now=now)
    return later
