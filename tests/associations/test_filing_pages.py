"""What each page of filing asks, refuses and warns of, in its own words (R7 to R10, R13)."""

import datetime as dt
import uuid

import pytest
from django.test import Client

from associations.enums import Channel, Status, SubscriptionState
from associations.models import Claim
from partners.enums import Role
from partners.models import Enrollment, Program
from tests import cast
from tests.associations.filing_steps import (
    NEW,
    contact_fields,
    page_url,
    send,
    start,
    technical_fields,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner():
    return cast.make_partner()


@pytest.fixture
def admin(partner):
    return cast.make_member(partner)


@pytest.fixture
def tenant():
    return cast.make_tenant(name="Fabrikam")


@pytest.fixture
def client(admin):
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def draft(client, partner, tenant):
    """A draft with its customer, and nothing else."""
    start(client, partner, tenant)
    return Claim.objects.get()


@pytest.fixture
def dynamics(client, draft):
    send(client, draft, "work", work="business-applications/usage", name="Rollout")
    return Claim.objects.get()


@pytest.fixture
def workloads(client, draft):
    send(client, draft, "work", work="microsoft-365/usage", name="Rollout")
    return Claim.objects.get()


def fresh(claim):
    return Claim.objects.get(pk=claim.pk)


def errors_of(answer):
    return answer.context["form"].errors


# --- customer ------------------------------------------------------------------------------------


def test_domain_and_tenant_of_two_customers_do_not_go_together(client, partner, tenant):
    other = cast.make_tenant("northwind.example", name="Secret Customer")

    answer = start(client, partner, tenant, tenant_id=str(other.tenant_id))

    words = f"The domain fabrikam.example does not belong to tenant {other.tenant_id}."
    assert errors_of(answer) == {"tenant_id": [words]}
    assert "Secret Customer" not in answer.content.decode()
    assert not Claim.objects.exists()


def test_an_unknown_tenant_is_answered_like_a_wrong_one(client, partner, tenant):
    unknown = uuid.uuid4()

    answer = start(client, partner, tenant, tenant_id=str(unknown))

    assert errors_of(answer)["tenant_id"] == [
        f"The domain fabrikam.example does not belong to tenant {unknown}."
    ]


@pytest.mark.parametrize("typed", ["Fabrikam.Example", "  fabrikam.example ", "fabrikam.example."])
def test_a_domain_is_taken_as_people_write_it(client, partner, tenant, typed):
    assert start(client, partner, tenant, customer_domain=typed).status_code == 302
    assert Claim.objects.get().customer_domain == "fabrikam.example"


def test_a_domain_with_accents_is_found_by_its_mail_name(client, partner):
    tenant = cast.make_tenant("xn--mnchen-3ya.example")

    assert start(client, partner, tenant, customer_domain="münchen.example").status_code == 302


@pytest.mark.parametrize(
    "typed", ["https://fabrikam.example", "x@fabrikam.example", "fabrikam", "..", "a" * 70 + ".é"]
)
def test_what_is_no_domain(client, partner, tenant, typed):
    answer = start(client, partner, tenant, customer_domain=typed)

    assert errors_of(answer)["customer_domain"] == [
        "Enter a domain such as contoso.com, without https:// or @."
    ]


def test_what_is_no_tenant_id(client, partner, tenant):
    answer = start(client, partner, tenant, tenant_id="1234")

    assert errors_of(answer)["tenant_id"][0].startswith("This is not a Tenant ID.")


def test_locations_are_those_of_the_role_parted_by_enrollment(partner):
    chosen = cast.LocationFactory(partner=partner, name="Chosen")
    cast.LocationFactory(partner=partner, name="Unseen")
    enrolled = partner.locations.exclude(name__in=["Chosen", "Unseen"]).get()
    person = cast.make_member(partner, Role.INCENTIVES_USER, locations=[chosen, enrolled])
    client = Client()
    client.force_login(person)

    page = client.get(NEW).content.decode()

    assert str(enrolled) in page
    assert "Not enrolled: revenue association only" in page
    assert "Chosen" in page
    assert "Unseen" not in page


def test_a_location_of_somebody_else_is_refused(client, partner, tenant):
    foreign = cast.make_partner("Rival").locations.get()

    answer = start(client, partner, tenant, location=foreign.pk)

    assert errors_of(answer)["location"] == ["Choose one of your own locations from the list."]


def test_without_a_location_the_page_says_whom_to_ask(partner):
    client = Client()
    client.force_login(cast.make_member(partner, locations=[]))

    assert "You have no location to claim for" in client.get(NEW).content.decode()


def test_another_customer_means_other_products(client, workloads):
    send(client, workloads, "products", pick_teams="on")
    other = cast.make_tenant("other.example")
    fields = {
        "location": workloads.location_id,
        "customer_domain": "other.example",
        "tenant_id": str(other.tenant_id),
    }

    answer = client.post(
        page_url(workloads, "customer"),
        {"revision": fresh(workloads).revision, "action": "continue", **fields},
        follow=True,
    )

    assert "choose the products again" in answer.content.decode()
    assert not workloads.associations.exists()


# --- work ----------------------------------------------------------------------------------------


def test_a_location_not_enrolled_in_the_program_is_named_with_it(client, draft):
    location = draft.location
    location.enrollments.filter(program__code="osa-sell").delete()

    answer = send(client, draft, "work", work="business-applications/presales", name="N")

    words = errors_of(answer)["work"][0]
    assert words.startswith(f"{location} is not enrolled in OSA Sell on ")
    assert fresh(draft).activity == ""


def test_both_activities_need_both_programs(client, draft):
    draft.location.enrollments.filter(program__code="osa-sell").delete()

    answer = send(client, draft, "work", work="business-applications/presales-usage", name="N")

    assert "OSA Sell" in errors_of(answer)["work"][0]
    assert (
        send(client, draft, "work", work="business-applications/usage", name="N").status_code == 302
    )


def test_the_enrollment_must_hold_on_this_date_at_the_location(client, draft):
    program = Program.objects.get(code="osu-microsoft-365")
    draft.location.enrollments.all().delete()
    Enrollment.objects.create(
        location=draft.location,
        program=program,
        starts_on=dt.date(2020, 7, 1),
        ends_on=dt.date(2021, 6, 30),
    )
    fields = {"work": "microsoft-365/usage", "name": "N"}

    assert "work" in errors_of(send(client, draft, "work", **fields))
    # New York is in the last hours of the last day, when UTC has the next one.
    with cast.at(dt.datetime(2021, 7, 1, 3, 0, tzinfo=dt.UTC)):
        assert send(client, draft, "work", **fields).status_code == 302


def test_what_is_missing_on_the_work_page(client, draft):
    answer = send(client, draft, "work", work="azure/usage", name="")

    assert errors_of(answer) == {
        "work": ["Choose one of the kinds of work in the list."],
        "name": ["Give this claim a name."],
    }


# --- products ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["products", "contacts"])
def test_products_and_contacts_wait_for_the_work(client, draft, page):
    answer = client.get(page_url(draft, page))

    assert page_url(draft, "work") in answer.content.decode()
    assert send(client, draft, page, pick_teams="on").status_code == 302
    assert not draft.associations.exists()


def test_at_least_one_product_is_asked_for(client, workloads):
    answer = send(client, workloads, "products")

    assert answer.context["form"].non_field_errors() == ["Choose at least one product."]


def test_a_product_withdrawn_from_the_catalogue_is_not_offered(client, workloads):
    teams = cast.product("teams")
    teams.is_active = False
    teams.save()

    page = client.get(page_url(workloads, "products")).content.decode()

    assert "pick_teams" not in page.replace("pick_teams-", "")
    assert "pick_intune" in page


def test_the_only_subscription_is_shown_and_filled_in(client, dynamics, tenant):
    only = cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))

    page = client.get(page_url(dynamics, "products")).content.decode()
    send(client, dynamics, "products", pick_sales="on")

    assert str(only.subscription_id) in page
    assert dynamics.associations.get().subscription == only


def test_of_several_subscriptions_one_is_chosen_or_typed(client, dynamics, tenant):
    first, second = (
        cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales")) for _each in range(2)
    )

    answer = send(client, dynamics, "products", pick_sales="on")
    assert errors_of(answer)["subscription_sales"] == [
        "Fabrikam has 2 subscriptions of Sales. Choose one or type its ID."
    ]
    send(client, dynamics, "products", pick_sales="on", known_sales=str(first.subscription_id))
    assert dynamics.associations.get().subscription == first
    send(
        client,
        dynamics,
        "products",
        pick_sales="on",
        subscription_sales=str(second.subscription_id),
    )
    assert dynamics.associations.get().subscription == second


SUBSCRIPTION_ERRORS = {
    "is not a subscription ID": None,
    "This subscription does not belong to Fabrikam.": {"tenant": "other"},
    "This is not a Dynamics subscription.": {"product": None},
    "This subscription was bought through CSP": {"channel": Channel.CSP},
    "Fabrikam has no subscription of Sales.": {"product": "finance"},
    "This subscription is not provisioned yet.": {"state": SubscriptionState.NOT_PROVISIONED},
    "neither active nor in its grace period": {"state": SubscriptionState.EXPIRED},
}


@pytest.mark.parametrize("words", SUBSCRIPTION_ERRORS)
def test_each_subscription_error_stands_at_its_field_and_keeps_what_was_typed(
    client, dynamics, tenant, words
):
    fields = SUBSCRIPTION_ERRORS[words]
    typed = "nonsense"
    if fields is not None:
        owner = cast.make_tenant("other.example") if fields.pop("tenant", None) else tenant
        code = fields.pop("product", "sales")
        product = cast.product(code) if code else None
        typed = str(
            cast.SubscriptionFactory(tenant=owner, product=product, **fields).subscription_id
        )

    answer = send(client, dynamics, "products", pick_sales="on", subscription_sales=typed)

    assert list(errors_of(answer)) == ["subscription_sales"]
    assert words in errors_of(answer)["subscription_sales"][0]
    assert f'value="{typed}"' in client.get(page_url(dynamics, "products")).content.decode()
    assert not dynamics.associations.exists()


def test_what_is_already_yours_is_said_at_the_product(client, workloads, partner, admin, tenant):
    mine = cast.make_draft(partner, admin, tenant, codes=["teams"])
    cast.walk(mine, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())

    answer = send(client, workloads, "products", pick_teams="on", pick_intune="on")

    assert errors_of(answer) == {
        "pick_teams": ["Teams is already yours: your company holds or claims it for Usage."]
    }


def test_the_other_activity_can_be_added(client, dynamics, partner, admin, tenant):
    mine = cast.make_draft(partner, admin, tenant, codes=["sales"], activity="presales")
    cast.walk(mine, Status.OFFICIAL, actor=admin, reviewer=cast.make_reviewer())

    assert send(client, dynamics, "products", pick_sales="on").status_code == 302
    page = client.get(page_url(dynamics, "products")).content.decode()
    assert "Another partner" not in page


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.OFFICIAL])
def test_a_contested_slot_is_told_without_the_name(client, workloads, tenant, status):
    rival = cast.make_partner("Rival Consulting")
    actor = cast.make_member(rival)
    theirs = cast.make_draft(rival, actor, tenant, codes=["teams"])
    cast.walk(theirs, status, actor=actor, reviewer=cast.make_reviewer())

    send(client, workloads, "products", pick_teams="on", pick_intune="on")

    for name in ("products", "review"):
        page = client.get(page_url(workloads, name)).content.decode()
        assert "Another partner holds or has claimed: Teams." in page
        assert "Rival" not in page


def test_a_rivals_draft_contests_nothing(client, workloads, tenant):
    rival = cast.make_partner("Rival Consulting")
    cast.make_draft(rival, cast.make_member(rival), tenant, codes=["teams"])

    send(client, workloads, "products", pick_teams="on")

    assert "Another partner" not in client.get(page_url(workloads, "review")).content.decode()


def test_two_own_drafts_of_the_same_cannot_both_be_submitted(
    client, workloads, partner, admin, tenant
):
    send(client, workloads, "products", pick_teams="on")
    mine = cast.make_draft(partner, admin, tenant, codes=["teams"])
    cast.walk(mine, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())

    page = client.get(page_url(workloads, "review")).content.decode()

    assert "Teams: Teams is already yours" in page


# --- contacts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("below", ["", "mail."])
def test_the_customer_is_not_at_the_partners_own_domain(client, workloads, partner, below):
    own = f"carla@{below}{partner.domains.get().domain}"

    answer = send(client, workloads, "contacts", **contact_fields(customer_email=own))

    assert errors_of(answer)["customer_email"] == [
        f"{own} is at one of your own company's domains. Name somebody who works for the customer."
    ]
    assert not workloads.contacts.exists()


def test_the_technical_contact_is_not_either(client, dynamics, partner):
    own = f"t@{partner.domains.get().domain}"
    people = contact_fields() | technical_fields() | {"technical_email": own}

    answer = send(client, dynamics, "contacts", **people)

    assert list(errors_of(answer)) == ["technical_email"]


def test_the_customer_is_not_the_partners_contact(client, workloads):
    answer = send(
        client, workloads, "contacts", **contact_fields(partner_email="CARLA@fabrikam.example")
    )

    assert list(errors_of(answer)) == ["customer_email"]


def test_an_address_outside_the_tenant_is_taken_with_a_warning(client, workloads):
    fields = contact_fields(customer_email="carla@gmail.example")
    fields |= {"revision": workloads.revision, "action": "continue"}

    answer = client.post(page_url(workloads, "contacts"), fields, follow=True)

    words = "carla@gmail.example is outside this customer&#x27;s domains."
    assert words in answer.content.decode()
    assert workloads.contacts.get(role="customer").email == "carla@gmail.example"
    for page in ("contacts", "review"):
        assert words in client.get(page_url(workloads, page)).content.decode()


def test_an_address_inside_the_tenant_warns_of_nothing(client, workloads):
    send(client, workloads, "contacts", **contact_fields(customer_email="c@mail.fabrikam.example"))

    assert "outside" not in client.get(page_url(workloads, "review")).content.decode()


def test_the_partners_contact_starts_as_the_person_and_keeps_their_language(
    client, workloads, admin
):
    colleague = cast.UserFactory(email="colleague@contoso.example", language="pt-br")
    page = client.get(page_url(workloads, "contacts")).content.decode()

    send(client, workloads, "contacts", **contact_fields(partner_email=colleague.email))

    assert f'value="{admin.email}"' in page
    assert workloads.contacts.get(role="partner").language == "pt-br"


def test_who_must_be_named(client, dynamics):
    answer = send(client, dynamics, "contacts")

    assert set(errors_of(answer)) == {
        "customer_name",
        "customer_title",
        "customer_email",
        "customer_language",
        "technical_name",
        "technical_email",
        "technical_language",
        "partner_name",
        "partner_email",
    }


# --- progress ------------------------------------------------------------------------------------


def test_the_progress_list_says_what_is_done_current_and_to_do(client, workloads):
    progress = client.get(page_url(workloads, "products")).context["progress"]

    assert [(step["page"].name, step["is_done"], step["is_current"]) for step in progress] == [
        ("customer", True, False),
        ("work", True, False),
        ("products", False, True),
        ("contacts", False, False),
        ("proof", False, False),
        ("review", False, False),
    ]


@pytest.mark.parametrize("page", ["customer", "work", "products", "contacts", "proof", "review"])
def test_a_page_costs_the_same_queries_for_one_product_and_for_many(
    client, workloads, page, django_assert_max_num_queries
):
    for codes in (["teams"], ["teams", "intune", "yammer", "viva-topics"]):
        send(client, workloads, "products", **{f"pick_{code}": "on" for code in codes})
        with django_assert_max_num_queries(34):
            client.get(page_url(workloads, page))
