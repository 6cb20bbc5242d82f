"""What every reminder of a deadline shares: each is sent once in a window, under the claim's lock [R61]."""

import datetime as dt
from collections.abc import Callable, Iterable

import structlog
from django.db.models import Exists, F, OuterRef, QuerySet

from ..claims.lifecycle import hold_claim
from ..enums import ReminderKind
from ..models import Claim, Reminder

log = structlog.get_logger(__name__)

#: Reminders of one kind in one run; the next run, a minute later, sends the others.
AT_ONCE = 1_000


def without_reminder(claims: QuerySet[Claim], kind: ReminderKind) -> QuerySet[Claim]:
    """Narrow to claims of whose open window no one was reminded in this way."""
    sent = Reminder.objects.filter(
        claim=OuterRef("pk"), kind=kind, opened_at=OuterRef("window_opened_at")
    )
    return claims.filter(~Exists(sent), window_opened_at__isnull=False)


def remind_each(
    claim_ids: Iterable[int], kind: ReminderKind, *, send: Callable[[Claim], bool]
) -> None:
    """Remind of each claim once, with its lock held; a fault in one stops no other.

    ``send`` takes the locked claim, checks it again, and returns whether it queued an email.
    """
    for pk in claim_ids:
        try:
            _remind(pk, kind, send)
        except Claim.DoesNotExist:
            continue
        except Exception:
            log.exception("a reminder could not be sent", claim=pk, kind=kind)


def _remind(claim_id: int, kind: ReminderKind, send: Callable[[Claim], bool]) -> None:
    with hold_claim(claim_id) as claim:
        window = {"claim": claim, "kind": kind, "opened_at": claim.window_opened_at}
        if claim.window_opened_at is None or Reminder.objects.filter(**window).exists():
            return
        if send(claim):
            Reminder.objects.create(**window)


def due_between(claims: QuerySet[Claim], after: dt.datetime, until: dt.datetime) -> QuerySet[Claim]:
    """Narrow to claims whose deadline lies after one instant and not after another; oldest first."""
    return claims.filter(due_at__gt=after, due_at__lte=until).order_by(F("due_at"), "pk")
