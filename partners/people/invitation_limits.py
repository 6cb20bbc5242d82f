"""How many invitations can be sent in an hour, so that no one can use us to flood a mailbox [R42].

Every sending counts, the first and any later one, by partner and, across partners, by address.
"""

import math

from django.utils.translation import ngettext

from cpor_site.web.addresses import fold_address
from cpor_site.web.counters import HOUR, MINUTE, find_wait, take_turns

from ..models import Partner
from .members import MemberError

BY_PARTNER = 60
BY_ADDRESS = 5


class TooManyInvitations(MemberError):
    """The hourly limit is reached; the next one can be sent in ``seconds``."""

    def __init__(self, words: str, *, seconds: int):
        super().__init__(words)
        self.seconds = seconds


def count_invitation(partner: Partner, email: str) -> None:
    """Count one invitation from ``partner`` to ``email``, just before it is sent.

    Raises TooManyInvitations without counting.
    """
    address, sender = f"to {fold_address(email)}", f"for {partner.pk}"
    full = take_turns("send an invitation", {address: BY_ADDRESS, sender: BY_PARTNER})
    if not full:
        return
    seconds = find_wait(window=HOUR)
    minutes = math.ceil(seconds / MINUTE)
    words = _describe_address(minutes) if full == address else _describe_sender(minutes)
    facts = {"email": email, "partner": partner, "minutes": minutes}
    raise TooManyInvitations(words % facts, seconds=seconds)


def _describe_address(minutes: int) -> str:
    return ngettext(
        "No more invitations can be sent to %(email)s right now. Try again in %(minutes)d minute.",
        "No more invitations can be sent to %(email)s right now. Try again in %(minutes)d minutes.",
        minutes,
    )


def _describe_sender(minutes: int) -> str:
    return ngettext(
        "%(partner)s has reached its hourly limit of invitations. Try again in %(minutes)d minute.",
        "%(partner)s has reached its hourly limit of invitations. Try again in %(minutes)d "
        "minutes.",
        minutes,
    )
