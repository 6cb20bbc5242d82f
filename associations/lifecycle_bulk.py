"""The set-based twin of ``lifecycle.change_status`` for finalisation: Approved → Official, many at once.

It keeps the six safeguards in SQL: the caller holds the claims' rows locked and has checked them, the
slot's constraint is the database's, and each claim gets one history row, hashed as ``history`` does it,
and one outbox row, in the same transaction.
"""

import datetime as dt

from django.conf import settings
from django.db import connection

from .enums import Actor, AssociationStatus, ContactRole, EventKind, Status
from .history import canonical_sql, hash_sql, to_microseconds
from .setbased import bind_ids, bind_instant, phrase

OFFICIAL_MAIL = "claim_official"

TAKE_SLOTS = """
    INSERT INTO {holding} (slot_key, partner_id, held_since)
    SELECT DISTINCT a.slot_key, a.partner_id, %(at)s
    FROM {association} a
    WHERE a.claim_id {in_ids} AND a.status = %(proposed)s
    ORDER BY a.slot_key
"""

MAKE_ASSOCIATIONS_OFFICIAL = """
    UPDATE {association} SET status = %(official)s, official_at = %(at)s
    WHERE claim_id {in_ids} AND status = %(proposed)s
"""

#: The products of each claim that are official now, as history and mail name them.
OFFICIAL_PRODUCTS = """(
    SELECT a.claim_id, {names} AS names, {listed} AS listed
    FROM {association} a JOIN {product} p ON p.id = a.product_id
    WHERE a.claim_id {in_ids} AND a.status = %(official)s
    GROUP BY a.claim_id
)"""

WRITE_HISTORY = """
    INSERT INTO {event} (claim_id, number, kind, from_status, to_status, actor, actor_id, actor_name,
      at_microseconds, reason_code, reason, subjects, previous_hash, hash)
    SELECT c.id, c.history_length + 1, %(moved)s, %(approved)s, %(claim_official)s, %(system)s, 0, '',
      %(microseconds)s, '', '', o.names, c.history_hash, HASH
    FROM {claim} c JOIN OFFICIAL_PRODUCTS o ON o.claim_id = c.id
    WHERE c.id {in_ids}
"""

MAKE_CLAIMS_OFFICIAL = """
    UPDATE {claim} SET status = %(claim_official)s, status_since = %(at)s, updated_at = %(at)s,
      window_opened_at = NULL, due_at = NULL, due_time_zone = '', turn = '',
      revision = {claim}.revision + 1, history_length = e.number, history_hash = e.hash
    FROM {event} e
    WHERE {claim}.id {in_ids} AND e.claim_id = {claim}.id AND e.number = {claim}.history_length + 1
"""

QUEUE_MAIL = """
    INSERT INTO {message} (key, kind, to_address, to_name, language, context)
    SELECT 'claim-official:' || c.id, %(mail)s, k.email, k.name, k.language, {object}(
      'reference', c.reference, 'claim_name', c.name, 'customer', t.name, 'products', o.listed,
      'url', %(claims_url)s || c.reference || '/')
    FROM {claim} c
    JOIN {tenant} t ON t.id = c.tenant_id
    JOIN {contact} k ON k.claim_id = c.id AND k.role = %(partner_contact)s
    JOIN OFFICIAL_PRODUCTS o ON o.claim_id = c.id
    WHERE c.id {in_ids}
"""

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
    "subjects": "o.names",
    "previous_hash": "c.history_hash",
}


def make_official(claim_ids: list[int], *, at: dt.datetime) -> None:
    """Make the proposed products of these claims official at the instant ``at``.

    The claims are approved, locked by the caller's transaction, and have no obstacle. Raises
    IntegrityError, for the whole set, where one of the slots was taken meanwhile.
    """
    params = _bind(claim_ids, at)
    history = WRITE_HISTORY.replace("HASH", hash_sql(canonical_sql(HASHED)))
    statements = (TAKE_SLOTS, MAKE_ASSOCIATIONS_OFFICIAL, history, MAKE_CLAIMS_OFFICIAL, QUEUE_MAIL)
    with connection.cursor() as cursor:
        for statement in statements:
            whole = statement.replace("OFFICIAL_PRODUCTS", OFFICIAL_PRODUCTS)
            cursor.execute(phrase(whole), params)


def _bind(claim_ids: list[int], at: dt.datetime) -> dict:
    return {
        "ids": bind_ids(claim_ids),
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
        "mail": OFFICIAL_MAIL,
    }
