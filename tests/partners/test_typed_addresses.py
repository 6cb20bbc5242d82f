"""However an address, a code or a name was pasted, it is read as what it looks like [R42], [R44]."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse

from notifications.models import Message
from partners.models import Invitation, Location, PartnerDomain, User
from partners.sign_in.addresses import confirm_address, find_person
from partners.single_sign_on.adapter import find_or_make_person
from tests import cast

from .joining_steps import invite, join_form, link_of

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough passphrase"
PASTED = [
    "max@straße.example",
    "MAX@XN--STRAE-OQA.example",
    "\u200bmax@stra\u00ad\u00dfe.example\ufeff",
    "\u202amax@\u2060straße.example\u00a0",
]


@pytest.fixture
def person():
    user = cast.make_member(cast.make_partner(), email="max@xn--strae-oqa.example")
    return cast.let_sign_in(user, PASSWORD)


def test_an_account_is_stored_by_the_domain_as_people_write_it(person):
    assert list(User.objects.values_list("email", flat=True)) == ["max@straße.example"]
    assert str(person.email) == "max@straße.example"
    assert find_person("max@strasse.example") is None


@pytest.mark.parametrize("typed", PASTED, ids=ascii)
def test_signing_in(client, person, typed):
    answer = client.post(reverse("account_login"), {"login": typed, "password": PASSWORD})

    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_another_domain_that_merely_sounds_alike_signs_no_one_in(client, person):
    typed = {"login": "max@strasse.example", "password": PASSWORD}
    client.post(reverse("account_login"), typed)

    assert "_auth_user_id" not in client.session


def test_an_account_older_than_the_rules_still_signs_in(client):
    user = User.objects.create(email="root@localhost", is_active=True)
    confirm_address(user)
    cast.let_sign_in(user, PASSWORD)

    client.post(reverse("account_login"), {"login": "root@localhost", "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize("typed", PASTED, ids=ascii)
def test_asking_for_a_new_password(client, person, typed):
    client.post(reverse("account_reset_password"), {"email": typed})

    sent = Message.objects.get()
    assert (sent.kind, sent.to_address.lower()) == ("password_reset", "max@straße.example")


@pytest.mark.parametrize("typed", cast.UNREACHABLE)
def test_no_password_is_sent_to_an_address_no_one_can_have(client, typed):
    answer = client.post(reverse("account_reset_password"), {"email": typed})

    assert answer.context["form"].errors["email"]
    assert not Message.objects.exists()


def test_a_code_with_what_cannot_be_seen_and_in_other_digits(client, person):
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = cast.totp_code(secret)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    typed = f"\u200b\u202a{wide[:3]}\u202f{wide[3:]}\u202c\ufeff"
    answer = client.post(reverse("mfa_activate_totp"), {"code": typed})

    assert answer.url == reverse("mfa_view_recovery_codes")


def test_a_recovery_code_pasted_from_a_document(client, person):
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": cast.totp_code(secret)})
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    code = RecoveryCodes(codes).get_unused_codes()[0]
    client.logout()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    client.post(reverse("mfa_authenticate"), {"code": f"\ufeff{code[:4]}\u2060{code[4:]}\u00a0"})

    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize("typed", PASTED, ids=ascii)
def test_inviting(client, typed):
    partner = cast.make_partner()
    client.force_login(cast.make_member(partner))
    seat = {"language": "en", "role": "incentives_user", "reach": "all"}

    client.post(
        reverse("partners:member-invite", args=[partner.key]),
        {"email": typed, "partner": partner.pk, **seat},
    )

    assert Invitation.objects.get().email.lower() == "max@straße.example"
    assert Message.objects.get().to_address.lower() == "max@straße.example"


@pytest.mark.parametrize("typed", cast.UNREACHABLE)
def test_no_one_is_invited_at_an_address_no_one_can_have(client, typed):
    partner = cast.make_partner()
    client.force_login(cast.make_member(partner))
    seat = {"language": "en", "role": "incentives_user", "reach": "all"}

    answer = client.post(
        reverse("partners:member-invite", args=[partner.key]),
        {"email": typed, "partner": partner.pk, **seat},
    )

    assert answer.context["form"].errors["email"]
    assert not Invitation.objects.exists()


def test_joining_under_a_name_without_what_cannot_be_seen(client):
    partner = cast.make_partner()
    invitation = invite(partner, cast.make_member(partner), email="nora@xn--strae-oqa.example")
    name = "Nora\u202e\x1f\u200b  Saint\u2011Cloud\u2066"

    client.post(link_of(invitation), join_form(full_name=name))

    nora = User.objects.get(email="nora@straße.example")
    assert nora.full_name == "Nora Saint-Cloud"


@pytest.mark.parametrize(
    "name", ["Livia, confirm at https://evil.example", "www.evil.example", "evil.example/x"]
)
def test_no_one_joins_under_a_web_address(client, name):
    partner = cast.make_partner()
    invitation = invite(partner, cast.make_member(partner))

    answer = client.post(link_of(invitation), join_form(full_name=name))

    assert "without a web address" in answer.text
    assert User.objects.count() == 1


def test_single_sign_on_finds_who_was_invited_and_takes_no_web_address_for_a_name():
    partner = cast.make_partner()
    invite(partner, cast.make_member(partner), email="max@straße.example")

    made = find_or_make_person("Max@xn--strae-oqa.example", name="Max https://evil.example")

    assert (made.email, made.full_name) == ("max@straße.example", "")
    assert find_or_make_person("max@straße.example", name="Max") == made


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("root@northwind.example", "x"))
    return client


def person_form(**more):
    password = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    return {"email": "w@x.example", "full_name": "Walt", "language": "en", **password, **more}


def test_staff_make_people_by_the_same_rules(root):
    add = reverse("admin:partners_user_add")

    for typed in cast.UNREACHABLE:
        assert "errornote" in root.post(add, person_form(email=typed)).text
    refused = root.post(add, person_form(full_name="Walt https://evil.example"))
    root.post(add, person_form(email=PASTED[2], full_name="Walt\u202e\u0007"))

    assert "without a web address" in refused.text
    made = User.objects.exclude(is_superuser=True).get()
    assert (made.email, made.full_name) == ("max@straße.example", "Walt")


def test_a_company_may_be_called_booking_com(root):
    facts = {"name": "Booking.com\u200b"}
    inlines = {
        f"{prefix}-{part}_FORMS": 0
        for prefix in ("domains", "locations", "memberships")
        for part in ("TOTAL", "INITIAL")
    }
    domains = {"domains-TOTAL_FORMS": 1, "domains-0-domain": "\u200bhttps://stra\u00dfe.example/"}
    places = {
        "locations-TOTAL_FORMS": 1,
        "locations-0-name": "Recife\ufeff",
        "locations-0-partner_code": "\u200b４７１１\u2060000\u00a0",
        "locations-0-country": "BR",
        "locations-0-time_zone": "America/Recife",
    }

    page = root.get(reverse("admin:partners_partner_add"))
    root.post(reverse("admin:partners_partner_add"), facts | inlines | domains | places)

    assert 'maxlength="12"' not in page.text
    place = Location.objects.select_related("partner").get()
    assert (place.name, place.partner_code, place.partner.name) == (
        *("Recife", "4711000", "Booking.com"),
    )
    assert list(PartnerDomain.objects.values_list("domain", flat=True)) == ["straße.example"]


@pytest.mark.parametrize(
    "q", ["straße.example", "xn--strae-oqa.example", "\u200bmax@XN--STRAE-OQA.EXAMPLE", "straß"]
)
def test_staff_find_people_and_emails_either_way(root, person, q):
    root.post(reverse("account_reset_password"), {"email": person.email})
    Message.objects.create(
        key="k", kind="password_reset", to_address=person.email, language="en", context={}
    )

    for page in ("partners_user", "notifications_message"):
        found = root.get(reverse(f"admin:{page}_changelist"), {"q": q})
        assert {str(row) for row in found.context["cl"].result_list} & {
            str(person),
            *map(str, Message.objects.all()),
        }
    terms = {"app_label": "partners", "model_name": "membership", "field_name": "user", "term": q}
    offered = root.get(reverse("admin:autocomplete"), terms).json()["results"]
    assert [each["id"] for each in offered] == [str(person.pk)]


@pytest.mark.parametrize("typed", cast.UNREACHABLE)
def test_commands_make_no_one_at_an_address_no_one_can_have(monkeypatch, typed):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    with pytest.raises((CommandError, ValidationError)):
        call_command(
            "createsuperuser", interactive=False, verbosity=0, email=typed, full_name="Walt"
        )

    assert not User.objects.exists()
