"""The set-based twin of ``lifecycle.change_status`` for finalisation: Approved → Official, many at once.

It keeps the six safeguards in SQL: the caller holds the claims' rows locked and has checked them, the
slot's constraint is the database's, and each claim gets one history row, hashed as ``history`` does it,
and one outbox row, in the same transaction.
"""

import datetime as dt
import json
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from cpor_site.web.instants import to_microseconds

from ..claims.history import canonical_sql, hash_sql
from ..claims.setbased import bind_ids, bind_instant, phrase
from ..claims.subscription_ends import bind_end, find_last_local_day
from ..customer.delivered import DELIVERED_SQL, bind_delivery
from ..enums import (
    Actor,
    AssociationStatus,
    ClaimEmail,
    ContactRole,
    EventKind,
    ParkedReason,
    Status,
)
from ..models import Claim
from .obstacles import OBSTACLES, bind_cases

#: So plain that the partial index answers it: an idle sweep costs next to nothing. One row with all ids,
#: since to read two hundred deadlines costs more than to find them.
LOCK = """
    WITH due AS (
      SELECT c.id, c.due_at FROM {claim} c
      WHERE c.status = %(approved)s AND NOT c.is_parked AND c.due_at <= %(latest)s AFTER
      ORDER BY c.due_at, c.id LIMIT %(size)s {locked}
    ) SELECT {listed_ids}, max(due_at) FROM due"""

#: One comparison of the pair: said with OR, the planner reads and sorts all that is due.
AFTER = "AND (c.due_at, c.id) > (%(last_due)s, %(last_id)s)"

OF_MINE = "SELECT m.claim_id FROM mine m"

#: Claims of a chunk that are settled one by one. An obstacle is named by ``obstacles``; besides: nothing is
#: left of the claim, a notice was not delivered, a contact's account may not see it (who is told instead
#: is decided claim by claim), a slot is held (by its own partner, or by one that hands it over: the holding
#: must be locked first [R32], [R35]), or
#: two of this set ask for a slot (of one partner too: they may be for the same activity).
HINDERED = [
    """
    SELECT c.id AS claim_id FROM {claim} c WHERE c.id {in_ids}
      AND (c.id NOT IN (SELECT claim_id FROM mine) OR c.id NOT IN (SELECT claim_id FROM told))""",
    """
    SELECT k.claim_id FROM {contact} k JOIN {claim} c ON c.id = k.claim_id
      JOIN {user} u ON lower(u.email) = lower(k.email)
      WHERE k.claim_id {in_ids} AND k.role = %(partner_contact)s AND NOT (u.is_active AND EXISTS (
        SELECT 1 FROM {membership} s WHERE s.user_id = u.id AND s.partner_id = c.partner_id
        AND (s.has_all_locations OR EXISTS (SELECT 1 FROM {membership_location} l
          WHERE l.membership_id = s.id AND l.location_id = c.location_id))))""",
    """
    SELECT m.claim_id FROM mine m JOIN {holding} h ON h.slot_key = m.slot_key
      WHERE h.released_at IS NULL""",
    """
    SELECT r.claim_id FROM (
      SELECT m.claim_id, min(m.claim_id) OVER same AS first, max(m.claim_id) OVER same AS last
      FROM mine m WINDOW same AS (PARTITION BY m.slot_key)) r WHERE r.first <> r.last""",
    *(
        f"{OF_MINE} WHERE {text}"
        for reason, text in OBSTACLES.items()
        # What is official rests on a holding, and so does what a holder is in the way of.
        if reason not in (ParkedReason.OWN_CLAIM, ParkedReason.SLOT_HELD)
    ),
]

#: What the writing statements read, by the name they use.
READ = {
    "mine": """
    SELECT a.id, a.claim_id, a.slot_key, a.partner_id, a.subscription_id, p.name
    FROM {association} a JOIN {product} p ON p.id = a.product_id
    WHERE a.claim_id {in_ids} AND a.status = %(proposed)s""",
    "named": """
    SELECT m.claim_id, {names} AS names FROM (SELECT * FROM mine ORDER BY id) m GROUP BY m.claim_id""",
    "told": DELIVERED_SQL,
    "hindered": " UNION ".join(HINDERED),
    "plain": """
    SELECT c.id, c.reference, c.name, c.tenant_id, c.history_length, c.history_hash, o.names
    FROM named o JOIN {claim} c ON c.id = o.claim_id
    WHERE o.claim_id NOT IN (SELECT claim_id FROM hindered)""",
}

#: What is written, in this order where the database takes one statement at a time.
WRITE = {
    "held": """
    INSERT INTO {holding} (slot_key, partner_id, held_since)
    SELECT DISTINCT m.slot_key, m.partner_id, {instant}
    FROM mine m WHERE m.claim_id NOT IN (SELECT claim_id FROM hindered)
      AND m.slot_key NOT IN ({taken}) ORDER BY m.slot_key""",
    "mails": """
    INSERT INTO {message} (key, kind, to_address, to_name, language, context)
    SELECT 'claim-official:' || c.id, %(mail)s, k.email, k.name, k.language, {object}(
      'reference', c.reference, 'claim_name', c.name, 'customer', t.name,
      'products', replace(c.names, {line_end}, ', '), 'url', %(claims_url)s || c.reference || '/')
    FROM plain c
    JOIN {tenant} t ON t.id = c.tenant_id
    JOIN {contact} k ON k.claim_id = c.id AND k.role = %(partner_contact)s""",
    "written": """
    INSERT INTO {event} (claim_id, number, kind, from_status, to_status, actor, actor_id, actor_name,
      at_microseconds, reason_code, reason, subjects, previous_hash, hash)
    SELECT c.id, c.history_length + 1, CAST(%(moved)s AS text), CAST(%(approved)s AS text),
      CAST(%(claim_official)s AS text), CAST(%(system)s AS text), 0, '',
      CAST(%(microseconds)s AS bigint), '', '', c.names, c.history_hash, HASH
    FROM plain c
    RETURNING claim_id, number, hash""",
    "moved": """
    UPDATE {claim} SET status = CAST(%(claim_official)s AS text), status_since = {instant},
      updated_at = {instant},
      window_opened_at = NULL, due_at = NULL, due_time_zone = '', turn = '', is_parked = false,
      revision = {claim}.revision + 1, history_length = e.number, history_hash = e.hash
    FROM written e WHERE {claim}.id = e.claim_id""",
    "official": """
    UPDATE {association} SET status = %(official)s, official_at = {instant},
      parked_reason = '', parked_since = NULL, look_again_at = NULL
    WHERE id IN (SELECT m.id FROM mine m WHERE m.claim_id NOT IN (SELECT claim_id FROM hindered))""",
}

#: For a few hundred claims, PostgreSQL would rather read the whole table of notices than use its index.
#: At 200,000 claims that was a fifth of a chunk's time, while opt-outs wait, and it grows.
LOOK_UP = "SET LOCAL enable_seqscan = off"

TELL_HINDERED = "SELECT claim_id FROM hindered"

NONE_HINDERED = "SELECT CAST(NULL AS bigint) AS claim_id WHERE false"

#: What is read of one claim: the products of it that are free.
READ_ONE = READ | {
    "mine": READ["mine"].replace("a.claim_id {in_ids}", "a.id {in_ids}"),
    "hindered": NONE_HINDERED,
}

#: Where one statement cannot pass on what it found or wrote: the hindered are left out already, and the
#: history rows are read again.
AFTERWARDS = {
    "hindered": NONE_HINDERED,
    "written": """
    SELECT e.claim_id, e.number, e.hash
    FROM {event} e JOIN plain c ON c.id = e.claim_id AND e.number = c.history_length + 1""",
}

#: The history row's hashed fields as SQL text expressions.
HASHED = {
    "claim_id": "CAST(c.id AS text)",
    "number": "CAST(c.history_length + 1 AS text)",
    "kind": "CAST(%(moved)s AS text)",
    "from_status": "CAST(%(approved)s AS text)",
    "to_status": "CAST(%(claim_official)s AS text)",
    "actor": "CAST(%(system)s AS text)",
    "actor_id": "'0'",
    "actor_name": "''",
    "at_microseconds": "CAST(CAST(%(microseconds)s AS bigint) AS text)",
    "reason_code": "''",
    "reason": "''",
    "subjects": "c.names",
    "previous_hash": "c.history_hash",
}


class Due(NamedTuple):
    """Claims that are due, oldest first: their IDs, and the deadline of the last one."""

    ids: list[int]
    last_due: dt.datetime | str


def lock_due(latest: dt.datetime, *, after: Due | None = None, size: int) -> Due | None:
    """Lock up to ``size`` claims that are due by ``latest`` (aware), oldest first; None if there are none.

    Skips claims that another transaction has locked, and everything up to the last claim of ``after``.
    """
    params = {"approved": Status.APPROVED.value, "latest": bind_instant(latest), "size": size}
    if after:
        params |= {"last_due": after.last_due, "last_id": after.ids[-1]}
    with connection.cursor() as cursor:
        cursor.execute(phrase(LOCK.replace("AFTER", AFTER if after else "")), params)
        listed, last_due = cursor.fetchone()
    return Due([int(pk) for pk in listed.split(",")], last_due) if listed else None


def make_official(claim_ids: list[int], *, at: dt.datetime) -> set[int]:
    """Make claims official at ``at``; return those with an obstacle, which stay as they were.

    The caller's transaction has locked the claims, approved and due, in an earlier statement, so this one
    sees everything that was committed before the locks. Raise IntegrityError, for the whole set, if one
    of the slots was taken concurrently.
    """
    return _write(READ, list(WRITE), claim_ids, _bind(at))


def make_products_official(
    claim: Claim, association_ids: list[int], *, taken: set[str], at: dt.datetime
) -> None:
    """Make products of one locked claim official, and the claim itself if it is approved.

    The caller has checked for obstacles, tells the partner, and reads the claim again. ``taken`` are slots
    whose holding, by the same partner, the caller has locked. Raise IntegrityError if another slot was
    taken concurrently.
    """
    statements = ["held", "official"]
    if claim.status == Status.APPROVED:
        statements = ["held", "written", "moved", "official"]
    _write(READ_ONE, statements, association_ids, _bind(at, taken=taken))


def _write(read: dict[str, str], names: list[str], ids: list[int], params: dict) -> set[int]:
    """Run the named statements of WRITE; return claims with an obstacle, left unwritten."""
    hash_ = hash_sql(canonical_sql(HASHED))
    statements = {name: WRITE[name].replace("HASH", hash_) for name in names}
    params["ids"] = bind_ids(ids)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One statement: each row is looked up once, and a chunk takes one round trip.
            cursor.execute(LOOK_UP)
            cursor.execute(_combine(read | statements, TELL_HINDERED), params)
            return {pk for (pk,) in cursor.fetchall()}
        # SQLite allows one write per statement, and what the statements read must not change between them.
        cursor.execute(_combine(read, TELL_HINDERED), params)
        hindered = {pk for (pk,) in cursor.fetchall()}
        params["ids"] = bind_ids([pk for pk in ids if pk not in hindered])
        for statement in statements.values():
            cursor.execute(_combine(read | AFTERWARDS, statement), params)
            cursor.fetchall()
    return hindered


def _combine(parts: dict[str, str], statement: str) -> str:
    named = ", ".join(f"{name} AS ({text})" for name, text in parts.items())
    return phrase(f"WITH {named} {statement}")


def _bind(at: dt.datetime, *, taken: Iterable[str] = ()) -> dict:
    return {
        **bind_end(find_last_local_day(at)),
        **bind_delivery(),
        **bind_cases(),
        "taken": json.dumps(sorted(taken)),
        "at": bind_instant(at),
        "microseconds": to_microseconds(at),
        "claims_url": f"{settings.CPOR_BASE_URL}/claims/",
        "moved": EventKind.MOVED.value,
        "approved": Status.APPROVED.value,
        "claim_official": Status.OFFICIAL.value,
        "proposed": AssociationStatus.PROPOSED.value,
        "official": AssociationStatus.OFFICIAL.value,
        "system": Actor.SYSTEM.value,
        "partner_contact": ContactRole.PARTNER.value,
        "mail": ClaimEmail.CLAIM_OFFICIAL.value,
    }
