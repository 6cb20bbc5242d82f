"""Whether the customer was told: one condition for one claim and for many [R21], [R29], [R57]."""

from django.db import connection

from ..claims.setbased import bind_ids, phrase
from ..enums import ContactRole, NoticeStatus
from ..models import Claim

#: Of the claims among ``ids``, those for which each notice that the window rests on was accepted, with no
#: bounce known. The other parameters are those of ``bind_delivery``.
DELIVERED_SQL = """
    SELECT n.claim_id FROM {notice} n
    WHERE n.claim_id {in_ids} AND n.role <> %(registered)s AND n.status <> %(replaced)s
    GROUP BY n.claim_id HAVING min(n.status) = %(sent)s AND max(n.status) = %(sent)s"""


def bind_delivery() -> dict[str, str]:
    """Return the parameters of ``DELIVERED_SQL`` except ``ids``."""
    return {
        "registered": ContactRole.REGISTERED.value,
        "replaced": NoticeStatus.REPLACED.value,
        "sent": NoticeStatus.SENT.value,
    }


def is_delivered(claim: Claim) -> bool:
    """Return whether a notice was accepted, and has not bounced, for every contact the claim names [R29]."""
    with connection.cursor() as cursor:
        cursor.execute(phrase(DELIVERED_SQL), {"ids": bind_ids([claim.pk]), **bind_delivery()})
        return cursor.fetchone() is not None
