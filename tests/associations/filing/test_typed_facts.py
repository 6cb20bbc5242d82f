"""However a domain, an ID or a name was pasted into a claim, it is read as what it looks like [R7], [R9]."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from associations.enums import ContactRole, Status
from associations.filing import contacts
from associations.filing.subscriptions import UnfitSubscription, find_subscription
from associations.imports.receiving import load_from_disk
from associations.models import (
    Claim,
    Subscription,
    Tenant,
    TenantDomain,
    WorkloadUsage,
)
from associations.usage.loading import USAGE
from partners.models import PartnerDomain, User
from tests import cast
from tests.associations.filing.steps import contact_fields, errors_of, send, start
from tests.associations.usage_files import make_file, workload_line

pytestmark = pytest.mark.django_db

HIDDEN_ID = "\ufeff{}\u200b\u202c"


@pytest.fixture
def tenant():
    return cast.make_tenant("straße.example", name="Straßenbau AG")


@pytest.fixture
def visitor(client, admin):
    client.force_login(admin)
    return client


def paste(identifier) -> str:
    """An ID as a word processor hands it on."""
    return HIDDEN_ID.format(str(identifier).replace("-", "\u2011"))


@pytest.mark.parametrize(
    "typed",
    [
        *("straße.example", "STRAẞE.example", "xn--strae-oqa.example"),
        *(
            "\u200bstra\u00ad\u00dfe.example\ufeff",
            "https://straße.example/",
            "straße\u3002example",
        ),
    ],
    ids=ascii,
)
def test_page_1_knows_the_customer_by_any_writing(visitor, partner, tenant, typed):
    tenant_id = paste(tenant.tenant_id)

    answer = start(visitor, partner, tenant, customer_domain=typed, tenant_id=tenant_id)

    assert answer.status_code == 302
    claim = Claim.objects.get()
    assert (claim.customer_domain, claim.tenant) == ("straße.example", tenant)


def test_another_domain_that_merely_sounds_alike_is_not_the_customers(visitor, partner, tenant):
    answer = start(visitor, partner, tenant, customer_domain="strasse.example")

    assert errors_of(answer)
    assert Claim.objects.get().tenant is None


@pytest.mark.parametrize("typed", ["☃.example", "x" * 64 + ".example", "a_b.example"])
def test_a_domain_that_cannot_be_is_an_error_of_the_form(visitor, partner, tenant, typed):
    answer = start(visitor, partner, tenant, customer_domain=typed)

    assert errors_of(answer)["customer_domain"][0].startswith("This domain can't exist")


@pytest.fixture
def contact_page(client, partner, admin, tenant):
    client.force_login(admin)
    draft = cast.make_draft(partner, admin, tenant, codes=("teams",))
    return lambda **changed: send(client, draft, "contacts", **contact_fields(**changed))


def test_a_contact_is_stored_without_what_cannot_be_seen(contact_page):
    contact_page(
        customer_name="Livia\u202e\u0007  Stra\u00dfe\u200b",
        customer_title="\u2066CIO",
        customer_email="\u200bLivia@xn--strae-oqa.example\ufeff",
    )

    livia = Claim.objects.get().contacts.get(role=ContactRole.CUSTOMER)
    assert (livia.name, livia.title, livia.email) == (
        *("Livia Straße", "CIO", "Livia@straße.example"),
    )
    assert not contacts.is_outside_tenant(livia.claim, livia.email)
    assert contacts.is_outside_tenant(livia.claim, "livia@strasse.example")


@pytest.mark.parametrize("typed", cast.UNREACHABLE)
def test_a_contact_that_no_one_can_reach_is_refused(contact_page, typed):
    for field in ("customer_email", "partner_email"):
        assert list(errors_of(contact_page(**{field: typed}))) == [field]


@pytest.mark.parametrize("field", ["customer_name", "partner_name"])
@pytest.mark.parametrize(
    "name", ["Livia, confirm at https://evil.example", "WWW.evil.example", "evil.example/x"]
)
def test_a_contacts_name_carries_no_web_address(contact_page, field, name):
    assert "without a web address" in errors_of(contact_page(**{field: name}))[field][0]


def test_the_partners_own_domain_is_found_by_any_writing(contact_page, partner):
    PartnerDomain.objects.create(partner=partner, domain="xn--mnchen-3ya.example")

    answer = contact_page(customer_email="x@M\u00dcNCHEN.example")

    assert "x@münchen.example is at one of your own" in errors_of(answer)["customer_email"][0]


def test_a_subscription_is_found_by_an_id_as_pasted(tenant):
    sales = cast.product("sales")
    subscription = cast.SubscriptionFactory(tenant=tenant, product=sales)

    assert (
        find_subscription(tenant, sales, paste(subscription.subscription_id), now=timezone.now())
        == subscription
    )
    assert find_subscription(tenant, sales, "\u200b\u00a0", now=timezone.now()) == subscription
    with pytest.raises(UnfitSubscription, match="“1234” is not a subscription ID"):
        find_subscription(tenant, sales, "\u200b1234\u2060", now=timezone.now())


def test_a_usage_files_cells_are_read_as_they_look(tenant):
    cast.product("teams")
    row = workload_line(tenant, users="\u200b80", units="100\u00a0", month="2026\u201101\ufeff")
    row = row.replace(str(tenant.tenant_id), paste(tenant.tenant_id))

    loaded = load_from_disk(make_file(row), USAGE, name="usage.csv", actor=None, now=timezone.now())

    assert loaded.rows_bad == 0
    usage = WorkloadUsage.objects.get()
    assert (usage.tenant, usage.active_users, usage.paid_units) == (tenant, 80, 100)


@pytest.fixture
def claim(partner, admin, tenant, reviewer):
    draft = cast.make_draft(partner, admin, tenant, codes=("teams",))
    return cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)


TERMS = [
    "straße.example",
    "XN--STRAE-OQA.EXAMPLE",
    "\u200bstraße.example\ufeff",
    "straße.example\u200e",
]


@pytest.mark.parametrize(
    "q", [*TERMS, "straß", "xn--strae-oqa", "\u2066Straßenbau\u2069"], ids=ascii
)
def test_the_claims_list_finds_the_customer_either_way(visitor, claim, q):
    page = visitor.get(f"{cast.HERE}claims/", {"q": q})

    assert [each.pk for each in page.context["page"].rows] == [claim.pk]


def test_the_claims_list_finds_a_reference_as_pasted(visitor, claim):
    page = visitor.get(f"{cast.HERE}claims/", {"q": f"\u200b{claim.reference}\u202c"})

    assert [each.pk for each in page.context["page"].rows] == [claim.pk]


@pytest.mark.parametrize("q", TERMS, ids=ascii)
def test_the_review_queue_finds_the_customer_either_way(client, claim, reviewer, q):
    client.force_login(reviewer)
    pasted = (q, paste(claim.tenant.tenant_id), f"\u2060{claim.reference}", "\ufeff" + place(claim))

    for term in pasted:
        page = client.get(reverse("admin:associations_claim_changelist"), {"q": term})
        assert list(page.context["cl"].result_list) == [claim]


def place(claim) -> str:
    return claim.location.partner_code


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("root@northwind.example", "x"))
    return client


@pytest.mark.parametrize("q", TERMS, ids=ascii)
def test_staff_find_a_customer_either_way(root, tenant, q):
    for term in (q, paste(tenant.tenant_id), str(tenant.tenant_id)[:13]):
        page = root.get(reverse("admin:associations_tenant_changelist"), {"q": term})
        assert list(page.context["cl"].result_list) == [tenant]


def test_staff_add_a_customer_as_pasted(root):
    wanted = uuid.uuid4()
    facts = {"tenant_id": paste(wanted), "name": "Stra\u00dfe\u202e\u2011AG", "language": "en"}
    place = {"country": "DE", "time_zone": "Europe/Berlin"}
    domains = {
        "domains-TOTAL_FORMS": 2,
        "domains-INITIAL_FORMS": 0,
        "domains-0-domain": "\u200bXN--STRAE-OQA.example",
        "domains-1-domain": "m\u00fcnchen\u2060.example",
    }

    root.post(reverse("admin:associations_tenant_add"), facts | place | domains)

    made = Tenant.objects.get()
    assert (made.tenant_id, made.name) == (wanted, "Straße-AG")
    stored = set(TenantDomain.objects.values_list("domain", flat=True))
    assert stored == {"straße.example", "münchen.example"}


def test_one_domain_in_two_writings_is_one_domain(root, tenant):
    facts = {"tenant_id": str(uuid.uuid4()), "name": "B", "language": "en"}
    place = {"country": "DE", "time_zone": "Europe/Berlin"}
    domains = {
        "domains-TOTAL_FORMS": 1,
        "domains-INITIAL_FORMS": 0,
        "domains-0-domain": "xn--strae-oqa.example",
    }

    page = root.post(reverse("admin:associations_tenant_add"), facts | place | domains)

    assert "already exists" in page.text
    assert TenantDomain.objects.count() == 1


def test_staff_add_a_subscription_as_pasted(root, tenant):
    wanted = uuid.uuid4()
    facts = {
        "subscription_id": paste(wanted),
        "tenant": tenant.pk,
        "channel": "web-direct",
        "state": "active",
        "sold_seats": "5",
    }

    root.post(reverse("admin:associations_subscription_add"), facts)

    assert Subscription.objects.get().subscription_id == wanted
