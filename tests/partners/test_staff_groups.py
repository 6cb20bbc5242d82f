"""The staff's groups: made by migrating, kept as superusers change them, named in each language."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from associations.enums import Status
from partners import staff_groups
from partners.enums import Role
from partners.models import Partner
from partners.staff_groups import (
    DATA_LOADER,
    PROGRAMME_MANAGER,
    REVIEW_LEAD,
    REVIEWER,
    STAFF_GROUPS,
    SUPPORT,
    find_permissions,
    make_staff_groups,
    name_group,
)
from tests import cast

pytestmark = pytest.mark.django_db


def permissions_of(group):
    every = Group.objects.get(name=group.name).permissions.select_related("content_type")
    return {f"{each.content_type.app_label}.{each.codename}" for each in every}


@pytest.mark.parametrize("group", STAFF_GROUPS, ids=lambda group: group.name)
def test_migrating_makes_each_group_with_what_its_work_needs(group):
    call_command("make_staff_groups", verbosity=0)  # a test that committed may have emptied it

    assert permissions_of(group) == set(group.permissions)


def test_a_database_without_permissions_gets_them_first():
    """As in a migration, which runs before Django makes permissions."""
    names = dict(Permission.objects.values_list("codename", "name"))
    Group.objects.all().delete()
    Permission.objects.all().delete()
    ContentType.objects.all().delete()

    make_staff_groups()
    made = dict(Permission.objects.values_list("codename", "name"))

    assert permissions_of(SUPPORT) == set(SUPPORT.permissions)
    assert made.items() <= names.items()


def test_only_the_wanted_groups_are_made():
    """As on an existing site, where a group that is missing was deleted on purpose."""
    Group.objects.filter(name__in=[SUPPORT.name, REVIEW_LEAD.name]).delete()

    make_staff_groups((REVIEW_LEAD,))

    assert permissions_of(REVIEW_LEAD) == set(REVIEW_LEAD.permissions)
    assert not Group.objects.filter(name=SUPPORT.name).exists()


def test_doing_it_again_keeps_what_superusers_changed_unless_reset():
    make_staff_groups()
    group = Group.objects.get(name=REVIEWER.name)
    group.permissions.clear()

    call_command("make_staff_groups", verbosity=0)
    kept = permissions_of(REVIEWER)
    call_command("make_staff_groups", "--reset", verbosity=0)

    assert kept == set()
    assert permissions_of(REVIEWER) == set(REVIEWER.permissions)
    assert Group.objects.count() == len(STAFF_GROUPS)


def test_a_permission_that_does_not_exist_is_named():
    with pytest.raises(LookupError, match=r"\['partners.fly_partner'\]"):
        find_permissions(["partners.view_partner", "partners.fly_partner"])


def test_no_one_but_superusers_sets_roles_or_makes_staff():
    given = {code for group in STAFF_GROUPS for code in group.permissions}
    kept_back = {
        *("partners.add_membership", "partners.change_membership", "partners.delete_membership"),
        *("partners.add_user", "partners.delete_user"),
    }

    assert not given & kept_back
    assert not any(code.startswith("auth.") for code in given)


def test_support_reads_and_nothing_else():
    assert all(code.partition(".")[2].startswith("view_") for code in SUPPORT.permissions)


def test_only_reviewers_their_leads_and_support_see_claims():
    seeing = {
        group.name
        for group in STAFF_GROUPS
        if {"associations.view_claim", "associations.review_claim"} & set(group.permissions)
    }

    assert seeing == {REVIEWER.name, REVIEW_LEAD.name, SUPPORT.name}


# --- In admin ------------------------------------------------------------------------------------


@pytest.fixture
def as_staff(client):
    def sign_in(*groups, **person):
        client.force_login(cast.make_staff(*groups, **person))
        return client

    return sign_in


def test_a_programme_manager_makes_a_partner_without_members(as_staff):
    client, person = as_staff(PROGRAMME_MANAGER), cast.UserFactory()
    data = {
        "name": "Contoso",
        "domains-TOTAL_FORMS": 1,
        "domains-INITIAL_FORMS": 0,
        "domains-0-domain": "contoso.example",
        "locations-TOTAL_FORMS": 0,
        "locations-INITIAL_FORMS": 0,
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 0,
        "memberships-0-user": person.pk,
        "memberships-0-role": Role.INCENTIVES_ADMIN,
    }

    client.post(reverse("admin:partners_partner_add"), data)

    partner = Partner.objects.get(name="Contoso")
    assert partner.domains.get().domain == "contoso.example"
    assert not partner.memberships.exists()


@pytest.mark.parametrize("field", ["email", "password"])
def test_no_one_but_a_superuser_can_become_a_partners_person(as_staff, field):
    person = cast.make_member(cast.make_partner(), full_name="Ana Admin")
    before = (person.email, person.password)
    client = as_staff(PROGRAMME_MANAGER)
    words = "correct horse 9 battery"
    address, data = {
        "email": (
            reverse("admin:partners_user_change", args=[person.pk]),
            {"email": "mine@northwind.example", "full_name": "Ana", "language": "en"},
        ),
        "password": (
            reverse("admin:auth_user_password_change", args=[person.pk]),
            {"usable_password": "true", "password1": words, "password2": words},
        ),
    }[field]

    answer = client.post(address, data)

    person.refresh_from_db()
    assert answer.status_code == {"email": 302, "password": 403}[field]
    assert (person.email, person.password) == before


def test_support_reads_a_claim_and_is_told_who_decides(as_staff):
    partner = cast.make_partner()
    admin = cast.make_member(partner)
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=cast.make_reviewer())
    client = as_staff(SUPPORT)
    address = reverse("admin:associations_claim_change", args=[claim.pk])

    queue = client.get(reverse("admin:associations_claim_changelist")).content.decode()
    page = client.get(address).content.decode()
    proof = client.get(f"/files/{claim.documents.get().key}/")
    refused = client.post(f"/admin/associations/claim/{claim.pk}/approve/", {"revision": 9})

    claim.refresh_from_db()
    assert claim.reference in queue
    assert "ask someone in the group “Reviewer”" in page
    assert "/approve/" not in page
    assert 'name="text"' not in page
    assert b"".join(proof.streaming_content) == cast.PDF
    assert (refused.status_code, claim.status) == (403, Status.UNDER_REVIEW)


@pytest.mark.parametrize("group", [PROGRAMME_MANAGER, DATA_LOADER], ids=lambda group: group.name)
def test_who_need_no_claims_see_none(as_staff, group):
    partner = cast.make_partner()
    admin = cast.make_member(partner)
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())
    client = as_staff(group)

    queue = client.get(reverse("admin:associations_claim_changelist"))
    page = client.get(reverse("admin:associations_claim_change", args=[claim.pk]))
    proof = client.get(f"/files/{claim.documents.get().key}/")

    assert (queue.status_code, page.status_code, proof.status_code) == (403, 403, 404)


def test_groups_are_named_in_the_readers_language():
    make_staff_groups()
    shipped, own = Group.objects.get(name=REVIEWER.name), Group.objects.create(name="Reviewer 2")

    with translation.override("pt-br"):
        names = [name_group(group) for group in (shipped, own)]

    assert names == ["Analista", "Reviewer 2"]


def test_a_group_of_ours_keeps_its_name_and_stays(admin_client):
    make_staff_groups()
    group = Group.objects.get(name=REVIEWER.name)
    address = reverse("admin:auth_group_change", args=[group.pk])

    admin_client.post(address, {"name": "Readers", "permissions": []})
    refused = admin_client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "1"})

    group.refresh_from_db()
    assert (group.name, group.permissions.count()) == (REVIEWER.name, 0)
    assert refused.status_code == 403
    assert staff_groups.describe_group(group).startswith("Reviews claims")
