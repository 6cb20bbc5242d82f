"""The customer's other answers: “That's right”, and “I'm not the right person” [R22]."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.utils.translation import gettext_lazy as _

from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError
from ..enums import AssociationStatus, EventKind
from . import notice_outcomes
from .optout import Link, LinkGivenUp, WindowClosed, hold_link, is_open

TOO_LATE_TO_ANSWER = _("The time to answer is over, so nothing was changed.")


def confirm(token: str, *, at: dt.datetime) -> Link:
    """Record that the contact said “That's right”; no deadline changes and no one is bound [R22].

    The customer can still refuse until the deadline. ``at`` is when the request arrived. Repeating it
    changes nothing. Raise UnknownLink, WindowClosed or LifecycleError.
    """
    with _hold_open(token, at) as link:
        asked = link.claim.associations.filter(status=AssociationStatus.PROPOSED)
        names = [str(each.product) for each in asked.select_related("product")]
        if not names:
            raise LifecycleError(_("All of it is refused. Take back what is right after all."))
        notice = link.notice
        if notice.confirmed_at is None:
            notice.confirmed_at = at
            notice.save(update_fields=["confirmed_at"])
            by = By.customer(notice.signature)
            record_event(link.claim, EventKind.CONFIRMED, by=by, subjects=names, now=at)
    return link


def decline_as_wrong_person(token: str, *, at: dt.datetime) -> None:
    """Record that the contact is not the right person: the notice counts as undelivered [R21], [R22].

    From then on the link decides nothing. A second click changes nothing. Raise UnknownLink or
    WindowClosed.
    """
    with suppress(LinkGivenUp), _hold_open(token, at) as link:
        notice_outcomes.record_wrong_person(link.notice, now=at)


@contextmanager
def _hold_open(token: str, at: dt.datetime) -> Iterator[Link]:
    with hold_link(token, at=at) as link:
        if link.claim.is_parked or not is_open(link.claim, at=at):
            raise WindowClosed(TOO_LATE_TO_ANSWER)
        yield link
