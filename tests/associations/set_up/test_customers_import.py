"""What an imported row of customers does in the tables, and for those who wait for one [R57], [R58], [R60]."""

import uuid

import pytest
from django.core.management import call_command
from django.utils import timezone

from associations.enums import CustomerRequestState
from associations.filing import customer_requests, drafts
from associations.models import CustomerRequest, RegisteredContact, Tenant, TenantDomain
from notifications.models import Message
from tests.associations.imports.made_files import (
    FABRIKAM,
    NEW_YORK,
    WOODGROVE,
    good,
    make_csv,
    name_columns,
    stored,
)
from tests.associations.imports.world import count, run


def load(world, *rows, **options):
    content = make_csv("customers", *rows, **options)
    return run(world, "customers", content, is_trial=False)


def test_a_new_customer_has_its_domains_and_contacts(world):
    file = load(
        world,
        good("customers", domains="woodgrove.example WOODGROVE.test.example"),
        good("customers", contact_name="Bo", contact_email="bo@woodgrove.example"),
    )

    assert count(file) == (1, 1, 0, 0)
    tenant = Tenant.objects.get(tenant_id=WOODGROVE)
    assert (tenant.name, tenant.country, tenant.language) == ("Woodgrove", "US", "en")
    domains = tenant.domains.values_list("domain", flat=True)
    assert list(domains) == ["woodgrove.example", "woodgrove.test.example"]
    contact = tenant.registered_contacts.get()
    assert (contact.name, contact.email, contact.language) == ("Bo", "bo@woodgrove.example", "en")


def test_a_changed_row_updates_and_removes_nothing(world):
    world.fabrikam.domains.create(domain="fabrikam.test.example")
    RegisteredContact.objects.update(is_undelivered=True)

    file = load(world, stored("customers", name="Fabrikam Motors", contact_title="CFO"))

    assert count(file) == (0, 1, 0, 0)
    tenant = Tenant.objects.get(tenant_id=FABRIKAM)
    assert (tenant.pk, tenant.name, tenant.domains.count()) == (
        world.fabrikam.pk,
        "Fabrikam Motors",
        2,
    )
    contact = tenant.registered_contacts.get()
    assert (contact.title, contact.is_undelivered) == ("CFO", True)


def test_columns_that_are_left_out_erase_nothing(world):
    left_out = ("country_part", "contact_title", "contact_language")
    names = name_columns("customers")
    RegisteredContact.objects.update(language="pt-br")
    cells = stored("customers", contact_name="Ana Ruiz-Lima")
    kept = [cell for name, cell in zip(names, cells, strict=True) if name not in left_out]

    file = load(world, kept, header=[name for name in names if name not in left_out])

    assert count(file) == (0, 1, 0, 0)
    contact = RegisteredContact.objects.get()
    assert (contact.name, contact.title, contact.language) == ("Ana Ruiz-Lima", "CIO", "pt-br")
    assert Tenant.objects.get(tenant_id=FABRIKAM).country_part == "CA"


def test_a_domain_of_another_tenant_makes_no_customer(world):
    """A row is one: neither its new domain nor the customer is kept."""
    file = load(world, good("customers", domains="woodgrove.example lamna.example"))

    assert count(file) == (0, 0, 0, 1)
    assert not Tenant.objects.filter(tenant_id=WOODGROVE).exists()
    assert not TenantDomain.objects.filter(domain="woodgrove.example").exists()
    assert TenantDomain.objects.get(domain="lamna.example").tenant == world.lamna


@pytest.fixture
def asked(world):
    """A draft that waits for Woodgrove."""
    place = world.contoso.locations.get(partner_code=NEW_YORK)
    claim = drafts.start_claim(
        partner=world.contoso, location=place, actor=world.admin, now=timezone.now()
    )
    return customer_requests.ask_for_customer(
        claim,
        actor=world.admin,
        organisation="Woodgrove",
        domain="woodgrove.example",
        tenant_id=uuid.UUID(WOODGROVE),
        now=timezone.now(),
    )


def test_an_import_answers_who_asked_for_the_customer(world, asked):
    before = Message.objects.count()
    run(world, "customers", make_csv("customers", good("customers")))
    assert CustomerRequest.objects.get().state == CustomerRequestState.OPEN, "it was only checked"

    load(world, good("customers"))
    load(world, good("customers"))

    request = CustomerRequest.objects.get()
    assert (request.state, request.answered_by) == (CustomerRequestState.ADDED, world.manager)
    assert Message.objects.count() == before + 1


def test_a_customer_with_another_domain_answers_nobody(world, asked):
    load(world, good("customers", domains="other.example"))

    assert CustomerRequest.objects.get().state == CustomerRequestState.OPEN


def test_the_command_says_what_changed(world, tmp_path, capsys):
    path = tmp_path / "customers.csv"
    rows = [stored("customers", name="Fabrikam Motors"), good("customers", country="XX")]
    path.write_bytes(make_csv("customers", *rows))

    with pytest.raises(SystemExit) as stopped:
        call_command("import_customers", str(path), "--check")

    said = capsys.readouterr()
    assert stopped.value.code == 1
    assert said.out.splitlines() == [
        "line 2: Fabrikam Motors: name: Fabrikam → Fabrikam Motors",
        "0 new, 1 changed, 0 unchanged, 1 bad.",
    ]
    assert said.err.startswith("line 3: country: No holiday calendar is known")
    assert Tenant.objects.get(tenant_id=FABRIKAM).name == "Fabrikam"
