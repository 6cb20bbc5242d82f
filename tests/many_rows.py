"""Many rows of all that staff's lists show, made in the database from one row of each kind.

``Crowd.make()`` makes the first row of each by the factories, ``grow(to)`` brings the number of claims
to ``to`` and that of everything else in proportion. PostgreSQL only.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from associations.enums import Status
from associations.models import Association, Claim, Subscription, Tenant, TenantDomain
from notifications.models import Message
from partners.models import (
    AccessRecord,
    Invitation,
    Location,
    Membership,
    Partner,
    PartnerDomain,
    User,
)
from tests import cast

#: One of so many claims.
TENANT, PARTNER, PERSON, INVITATION, MEMBER = 5, 100, 10, 20, 60
#: What is rare is among the first claims: as many at any size, since a row on the page costs time too.
RARE = "n < 2000 AND n % 50 = 7"
#: Of a hundred claims so many stand at each status.
STATUSES = {
    Status.SUBMITTED: 3,
    Status.UNDER_REVIEW: 3,
    Status.ACTION_REQUIRED: 2,
    Status.APPROVED: 10,
    Status.OFFICIAL: 70,
    Status.REJECTED: 11,
    Status.DISPUTE: 1,
}
TURNS = {"action-required": "partner", "approved": "customer", "official": "", "rejected": ""}


def multiply(row: Any, start: int, stop: int, **columns: str) -> None:
    """Copy ``row`` for each n in (start, stop], with these ``columns`` as SQL says."""
    names = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = [columns.get(name, f"t.{name}") for name in names]
    unknown = columns.keys() - set(names)
    if unknown:
        raise ValueError(f"{row._meta.label} has no {sorted(unknown)}")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({', '.join(names)})"
            f" SELECT {', '.join(values)} FROM {row._meta.db_table} t,"
            f" generate_series({start + 1}, {stop}) AS n WHERE t.id = {row.pk} ORDER BY n"
        )


def _case(shares: dict) -> str:
    """The status of the n-th claim, spread so that neighbours differ."""
    branches, below = [], 0
    for value, share in shares.items():
        below += share
        branches.append(f"WHEN n * 37 % 100 < {below} THEN '{value}'")
    return f"CASE {' '.join(branches)} END"


@dataclass
class Crowd:
    """The first row of each kind, and how many claims there are."""

    claim: Claim
    tenant: Tenant
    partner: Partner
    person: User
    association: Association
    size: int = 0

    @classmethod
    def make(cls) -> "Crowd":
        partner = cast.make_partner("First partner")
        person = cast.make_member(partner)
        tenant = cast.make_tenant("first.example", name="First customer")
        reviewer = cast.make_reviewer()
        draft = cast.make_draft(partner, person, tenant)
        claim = cast.walk(draft, Status.SUBMITTED, actor=person, reviewer=reviewer)
        Invitation.objects.create(
            partner=partner,
            email="first@invited.example",
            role="incentives_user",
            language="en",
            key_digest="first",
            expires_at=timezone.now(),
            invited_by=person,
        )
        Subscription.objects.get_or_create(
            tenant=tenant,
            product=None,
            defaults={"subscription_id": uuid.uuid4(), "channel": "csp", "state": "active"},
        )
        AccessRecord.objects.create(kind="signed_in", user=person, partner=partner)
        return cls(claim, tenant, partner, person, claim.associations.first())

    def grow(self, to: int) -> None:
        """Add rows until there are ``to`` claims, and let the planner know."""
        self._grow_people(to)
        self._grow_customers(to)
        self._grow_claims(to)
        self._grow_records(to)
        self.size = to
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _span(self, one_of: int, to: int) -> tuple[int, int]:
        return self.size // one_of, to // one_of

    def _grow_people(self, to: int) -> None:
        each = self._span(PARTNER, to)
        multiply(
            self.partner, *each, name="'Partner ' || md5(n::text)", key="lpad(n::text, 8, '0')"
        )
        place = self.partner.locations.first()
        own = f"{self.partner.pk} + n"
        code = "(20000000 + n)::text"
        multiply(place, *each, name="'Office ' || n", partner_code=code, partner_id=own)
        domain = PartnerDomain.objects.get(partner=self.partner)
        multiply(domain, *each, domain="'crowd' || n || '.partner.example'", partner_id=own)
        # A gap, so that the numbers of people can be computed too.
        name, email = "'Person ' || md5(n::text)", "'person' || n || '@crowd.example'"
        multiply(self.person, *self._span(PERSON, to), email=email, full_name=name)
        seat = Membership.objects.get(user=self.person)
        first = self._first_person()
        multiply(seat, *self._span(MEMBER, to), key="gen_random_uuid()", user_id=f"{first} + n - 1")
        multiply(
            Invitation.objects.earliest("pk"),
            *self._span(INVITATION, to),
            key="gen_random_uuid()",
            key_digest="md5(n::text)",
            email="'i' || n || '@invited.example'",
            state="'revoked'",
            settled_at="now()",
        )

    def _first_person(self) -> int:
        return User.objects.filter(email="person1@crowd.example").values_list("pk", flat=True).get()

    def _grow_customers(self, to: int) -> None:
        each = self._span(TENANT, to)
        multiply(
            self.tenant, *each, tenant_id="gen_random_uuid()", name="'Customer ' || md5(n::text)"
        )
        own = f"{self.tenant.pk} + n"
        domain = TenantDomain.objects.get(tenant=self.tenant)
        multiply(domain, *each, domain="'c' || n || '.crowd.example'", tenant_id=own)
        bought = Subscription.objects.earliest("pk")
        multiply(bought, *each, subscription_id="gen_random_uuid()", tenant_id=own)

    def _grow_claims(self, to: int) -> None:
        status = _case(STATUSES)
        whose = " ".join(f"WHEN '{status}' THEN '{turn}'" for status, turn in TURNS.items())
        turn = f"CASE {status} {whose} ELSE 'staff' END"
        partner = (
            f"{self.partner.pk} + CASE WHEN n % 10 = 0 THEN 0 ELSE n % {to // PARTNER} + 1 END"
        )
        place = f"(SELECT min(id) FROM partners_location WHERE partner_id = {partner})"
        due = (
            f"CASE WHEN {turn} <> '' THEN date_trunc('day', now()) + n % 30 * interval '1 day' END"
        )
        multiply(
            self.claim,
            self.size,
            to,
            reference="upper(substr(md5(n::text), 1, 12))",
            filing_key="gen_random_uuid()",
            partner_id=partner,
            location_id=place,
            tenant_id=f"{self.tenant.pk} + n / {TENANT}",
            status=status,
            turn=turn,
            due_at=due,
            name="'Rollout ' || n",
        )
        claim = f"{self.claim.pk} + n"
        slot = "CASE WHEN n BETWEEN 2 AND 201 THEN 'shared:' || n / 2 ELSE 'slot:' || n END"
        multiply(
            self.association,
            self.size,
            to,
            reference="upper(substr(md5('a' || n), 1, 12))",
            claim_id=claim,
            partner_id=partner,
            tenant_id=f"{self.tenant.pk} + n / {TENANT}",
            slot_key=slot,
            status=f"CASE {status} WHEN 'official' THEN 'official' ELSE 'proposed' END",
            parked_reason=f"CASE WHEN {RARE} THEN 'fault' ELSE '' END",
        )

    def _grow_records(self, to: int) -> None:
        people = to // PERSON
        first = self._first_person()
        multiply(
            AccessRecord.objects.earliest("pk"),
            self.size,
            to,
            key="gen_random_uuid()",
            kind=f"CASE WHEN {RARE} THEN 'usage_exported' ELSE 'signed_in' END",
            user_id=f"{first} + n % {people}",
            partner_id=f"{self.partner.pk} + n % {to // PARTNER}",
            subject="'Claim ' || md5(n::text)",
        )
        multiply(
            Message.objects.earliest("pk"),
            self.size,
            to,
            key="'crowd:' || n",
            to_address="'person' || n || '@mail.example'",
            to_name="'Person ' || md5(n::text)",
            state=f"CASE WHEN {RARE} THEN 'failed' ELSE 'sent' END",
        )
        assert Location.objects.count() > to // PARTNER  # what the numbers above rest on
