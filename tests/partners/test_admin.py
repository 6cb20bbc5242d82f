"""Partners, locations, enrollments, members and people in admin: made here, never deleted."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.urls import reverse

from notifications.models import Message
from partners.enums import InvitationState, Role
from partners.models import Invitation, Location, Membership, Partner, User
from partners.sign_in.addresses import confirm_address
from partners.staff_groups import PROGRAMME_MANAGER, REVIEWER, SUPPORT
from tests import cast

from .joining_steps import invite, link_of

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse 9 battery"


@pytest.fixture
def root(client):
    person = get_user_model().objects.create_superuser("root@northwind.example", "x")
    client.force_login(person)
    return client


@pytest.fixture
def manager(client):
    client.force_login(cast.make_staff(PROGRAMME_MANAGER))
    return client


def url(name, *args):
    return reverse(f"admin:partners_{name}", args=args)


def empty_inlines(*prefixes):
    return {f"{prefix}-{part}_FORMS": 0 for prefix in prefixes for part in ("TOTAL", "INITIAL")}


def test_a_partner_is_made_with_domain_location_and_first_member(root):
    person = cast.UserFactory()
    data = {
        "name": "Contoso",
        "domains-TOTAL_FORMS": 1,
        "domains-INITIAL_FORMS": 0,
        "domains-0-domain": " https://Contoso.example/about ",
        "locations-TOTAL_FORMS": 1,
        "locations-INITIAL_FORMS": 0,
        "locations-0-name": "Recife",
        "locations-0-partner_code": "4711000",
        "locations-0-country": "BR",
        "locations-0-time_zone": "America/Recife",
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 0,
        "memberships-0-user": person.pk,
        "memberships-0-role": Role.INCENTIVES_ADMIN,
        "memberships-0-has_all_locations": "on",
    }

    root.post(url("partner_add"), data)

    partner = Partner.objects.get(name="Contoso")
    member = partner.memberships.get()
    assert [each.domain for each in partner.domains.all()] == ["contoso.example"]
    assert partner.locations.get().partner_code == "4711000"
    assert (member.user, member.is_incentives_admin) == (person, True)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("partner_code", "47a", "A Partner ID has 4 to 12 digits"),
        ("country", "QQ", "Select a valid choice. QQ is not one of the available choices."),
        ("time_zone", "Recife", "Select a valid choice. Recife is not one"),
    ],
)
def test_a_location_that_no_claim_could_use_is_refused(manager, field, value, words):
    partner = cast.PartnerFactory()
    data = {
        "partner": partner.pk,
        "name": "Recife",
        "partner_code": "4711000",
        "country": "BR",
        "time_zone": "America/Recife",
        **empty_inlines("enrollments"),
        field: value,
    }

    page = manager.post(url("location_add"), data)

    assert words in page.content.decode()
    assert not Location.objects.exists()


def test_a_location_keeps_its_partner_and_partner_id(manager):
    location = cast.LocationFactory(partner_code="4711000")
    other = cast.PartnerFactory()
    data = {
        "partner": other.pk,
        "partner_code": "4712000",
        "name": "New name",
        "country": "BR",
        "time_zone": "America/Recife",
        **empty_inlines("enrollments"),
    }

    manager.post(url("location_change", location.pk), data)

    kept = Location.objects.get()
    assert (kept.partner, kept.partner_code) == (location.partner, "4711000")
    assert kept.name == "New name"


def test_a_member_is_made_and_gets_some_of_the_partners_locations(root):
    partner = cast.make_partner()
    extra = cast.LocationFactory(partner=partner)
    person = cast.UserFactory()
    data = {"user": person.pk, "partner": partner.pk, "role": Role.INCENTIVES_USER}

    root.post(url("membership_add"), data)
    member = Membership.objects.get(user=person)
    root.post(url("membership_change", member.pk), {**data, "locations": [extra.pk]})

    member.refresh_from_db()
    assert (member.role, member.has_all_locations) == (Role.INCENTIVES_USER, False)
    assert list(member.locations.all()) == [extra]


def test_another_partners_location_cannot_be_chosen(root):
    partner = cast.make_partner()
    person = cast.make_member(partner, locations=[])
    stranger = cast.LocationFactory()
    member = Membership.objects.get(user=person)
    data = {"role": Role.INCENTIVES_ADMIN, "locations": [stranger.pk]}

    page = root.post(url("membership_change", member.pk), data)

    assert "is not one of the available choices" in page.content.decode()
    assert not member.locations.exists()


def test_a_member_can_be_removed(root):
    partner = cast.make_partner()
    kept = cast.make_member(partner)
    person = cast.make_member(partner)
    member = Membership.objects.get(user=person)
    invitation = invite(partner, person)

    root.post(url("membership_delete", member.pk), {"post": "yes"})

    invitation.refresh_from_db()
    assert Membership.objects.get().user == kept
    assert User.objects.filter(pk=person.pk).exists()
    assert invitation.state == InvitationState.REVOKED


@pytest.mark.parametrize("data", [{"role": Role.INCENTIVES_USER, "has_all_locations": "on"}, {}])
def test_the_last_admin_is_not_taken_away_here_either(root, data):
    """R45."""
    member = Membership.objects.get(user=cast.make_member(cast.make_partner()))
    less = {"role": Role.INCENTIVES_ADMIN, **data}

    change = root.post(url("membership_change", member.pk), less)
    delete = root.post(url("membership_delete", member.pk), {"post": "yes"})

    kept = Membership.objects.get(pk=member.pk)
    assert (kept.role, kept.has_all_locations) == (Role.INCENTIVES_ADMIN, True)
    for page in (change, delete):
        assert "The last Incentives admin for all locations cannot" in page.content.decode()


def test_the_partners_page_adds_members_and_leaves_those_there_alone(root):
    partner = cast.make_partner()
    member = Membership.objects.get(user=cast.make_member(partner))
    data = {
        "name": partner.name,
        **empty_inlines("domains", "locations"),
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": member.pk,
        "memberships-0-user": member.user.pk,
        "memberships-0-role": Role.INCENTIVES_USER,
        "memberships-0-DELETE": "on",
    }

    root.post(url("partner_change", partner.pk), data)

    assert Membership.objects.get().role == Role.INCENTIVES_ADMIN


# --- A partner's first admin ---------------------------------------------------------------------


def test_staff_invite_a_partners_first_admin_from_its_page(manager):
    partner = cast.make_partner("Contoso")
    address = reverse("admin:partners_partner_invite", args=[partner.pk])
    assert address in manager.get(url("partner_change", partner.pk)).content.decode()
    manager.get(address)
    assert not Invitation.objects.exists()

    data = {"email": " Boss@Contoso.example", "language": "pt-br"}
    answer = manager.post(address, data)

    invitation = Invitation.objects.get()
    assert answer.status_code == 302
    assert (invitation.email, invitation.role) == ("Boss@contoso.example", Role.INCENTIVES_ADMIN)
    assert Message.objects.get(kind="member_invited").language == "pt-br"


@pytest.mark.parametrize("email", ["", "boss", "b\u00f3ss@contoso.example"])
def test_a_bad_address_invites_no_one(manager, email):
    partner = cast.make_partner()
    address = reverse("admin:partners_partner_invite", args=[partner.pk])

    page = manager.post(address, {"email": email, "language": "en"})

    assert page.status_code == 400
    assert page.context["form"].errors["email"]
    assert not Invitation.objects.exists()


def test_where_there_is_an_admin_the_partner_invites_by_itself(manager):
    partner = cast.make_partner("Contoso")
    cast.make_member(partner)
    address = reverse("admin:partners_partner_invite", args=[partner.pk])

    page = manager.post(address, {"email": "boss@contoso.example", "language": "en"})

    assert "already has an Incentives admin, who invites everyone else" in page.content.decode()
    assert address not in manager.get(url("partner_change", partner.pk)).content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("group", [REVIEWER, SUPPORT])
def test_other_staff_invite_no_one(client, group):
    partner = cast.make_partner()
    client.force_login(cast.make_staff(group))
    address = reverse("admin:partners_partner_invite", args=[partner.pk])

    for answer in (client.get(address), client.post(address, {"email": "a@b.example"})):
        assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_staff_see_invitations_without_what_would_open_them(root):
    partner = cast.make_partner()
    invitation = invite(partner, cast.make_member(partner))
    token = link_of(invitation).split("/")[2]

    for name, *args in (("invitation_changelist",), ("invitation_change", invitation.pk)):
        page = root.get(url(name, *args)).content.decode()
        assert invitation.email in page
        assert token not in page
        assert invitation.key_digest not in page
    mail = Message.objects.get()
    assert token not in root.get(f"/admin/notifications/message/{mail.pk}/change/").content.decode()


@pytest.mark.parametrize("model", ["partner", "location", "program", "user"])
def test_what_history_names_is_never_deleted(root, model):
    partner = cast.make_partner()
    person = cast.make_member(partner)
    location = partner.locations.get()
    things = {
        "partner": partner,
        "location": location,
        "program": location.enrollments.first().program,
        "user": person,
    }
    thing = things[model]

    answer = root.post(url(f"{model}_delete", thing.pk), {"post": "yes"})

    assert answer.status_code == 403
    assert type(thing).objects.filter(pk=thing.pk).exists()


# --- People --------------------------------------------------------------------------------------


def person_form(**more):
    return {
        "email": "nadia@contoso.example",
        "full_name": "Nadia New",
        "language": "pt-br",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **more,
    }


def test_a_person_is_made_with_a_password_and_can_sign_in(root, client):
    root.post(url("user_add"), person_form())

    person = User.objects.get(email="nadia@contoso.example")
    assert (person.full_name, person.language, person.is_staff) == ("Nadia New", "pt-br", False)
    client.logout()
    confirm_address(person)  # by the link that the first sign-in mails, see test_addresses.py
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(person.pk)


def test_an_address_is_taken_whatever_its_capitals(root):
    cast.UserFactory(email="nadia@contoso.example")

    page = root.post(url("user_add"), person_form(email="Nadia@contoso.example"))

    assert "An account with this email already exists." in page.content.decode()


@pytest.mark.parametrize(
    "email",
    ["r\u0131ta@contoso.example", "nadi\u0430@contoso.example", "n\u00e1dia@contoso.example"],
)
def test_an_address_that_looks_like_another_is_refused(root, email):
    person = cast.UserFactory(email="rita@contoso.example")

    made = root.post(url("user_add"), person_form(email=email))
    changed = root.post(url("user_change", person.pk), person_form(email=email))

    for page in (made, changed):
        assert "use only letters from a to z" in page.text
    assert not User.objects.filter(email=email).exists()


def test_a_domain_is_kept_as_people_write_it(root):
    root.post(url("user_add"), person_form(email="Nadia@xn--BCHER-kva.example"))

    assert User.objects.filter(email="nadia@xn--bcher-kva.example").exists()
    assert "nadia@bücher.example" in User.objects.values_list("email", flat=True)


def test_a_command_makes_no_one_that_no_one_can_find(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    names = {"email": "r\u0131ta@contoso.example", "full_name": "Rita"}

    with pytest.raises(CommandError, match="use only letters from a to z"):
        call_command("createsuperuser", interactive=False, verbosity=0, **names)

    assert not User.objects.exists()


def test_who_is_no_superuser_moves_no_one_to_another_address(manager):
    person = cast.UserFactory(email="nadia@contoso.example")

    manager.post(url("user_change", person.pk), person_form(email="mine@contoso.example"))

    person.refresh_from_db()
    assert (person.email, person.full_name) == ("nadia@contoso.example", "Nadia New")


def test_a_weak_password_is_refused(root):
    page = root.post(url("user_add"), person_form(password1="1234", password2="1234"))

    assert "too short" in page.content.decode()
    assert not User.objects.filter(email="nadia@contoso.example").exists()


def test_no_page_shows_anything_of_a_password(root):
    person = User.objects.create_user("ana@contoso.example", PASSWORD)
    algorithm, *_rest, digest = person.password.split("$")

    for name in ("user_change", "user_history"):
        page = root.get(url(name, person.pk)).content.decode()
        assert digest not in page
        assert algorithm not in page
    assert digest not in root.get(url("user_changelist")).content.decode()


def test_a_new_password_is_set(root):
    person = User.objects.create_user("ana@contoso.example", "old one 77 x")
    data = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

    page = root.get(url("user_change", person.pk)).content.decode()
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    root.post(address, data)

    person.refresh_from_db()
    assert address in page
    assert person.check_password(PASSWORD)


def test_who_is_no_superuser_makes_no_one_staff(manager):
    person = cast.UserFactory()
    reviewers = Group.objects.get(name="Reviewer")
    data = {
        "email": person.email,
        "full_name": "New name",
        "language": "en",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [reviewers.pk],
    }

    manager.post(url("user_change", person.pk), data)

    person.refresh_from_db()
    assert person.full_name == "New name"
    assert (person.is_staff, person.is_superuser, person.groups.count()) == (False, False, 0)


@pytest.mark.parametrize(
    ("role", "stays"), [(Role.INCENTIVES_ADMIN, True), (Role.INCENTIVES_USER, False)], ids=str
)
def test_no_one_shuts_out_a_partners_admins_to_invite_one_of_their_own(manager, role, stays):
    person = cast.make_member(cast.make_partner(), role)

    manager.post(url("user_change", person.pk), {"full_name": "New name", "language": "en"})

    person.refresh_from_db()
    assert (person.full_name, person.is_active) == ("New name", stays)


def test_staff_accounts_and_their_passwords_are_a_superusers_affair(manager):
    colleague = cast.make_reviewer()
    before = User.objects.get(pk=colleague.pk).password
    data = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

    password = manager.post(reverse("admin:auth_user_password_change", args=[colleague.pk]), data)
    facts = manager.post(url("user_change", colleague.pk), {"email": "mine@contoso.example"})

    assert (password.status_code, facts.status_code) == (403, 403)
    assert User.objects.get(pk=colleague.pk).password == before


def test_a_superuser_makes_a_reviewer(root):
    person = cast.UserFactory()
    data = {
        "email": person.email,
        "full_name": person.full_name,
        "language": "en",
        "is_active": "on",
        "is_staff": "on",
        "groups": [cast.make_reviewer().groups.get().pk],
    }

    root.post(url("user_change", person.pk), data)

    assert User.objects.get(pk=person.pk).has_perm("associations.review_claim")


@pytest.mark.parametrize("model", ["partner", "location", "enrollment", "membership", "user"])
def test_reviewers_do_not_manage_partners(client, model):
    client.force_login(cast.make_reviewer())

    for answer in (client.get(url(f"{model}_add")), client.post(url(f"{model}_add"), {})):
        assert answer.status_code == 403
