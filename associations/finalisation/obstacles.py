"""What keeps a product from becoming official, each obstacle named once [R29], [R30], [R32].

They are checked for one claim, for a chunk, and for what is set aside. They read the data instead of
listening to events: a page, an import or a correction may remove an obstacle.
"""

import datetime as dt

from django.db import connection

from ..claims.setbased import bind_instant, phrase
from ..claims.slots import list_sharing_activities
from ..claims.subscription_ends import OVER_SQL, bind_end, find_local_day
from ..enums import AssociationStatus, CaseStatus, ParkedReason
from ..models import Claim

#: Conditions on ``m``, a row of associations, in the order in which a reason is named.
OBSTACLES: dict[ParkedReason, str] = {
    ParkedReason.SUBSCRIPTION_ENDED: """
      EXISTS (SELECT 1 FROM {subscription} s WHERE s.id = m.subscription_id AND OVER)""".replace(
        "OVER", OVER_SQL
    ),
    ParkedReason.SLOT_HELD: """
      EXISTS (SELECT 1 FROM {holding} h WHERE h.slot_key = m.slot_key AND h.released_at IS NULL
        AND h.partner_id <> m.partner_id)
      AND NOT EXISTS (SELECT 1 FROM {mediation} k WHERE k.slot_key = m.slot_key
        AND k.closed_at IS NULL AND k.status = %(handover)s AND k.winner_id = m.partner_id)""",
    ParkedReason.CONTESTED: """
      EXISTS (SELECT 1 FROM {mediation} k WHERE k.slot_key = m.slot_key AND k.closed_at IS NULL
        AND k.status IN (%(decided)s, %(disputed)s))""",
    ParkedReason.OWN_CLAIM: """
      EXISTS (SELECT 1 FROM {association} o JOIN {claim} oc ON oc.id = o.claim_id
        JOIN {claim} mc ON mc.id = m.claim_id
        WHERE o.slot_key = m.slot_key AND o.partner_id = m.partner_id AND o.claim_id <> m.claim_id
        AND o.status = %(official)s AND (mc.activity, oc.activity) IN (VALUES SHARING))""".replace(
        "SHARING", list_sharing_activities()
    ),
}

OF_ONE = """
    SELECT m.id, CASE {cases} END FROM {association} m
    WHERE m.claim_id = %(claim_id)s AND m.status = %(proposed)s"""

FREED = """
    SELECT DISTINCT m.claim_id FROM {association} m
    WHERE m.status = %(proposed)s AND NOT m.parked_reason = ''
      AND (m.look_again_at IS NULL OR m.look_again_at <= {instant})
      AND (m.parked_since IS NULL OR CASE m.parked_reason {cases} ELSE true END)
    ORDER BY m.claim_id LIMIT %(limit)s"""


def find_obstacles(claim: Claim, at: dt.datetime) -> dict[int, ParkedReason]:
    """Return why proposed products of a claim cannot become official at ``at``, by association ID.

    Lock the holdings of the slots first if the answer must remain true.
    """
    cases = [f"WHEN {text} THEN '{reason.value}'" for reason, text in OBSTACLES.items()]
    params = _bind(find_local_day(claim.tenant, at) if claim.tenant else at.date())
    rows = _select(OF_ONE, cases, params | {"claim_id": claim.pk})
    return {pk: ParkedReason(reason) for pk, reason in rows if reason}


def find_freed(at: dt.datetime, *, limit: int) -> list[int]:
    """Return the IDs of claims with a product whose obstacle may be gone at ``at``.

    One query over what is set aside, by a partial index. It may return a claim too many: the finaliser
    checks again with the claim locked. A product set aside by a fault has no obstacle; it is retried.
    """
    cases = [f"WHEN '{reason.value}' THEN NOT ({text})" for reason, text in OBSTACLES.items()]
    # In no time zone is it earlier than the day before this one.
    params = _bind(at.astimezone(dt.UTC).date() - dt.timedelta(days=1))
    rows = _select(FREED, cases, params | {"at": bind_instant(at), "limit": limit})
    return [pk for (pk,) in rows]


def _select(statement: str, cases: list[str], params: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(phrase(statement.replace("{cases}", " ".join(cases))), params)
        return cursor.fetchall()


def bind_cases() -> dict:
    """Return the parameters by which the obstacles name the statuses of mediation cases."""
    statuses = (CaseStatus.HANDOVER, CaseStatus.DECIDED, CaseStatus.DISPUTED)
    return {each.value: each.value for each in statuses}


def _bind(day: dt.date) -> dict:
    return {
        **bind_end(day),
        **bind_cases(),
        "proposed": AssociationStatus.PROPOSED.value,
        "official": AssociationStatus.OFFICIAL.value,
    }
