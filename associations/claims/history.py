"""The claim's history: append-only rows, each hashed together with the previous one [R1], [R49].

The hashed text consists of integers and strings in a fixed order, each written as its length, a colon and
its value, so that no two rows have the same text and SQL can build it, too: the set-based paths compute
the same hash in the database (see ``canonical_sql``).
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from cpor_site.web.instants import to_microseconds

from ..enums import Actor, EventKind
from ..models import Claim, Event

#: The hashed fields in their order; a change here is a new version of the chain.
CANONICAL_FIELDS = (
    "claim_id",
    "number",
    "kind",
    "from_status",
    "to_status",
    "actor",
    "actor_id",
    "actor_name",
    "at_microseconds",
    "reason_code",
    "reason",
    "subjects",
    "previous_hash",
)


@dataclass(frozen=True)
class By:
    """Who acts: a user for a partner or staff, a named contact of the customer, or the system."""

    actor: Actor
    user_id: int = 0
    name: str = ""

    @classmethod
    def partner(cls, user) -> "By":
        return cls(Actor.PARTNER, user.pk, str(user))

    @classmethod
    def staff(cls, user) -> "By":
        return cls(Actor.STAFF, user.pk, str(user))

    @classmethod
    def customer(cls, name: str) -> "By":
        return cls(Actor.CUSTOMER, 0, name)


SYSTEM = By(Actor.SYSTEM)


def record_event(
    claim: Claim,
    kind: EventKind,
    *,
    by: By,
    now: dt.datetime,
    move: tuple[str, str] = ("", ""),
    reason_code: str = "",
    reason: str = "",
    subjects: Iterable[str] = (),
) -> Event:
    """Append a row to the history of ``claim``, which the caller holds locked in a transaction.

    ``now`` is the instant of the act, ``move`` the status before and after;
    ``subjects`` are the names of the products or files the row is about.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("History must be written in the transaction of the event.")
    event = Event(
        claim_id=claim.pk,
        number=claim.history_length + 1,
        kind=kind,
        from_status=move[0],
        to_status=move[1],
        actor=by.actor,
        actor_id=by.user_id,
        actor_name=by.name[:200],
        at_microseconds=to_microseconds(now),
        reason_code=reason_code,
        reason=reason,
        subjects="\n".join(subjects),
        previous_hash=claim.history_hash,
    )
    event.hash = compute_hash(event)
    event.save(force_insert=True)
    claim.history_length, claim.history_hash = event.number, event.hash
    claim.write("history_length", "history_hash")
    return event


def canonical_text(event: Event) -> str:
    """Return the text that is hashed for a row."""
    values = [str(getattr(event, name)) for name in CANONICAL_FIELDS]
    return "".join(f"{len(value)}:{value}" for value in values)


def canonical_sql(columns: dict[str, str]) -> str:
    """Return the same text as an SQL expression; ``columns`` has an SQL text expression for each field."""
    parts = [columns[name] for name in CANONICAL_FIELDS]
    return " || ".join(f"CAST(length({part}) AS text) || ':' || {part}" for part in parts)


def compute_hash(event: Event) -> str:
    return hashlib.sha256(canonical_text(event).encode()).hexdigest()


def hash_sql(expression: str) -> str:
    """Return SQL for the hexadecimal SHA-256 of an SQL text expression, for the database in use."""
    if connection.vendor == "postgresql":
        return f"encode(sha256(convert_to({expression}, 'UTF8')), 'hex')"
    return f"SHA256({expression})"


def find_broken_link(claim: Claim) -> int | None:
    """Return the number of the first row that does not follow from the one before, or None."""
    previous, expected = "", 0
    for event in claim.events.all():  # by number
        expected += 1
        follows = event.number == expected and event.previous_hash == previous
        if not follows or event.hash != compute_hash(event):
            return expected
        previous = event.hash
    return None if previous == claim.history_hash else expected + 1
