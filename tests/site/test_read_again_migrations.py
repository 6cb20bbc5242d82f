"""Rows from before the readers are read again by migrations; collisions are listed and left alone."""

import datetime as dt
import uuid

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from associations.enums import ContactRole
from associations.models import Claim, Contact, CustomerNotice, Tenant, TenantDomain
from notifications.models import Message
from partners.models import Invitation, Partner, PartnerDomain, User

BEFORE = [
    ("partners", "0007_peoples_time_zones"),
    ("associations", "0012_answers_kept_by_their_own_name"),
    ("notifications", "0004_emails_refused_because_of_us"),
]


@pytest.fixture
def old_rows(transactional_db):
    """Give the tables as they were before, by app and name; migrate to now at the end."""
    apps = MigrationExecutor(connection).migrate(BEFORE).apps
    yield lambda app, name: apps.get_model(app, name)._base_manager
    migrate_to_now()


def migrate_to_now() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def make_user(rows, email, **fields):
    return rows("partners", "user").create(email=email, password="", **fields)


def test_a_partners_rows_are_read_again(old_rows, capsys):
    partner = old_rows("partners", "partner").create(name="Booking.com\u200b")
    for domain in ("xn--strae-oqa.example", "contoso\u2011gmbh.example", "plain.example"):
        old_rows("partners", "partnerdomain").create(partner=partner, domain=domain)
    person = make_user(old_rows, "max@xn--strae-oqa.example", full_name="Max\u202e  M.")
    proof = {"user_id": person.pk, "verified": True, "primary": True}
    old_rows("account", "emailaddress").create(email="max@xn--strae-oqa.example", **proof)
    old_rows("partners", "invitation").create(
        partner=partner,
        email="Ana@\u200bM\u00dcNCHEN.example",
        role="incentives_user",
        language="en",
        key_digest="1" * 64,
        key="6f1d7ae2-0000-4000-8000-000000000001",
        expires_at=timezone.now() + dt.timedelta(days=1),
    )

    migrate_to_now()

    assert Partner.objects.get().name == "Booking.com"
    domains = set(PartnerDomain.objects.values_list("domain", flat=True))
    assert domains == {"straße.example", "contoso-gmbh.example", "plain.example"}
    assert list(User.objects.values_list("email", "full_name")) == [
        ("max@straße.example", "Max M.")
    ]
    assert EmailAddress.objects.get().email == "max@straße.example"
    assert Invitation.objects.get().email == "Ana@münchen.example"
    assert "partners" not in capsys.readouterr().out


def test_rows_that_would_be_the_same_are_listed_and_left(old_rows, capsys):
    partner = old_rows("partners", "partner").create(name="Contoso")
    for domain in ("xn--mnchen-3ya.example", "münchen.example"):
        old_rows("partners", "partnerdomain").create(partner=partner, domain=domain)
    for email in ("max@xn--mnchen-3ya.example", "max@münchen.example", "walt@localhost"):
        person = make_user(old_rows, email)
        proof = {"user_id": person.pk, "verified": True, "primary": True}
        old_rows("account", "emailaddress").create(email=email, **proof)

    migrate_to_now()

    domains = set(PartnerDomain.objects.values_list("domain", flat=True))
    assert domains == {"xn--mnchen-3ya.example", "münchen.example"}
    for emails in (User.objects, EmailAddress.objects):
        assert set(emails.values_list("email", flat=True)) == {
            *("max@xn--mnchen-3ya.example", "max@münchen.example", "walt@localhost")
        }
    listed = capsys.readouterr().out
    assert "PartnerDomain" in listed
    assert "'xn--mnchen-3ya.example': another row has 'm\\xfcnchen.example'" in listed
    assert "'max@xn--mnchen-3ya.example': another row has" in listed
    assert "'walt@localhost': No one can have an email address at" in listed


def test_customers_and_claims_are_read_again(old_rows, capsys):
    admin = make_user(old_rows, "ana@contoso.example")
    partner = old_rows("partners", "partner").create(name="Contoso")
    location = old_rows("partners", "location").create(
        partner=partner,
        name="Berlin",
        partner_code="1234567",
        country="DE",
        time_zone="Europe/Berlin",
    )
    tenant = old_rows("associations", "tenant").create(
        tenant_id=uuid.uuid4(),
        name="Stra\u00dfe\u2011GmbH\ufeff",
        country="DE",
        time_zone="Europe/Berlin",
        language="en",
    )
    old_rows("associations", "tenantdomain").create(tenant=tenant, domain="xn--strae-oqa.example")
    claim = old_rows("associations", "claim").create(
        reference="SG7MKBSG7MKB",
        partner_id=partner.pk,
        location_id=location.pk,
        tenant=tenant,
        customer_domain="xn--strae-oqa.example",
        name="Rollout\u200b",
        created_by_id=admin.pk,
    )
    person = {"claim": claim, "name": "Livia\x1f\u202e", "email": "livia@xn--strae-oqa.example"}
    old_rows("associations", "contact").create(role="customer", title="\u2066CIO", **person)
    notice = {**person, "language": "en", "token": "t"}
    old_rows("associations", "customernotice").create(role="customer", **notice)
    old_rows("associations", "contact").create(
        claim=claim, role="partner", name="Walt", email="walt@[192.0.2.1]"
    )
    old_rows("notifications", "message").create(
        key="k", kind="k", to_address="livia@xn--strae-oqa.example", language="en", context={}
    )

    migrate_to_now()

    assert Tenant.objects.get().name == "Straße-GmbH"
    assert TenantDomain.objects.get().domain == "straße.example"
    read = Claim.objects.get()
    assert (read.customer_domain, read.name) == ("straße.example", "Rollout")
    livia = Contact.objects.get(role=ContactRole.CUSTOMER)
    assert (livia.name, livia.title, livia.email) == ("Livia", "CIO", "livia@straße.example")
    told = CustomerNotice.objects.get()
    assert (told.name, told.email, told.token) == ("Livia", "livia@straße.example", "t")
    assert Message.objects.get().to_address == "livia@straße.example"
    assert Contact.objects.get(role=ContactRole.PARTNER).email == "walt@[192.0.2.1]"
    assert "No one can have an email address at" in capsys.readouterr().out
