"""The list on admin's start page of what a new site needs, in order, each step ticked once it is done."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from cpor_site.setting_up import STEPS, list_progress
from partners.enums import Role
from partners.models import Enrollment, Invitation, Membership, Program
from partners.staff_groups import DATA_LOADER, PROGRAMME_MANAGER, REVIEWER, SUPPORT
from tests import cast
from tests.associations.usage_files import add_subscription_usage, add_workload_usage

pytestmark = pytest.mark.django_db

KEYS = [
    *("staff", "partner", "location", "enrollment"),
    *("invitation", "customers", "subscriptions", "usage"),
]


@pytest.fixture
def root():
    return cast.UserFactory(is_staff=True, is_superuser=True)


def read_done(user):
    return [each.step.key for each in list_progress(user) if each.is_done]


def start_page(client, user, language="en"):
    user.language = language
    user.save()
    client.force_login(user)
    return " ".join(client.get(reverse("admin:index")).content.decode().split())


def enroll(location):
    program = Program.objects.first()
    today = dt.date(2026, 3, 2)
    return Enrollment.objects.create(
        location=location, program=program, starts_on=today, ends_on=today
    )


def set_up_all():
    """All that a site needs, by the key of the step that makes it."""
    yield "staff", cast.make_staff(REVIEWER)
    partner = cast.PartnerFactory()
    yield "partner", partner
    location = cast.LocationFactory(partner=partner)
    yield "location", location
    cast.load_catalogue()
    yield "enrollment", enroll(location)
    yield "invitation", cast.make_member(partner)
    tenant = cast.TenantFactory()
    yield "customers", tenant
    subscription = cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))
    yield "subscriptions", subscription
    yield "usage", add_subscription_usage(subscription, [(3, 2, 1)])


def test_each_step_is_ticked_once_it_is_done_and_the_list_then_goes_away(root):
    assert [each.step.key for each in list_progress(root)] == KEYS
    assert read_done(root) == []

    seen = []
    for key, _made in set_up_all():
        seen.append(key)
        if seen != KEYS:
            assert read_done(root) == seen

    assert seen == KEYS
    assert list_progress(root) == []


def test_a_superuser_is_no_colleague_of_their_own(root):
    root.groups.set([Group.objects.get(name=REVIEWER.name)])
    assert read_done(root) == []

    other = cast.make_staff(is_superuser=True)
    assert read_done(root) == [], "The other one has no group."
    other.groups.set([Group.objects.get(name=REVIEWER.name)])
    assert read_done(root) == ["staff"]


def test_former_staff_and_people_of_partners_are_no_colleagues(root):
    cast.make_staff(REVIEWER, is_active=False)
    cast.UserFactory().groups.set([Group.objects.get(name=REVIEWER.name)])

    assert read_done(root) == []


def test_a_group_counts_under_any_name_and_only_with_permissions(root):
    colleague = cast.make_staff()
    colleague.groups.set([Group.objects.create(name="Friends")])
    assert read_done(root) == []

    Group.objects.filter(name=REVIEWER.name).update(name="Auditor")
    colleague.groups.set([Group.objects.get(name="Auditor")])
    assert read_done(root) == ["staff"]


def test_an_invitation_counts_as_a_member_does(root):
    partner = cast.make_partner()
    member = Membership.objects.create(
        user=cast.UserFactory(), partner=partner, role=Role.INCENTIVES_ADMIN
    )
    assert "invitation" in read_done(root)

    member.delete()
    assert "invitation" not in read_done(root)
    Invitation.objects.create(
        partner=partner,
        email="ana@contoso.example",
        role=Role.INCENTIVES_ADMIN,
        invited_by=root,
        expires_at=cast.MONDAY,
    )
    assert "invitation" in read_done(root)


def test_usage_of_a_workload_counts_too(root):
    add_workload_usage(cast.TenantFactory(), cast.product("teams"), [(1, 2)])

    assert "usage" in read_done(root)


def test_each_step_leads_to_where_it_is_done(root, client):
    client.force_login(root)
    addresses = {each.step.key: each.address for each in list_progress(root)}
    assert addresses["invitation"] == "", "There is no one to invite yet."
    partner = cast.PartnerFactory()
    addresses = {each.step.key: each.address for each in list_progress(root)}
    assert addresses["invitation"] == reverse("admin:partners_partner_invite", args=[partner.pk])

    answers = {key: client.get(address).status_code for key, address in addresses.items()}

    assert answers == dict.fromkeys(KEYS, 200)


@pytest.mark.parametrize(
    ("group", "keys"),
    [(PROGRAMME_MANAGER, KEYS[1:7]), (DATA_LOADER, ["usage"]), (REVIEWER, []), (SUPPORT, [])],
)
def test_everyone_sees_the_steps_that_they_may_do(group, keys, client):
    person = cast.make_staff(group)

    page = start_page(client, person)

    assert [each.step.key for each in list_progress(person)] == keys
    assert ("Set up this site" in page) is bool(keys)
    labels = {each.key: str(each.label) for each in STEPS}
    assert [key for key in KEYS if f"{labels[key]}</" in page] == keys


def test_what_others_have_left_to_do_is_not_shown(client):
    manager = cast.make_staff(PROGRAMME_MANAGER)
    for key, _made in set_up_all():
        if key == "subscriptions":
            break

    assert list_progress(manager) == []
    assert "Set up this site" not in start_page(client, manager)


def test_the_list_costs_one_query(root, django_assert_num_queries):
    for _step in set_up_all():
        with django_assert_num_queries(1):
            list_progress(root)


def test_those_who_set_nothing_up_cost_no_query(django_assert_num_queries):
    reviewer = cast.make_reviewer()
    reviewer.get_all_permissions()

    with django_assert_num_queries(0):
        assert list_progress(reviewer) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Set up this site", "1 of 8 steps done", "Done", "To do", "Load usage"]),
        ("pt-br", ["Configure este site", "1 de 8 etapas", "Concluída", "A fazer", "Carregar uso"]),
    ],
)
def test_the_list_in_words(root, client, language, words):
    cast.PartnerFactory()

    page = start_page(client, root, language)

    assert [each for each in words if each not in page] == []


def list_imports(user):
    return {each.step.key: each.import_address for each in list_progress(user)}


def test_steps_that_a_file_can_do_lead_to_their_import_for_those_who_may(root):
    page = "/admin/associations/importfile/new"
    everything = {
        "staff": "",
        "partner": f"{page}/partners/",
        "location": "",
        "enrollment": "",
        "invitation": f"{page}/people/",
        "customers": f"{page}/customers/",
        "subscriptions": f"{page}/subscriptions/",
        "usage": f"{page}/usage/",
    }
    assert list_imports(root) == everything

    manager, loader = cast.make_staff(PROGRAMME_MANAGER), cast.make_staff(DATA_LOADER)
    mine = {key: everything[key] for key in list_imports(manager)}
    assert list_imports(manager) == mine
    assert "usage" not in mine
    assert list_imports(loader) == {"usage": f"{page}/usage/"}
