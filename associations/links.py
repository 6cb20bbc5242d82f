"""What the token of a customer's link names.

The page is asked for by anybody and often, mail scanners first of all. The ORM spends several times
longer on putting these queries together than the database on answering, hence SQL; and the notice's
whole text stays where it is. The models that come out are partial: other fields are read when asked
for, and whoever acts locks the claim and reads it afresh.
"""

import uuid
from dataclasses import dataclass
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection

from partners.models import Partner

from .enums import AssociationStatus, NoticeStatus
from .models import Claim, CustomerNotice, Tenant
from .setbased import phrase

READ_LINK = """
    SELECT c.id, c.reference, c.status, c.rejection_reason, c.due_at, c.due_time_zone, c.turn,
      n.id AS n_id, n.role AS n_role, n.name AS n_name, n.email AS n_email,
      n.language AS n_language, n.status AS n_status, n.token AS n_token,
      t.id AS t_id, t.name AS t_name, t.country AS t_country, t.time_zone AS t_time_zone,
      q.id AS q_id, q.name AS q_name
    FROM {notice} n
      JOIN {claim} c ON c.id = n.claim_id
      JOIN {tenant} t ON t.id = c.tenant_id
      JOIN {partner} q ON q.id = c.partner_id
    WHERE n.token = %(token)s AND n.status <> %(replaced)s
"""

#: A statement of its own: planning one join of all seven tables takes the database longer than both.
READ_PRODUCTS = """
    SELECT a.reference, p.name, a.status, s.subscription_id
    FROM {association} a
      JOIN {product} p ON p.id = a.product_id
      LEFT JOIN {subscription} s ON s.id = a.subscription_id
    WHERE a.claim_id = %(claim)s AND a.status <> %(excluded)s
    ORDER BY p.position, a.id
"""


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
    notice: CustomerNotice
    claim: Claim
    products: list[LinkedProduct]


def read_token(token: str) -> Reading | None:
    """Return what the token names, or None for one that is unknown or replaced. Changes nothing."""
    params = {"token": token, "replaced": NoticeStatus.REPLACED.value}
    claim = next(iter(Claim.objects.raw(phrase(READ_LINK), params)), None)
    if claim is None:
        return None
    claim.tenant = _part_of(claim, Tenant, "t", {"id", "name", "country", "time_zone"})
    claim.partner = _part_of(claim, Partner, "q", {"id", "name"})
    kept = {"id", "role", "name", "email", "language", "status", "token"}
    notice = _part_of(claim, CustomerNotice, "n", kept)
    notice.claim = claim
    return Reading(notice, claim, read_products(claim))


def read_products(claim: Claim) -> list[LinkedProduct]:
    """Return the products of a claim that its customer was asked about."""
    params = {"claim": claim.pk, "excluded": AssociationStatus.EXCLUDED.value}
    with connection.cursor() as cursor:
        cursor.execute(phrase(READ_PRODUCTS), params)
        return [_product_of(*row) for row in cursor.fetchall()]


def _part_of(row, model, prefix: str, wanted: set[str]):
    """A model with these fields only; the others are deferred, so that saving it spoils nothing."""
    # ``from_db`` takes the values in the order of the model's fields, whatever the names' order is.
    fields = model._meta.concrete_fields
    names = [each.attname for each in fields if each.attname in wanted]
    values = [getattr(row, f"{prefix}_{name}") for name in names]
    return model.from_db(DEFAULT_DB_ALIAS, names, values)


def _product_of(reference: str, name: str, status: str, number) -> LinkedProduct:
    # SQLite keeps a UUID as text and gives it without hyphens.
    subscription_id = number and uuid.UUID(str(number))
    return LinkedProduct(reference, name, AssociationStatus(status), subscription_id)
