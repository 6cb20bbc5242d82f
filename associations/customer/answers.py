"""The customer's other answers: “That's right”, and “I'm not the right person” [R22]."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError
from ..enums import AssociationStatus, EventKind
from . import notices
from .optout import Link, LinkGivenUp, WindowClosed, is_open, lock_link

TOO_LATE_TO_ANSWER = _("The time to answer is over, so nothing was changed.")


@transaction.atomic
def confirm(token: str, *, at: dt.datetime) -> Link:
    """Record that the contact said “That's right”; no deadline changes and no one is bound [R22].

    The customer can still refuse until the deadline. ``at`` is when the request arrived. Repeating it
    changes nothing. Raise UnknownLink, WindowClosed or LifecycleError.
    """
    link = _lock_open(token, at)
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


@transaction.atomic
def decline_as_wrong_person(token: str, *, at: dt.datetime) -> None:
    """Record that the contact is not the right person: the notice counts as undelivered [R21], [R22].

    From then on the link decides nothing. A second click changes nothing. Raise UnknownLink or
    WindowClosed.
    """
    try:
        link = _lock_open(token, at)
    except LinkGivenUp:
        return
    notices.record_wrong_person(link.notice, now=at)


def _lock_open(token: str, at: dt.datetime) -> Link:
    link = lock_link(token, at=at)
    if link.claim.is_parked or not is_open(link.claim, at=at):
        raise WindowClosed(TOO_LATE_TO_ANSWER)
    return link
