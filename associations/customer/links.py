"""What the token of a customer's link names.

The page is asked for by anybody and often, mail scanners first of all. The ORM spends several times
longer on putting this query together than the database on answering it, hence SQL; and the notice's
whole text stays where it is. The models that come out are partial: other fields are read when asked
for, and whoever acts locks the claim and reads it afresh.
"""

import uuid
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS

from partners.models import Location, Partner

from ..claims.prepared import keep_plans
from ..claims.setbased import phrase
from ..enums import AssociationStatus, ContactRole, NoticeStatus
from ..models import Claim, CustomerNotice, Tenant

#: One row for each product. The names come by subqueries: the time to plan a join grows with the
#: number of its tables far faster than that, and planning is what this statement costs.
READ_LINK = """
    SELECT c.id, c.reference, c.status, c.rejection_reason, c.is_parked,
      c.due_at, c.due_time_zone, c.turn,
      n.id AS n_id, n.role AS n_role, n.name AS n_name, n.email AS n_email,
      n.language AS n_language, n.status AS n_status, n.token AS n_token,
      n.confirmed_at AS n_confirmed_at, n.is_wrong_person AS n_is_wrong_person,
      t.id AS t_id, t.name AS t_name, t.country AS t_country, t.time_zone AS t_time_zone,
      t.country_part AS t_country_part,
      c.partner_id AS q_id,
      (SELECT q.name FROM {partner} q WHERE q.id = c.partner_id) AS q_name,
      c.location_id AS l_id,
      (SELECT l.name FROM {location} l WHERE l.id = c.location_id) AS l_name,
      (SELECT l.country FROM {location} l WHERE l.id = c.location_id) AS l_country,
      (SELECT k.name FROM {contact} k WHERE k.claim_id = c.id AND k.role = %(partner_contact)s)
        AS k_name,
      a.reference AS a_reference, a.status AS a_status,
      (SELECT p.name FROM {product} p WHERE p.id = a.product_id) AS a_name,
      (SELECT p.position FROM {product} p WHERE p.id = a.product_id) AS a_position,
      (SELECT s.subscription_id FROM {subscription} s WHERE s.id = a.subscription_id)
        AS a_subscription
    FROM {notice} n
      JOIN {claim} c ON c.id = n.claim_id
      JOIN {tenant} t ON t.id = c.tenant_id
      LEFT JOIN {association} a ON a.claim_id = c.id AND a.status <> %(excluded)s
    WHERE n.token = %(token)s AND n.status <> %(replaced)s
    ORDER BY a_position, a.id
"""


#: What is read of the notice; its words stay where they are.
NOTICE_FIELDS = {
    *("id", "role", "name", "email", "language", "status", "token"),
    *("confirmed_at", "is_wrong_person"),
}


@dataclass
class LinkedProduct:
    """A product that the customer was asked about; what the reviewer excluded is none.

    ``subscription_id`` is the customer's own number of the subscription, None for a workload.
    """

    reference: str
    name: str
    status: AssociationStatus
    subscription_id: uuid.UUID | None

    def __str__(self):
        return self.name


class Reading(NamedTuple):
    """What a token names; ``asker`` is the name of the partner's contact, who asks [R20]."""

    notice: CustomerNotice
    claim: Claim
    products: list[LinkedProduct]
    asker: str


def read_token(token: str) -> Reading | None:
    """Return what the token names, or None for one that is unknown or replaced. Changes nothing."""
    params = {
        "token": token,
        "replaced": NoticeStatus.REPLACED.value,
        "excluded": AssociationStatus.EXCLUDED.value,
        "partner_contact": ContactRole.PARTNER.value,
    }
    # Claims with the other tables' columns on them, hence no type.
    with keep_plans():
        rows: list[Any] = list(Claim.objects.raw(phrase(READ_LINK), params))
    if not rows:
        return None
    claim: Claim = rows[0]
    claim.tenant = _part_of(
        claim, Tenant, "t", {"id", "name", "country", "time_zone", "country_part"}
    )
    claim.partner = _part_of(claim, Partner, "q", {"id", "name"})
    claim.location = _part_of(claim, Location, "l", {"id", "name", "country"})
    notice = _part_of(claim, CustomerNotice, "n", NOTICE_FIELDS)
    notice.claim = claim
    products = [_product_of(row) for row in rows if row.a_reference]
    return Reading(notice, claim, products, rows[0].k_name or "")


def _part_of(row, model, prefix: str, wanted: set[str]):
    """A model with these fields only; the others are deferred, so that saving it spoils nothing."""
    # ``from_db`` takes the values in the order of the model's fields, whatever the names' order is.
    fields = model._meta.concrete_fields
    names = [each.attname for each in fields if each.attname in wanted]
    values = [getattr(row, f"{prefix}_{name}") for name in names]
    return model.from_db(DEFAULT_DB_ALIAS, names, values)


def _product_of(row) -> LinkedProduct:
    number = row.a_subscription
    return LinkedProduct(
        reference=row.a_reference,
        name=row.a_name,
        status=AssociationStatus(row.a_status),
        # SQLite keeps a UUID as text and gives it without hyphens.
        subscription_id=number and uuid.UUID(str(number)),
    )
