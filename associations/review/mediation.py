"""Staff's words to one side of a mediation, which must not tell it who the others are [R33]."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from ..claims.lifecycle import LifecycleError
from ..contests import settling
from ..contests.cases import hold_case
from ..contests.verdicts import require_no_stake
from ..enums import Actor
from ..filing.comments import write_comment
from ..models import CaseSide, Comment


class SideIsGone(LifecycleError):
    """The case is closed, or the partner no longer takes part in it."""

    words = _(
        "This partner no longer takes part in the mediation. Write your comment on its claim instead."
    )


def comment_to_side(side: CaseSide, *, actor, text: str, now: dt.datetime) -> Comment:
    """Comment on the claim of one side, which alone reads it, once the case is up to date.

    Raise NamesASide if ``text`` names another side, SideIsGone, CaseMoved or MediatorHasStake.
    """
    settling.settle_case(side.case_id, now=now)
    with hold_case(side.case_id, now=now) as held:
        require_no_stake(actor, held)
        current = held.sides[side.partner_id]
        is_gone = current.left_at is not None or current.claim_id not in held.claims
        if not held.case.is_open or is_gone:
            raise SideIsGone
        return write_comment(current.claim, actor=actor, side=Actor.STAFF, text=text, now=now)
