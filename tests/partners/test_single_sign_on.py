"""Sign-in by an OpenID provider, a real one: it opens the account of a verified address, or none [R44]."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError
from django.urls import reverse

from cpor_site.environment import read_single_sign_on
from partners.enums import Role
from partners.models import User
from partners.people import invitations
from partners.people.seats import Seat
from partners.single_sign_on import adapter
from tests import cast
from tests.servers.openid import OpenIdProvider
from tests.servers.processes import free_port

pytestmark = pytest.mark.django_db

ANA = "ana@partner.example"


@pytest.fixture(scope="module")
def provider():
    with OpenIdProvider() as running:
        yield running


def configure(settings, server_url):
    app = {
        "name": "Contoso ID",
        "client_id": "cpor",
        "secret": "shared secret",
        "settings": {"server_url": server_url, "oauth_pkce_enabled": True},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"oidc": {"APP": app}}


@pytest.fixture
def company(settings, provider):
    configure(settings, provider.url)
    return provider


@pytest.fixture
def ana():
    return cast.make_member(cast.make_partner(), email=ANA, full_name="Ana")


def begin(client, query="", **form):
    """Press the button of the sign-in page; returns the provider's address."""
    page = client.post(reverse("oidc_login") + query, form)
    return unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)[1])


def come_back(client, address):
    return client.get(address.removeprefix("http://testserver"))


def sign_in(client, provider, subject="subject-1", **claims):
    provider.knows(subject, **claims)
    return come_back(client, provider.approve(begin(client), subject))


def everybody():
    people = User.objects.order_by("pk").values_list("email", "password", "is_active", "last_login")
    return list(people), list(EmailAddress.objects.order_by("pk").values_list("email", "verified"))


def is_signed_in(client):
    return "_auth_user_id" in client.session


# --- the way in ----------------------------------------------------------------------------------


def test_without_settings_there_is_no_button_and_no_address(client):
    assert reverse("oidc_login") not in client.get(reverse("account_login")).text
    assert client.post(reverse("oidc_login")).status_code == 404
    assert client.get(reverse("oidc_callback")).status_code == 404


def test_the_sign_in_page_names_the_provider(client, company):
    page = client.get(reverse("account_login")).text

    assert f'action="{reverse("oidc_login")}"' in page
    assert "Sign in with Contoso ID" in page


def test_looking_at_the_address_begins_nothing(client, company):
    assert client.get(reverse("oidc_login")).url == reverse("account_login")
    assert "socialaccount_states" not in client.session


def test_the_question_is_tied_to_this_browser(client, company):
    asked = [parse_qs(urlsplit(begin(client)).query) for _each in range(2)]

    for query in asked:
        assert query["client_id"] == ["cpor"]
        assert query["redirect_uri"] == ["http://testserver/accounts/oidc/login/callback/"]
        assert query["code_challenge_method"] == ["S256"]
        assert set(query["scope"][0].split()) == {"openid", "profile", "email"}
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_the_request_cannot_add_to_the_question(client, company):
    asked = begin(client, "?scope=offline_access&auth_params=prompt%3Dnone&process=connect")

    assert "offline_access" not in asked
    assert "prompt" not in asked


def test_a_member_gets_in_and_on_to_the_page_they_wanted(client, company, ana):
    company.knows("subject-1", email=ANA.upper(), email_verified=True)
    back = company.approve(begin(client, next="/claims/"), "subject-1")

    answer = come_back(client, back)

    assert answer.url == "/claims/"
    assert client.session["_auth_user_id"] == str(ana.pk)
    assert EmailAddress.objects.get(user=ana).verified
    assert not SocialAccount.objects.exists()


def test_a_password_stays_as_it_was(client, company, ana):
    cast.let_sign_in(ana, "a long enough passphrase")

    sign_in(client, company, email=ANA, email_verified=True)

    ana.refresh_from_db()
    assert ana.check_password("a long enough passphrase")


def test_staff_still_need_their_second_factor(client, company):
    reviewer = cast.make_reviewer(email="rita@operator.example")
    secret = cast.give_totp(reviewer)

    answer = sign_in(client, company, email=reviewer.email, email_verified=True)

    assert answer.url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    client.post(answer.url, {"code": cast.totp_code(secret)})
    assert client.get("/admin/").status_code == 200


def test_someone_invited_gets_an_account_and_goes_on_to_the_invitation(client, company, ana):
    partner = ana.memberships.get().partner
    invitations.invite_member(
        partner, Seat(Role.INCENTIVES_USER), email="nina@partner.example", language="en", actor=ana
    )
    company.knows("nina", email="Nina@partner.example", email_verified=True, name="Nina Nova")

    answer = come_back(client, company.approve(begin(client, next="/invitations/x/"), "nina"))

    nina = User.objects.get(email="nina@partner.example")
    assert (answer.url, nina.full_name, nina.has_usable_password()) == (
        "/invitations/x/",
        "Nina Nova",
        False,
    )
    assert EmailAddress.objects.get(user=nina).verified
    assert not partner.memberships.filter(user=nina).exists()  # that takes her own click


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("verified", [False, None, "false", "yes", 1.5, 0], ids=str)
def test_an_address_that_is_not_verified_opens_nothing(client, company, ana, verified):
    before = everybody()

    answer = sign_in(client, company, email=ANA, email_verified=verified)

    assert answer.status_code == 403
    assert "doesn't say that your address is confirmed" in answer.text
    assert (everybody(), is_signed_in(client)) == (before, False)


@pytest.mark.parametrize(
    ("claim", "opens"),
    [
        ({}, True),  # as Entra ID answers
        ({"email_verified": True}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "false"}, False),
    ],
)
def test_the_operator_vouches_for_an_issuer_that_says_nothing(
    client, company, ana, settings, claim, opens
):
    settings.SOCIALACCOUNT_PROVIDERS["oidc"]["APP"]["settings"]["trust_addresses"] = True

    answer = sign_in(client, company, email=ANA, **claim)

    assert is_signed_in(client) == opens
    assert answer.status_code == (302 if opens else 403)


def test_an_operator_who_does_not_vouch_lets_no_one_in_unverified(client, company, ana):
    assert sign_in(client, company, email=ANA).status_code == 403
    assert not is_signed_in(client)


def test_the_setting_is_read(monkeypatch):
    monkeypatch.setenv("OIDC_SERVER_URL", "https://login.example.com/tenant/v2.0")
    found = []
    for value in ("", "true"):
        monkeypatch.setenv("OIDC_TRUST_ADDRESSES", value)
        found.append(read_single_sign_on()["oidc"]["APP"]["settings"]["trust_addresses"])

    assert found == [False, True]


def test_without_an_address_nothing_opens(client, company, ana):
    answer = sign_in(client, company, name="Nobody")

    assert answer.status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("email", ["stranger@partner.example", "ana+1@partner.example"])
def test_someone_unknown_is_told_how_people_join(client, company, ana, email):
    before = everybody()

    answer = sign_in(client, company, email=email, email_verified=True)

    assert answer.status_code == 403
    assert "Accounts are by invitation only" in answer.text
    assert email in answer.text
    assert (everybody(), is_signed_in(client)) == (before, False)


@pytest.mark.parametrize(
    ("known", "typed"),
    [("rita@x.example", "r\u0131ta@x.example"), ("sam@x.example", "\u017fam@x.example")],
    ids=["dotless i", "long s"],
)
def test_letters_that_look_alike_open_no_one_elses_account(client, company, known, typed):
    """PostgreSQL makes capitals of them that are those of i and s."""
    cast.UserFactory(email=known)
    before = everybody()

    answer = sign_in(client, company, email=typed, email_verified=True)

    assert answer.status_code == 403
    assert (everybody(), is_signed_in(client)) == (before, False)


def test_two_tabs_make_one_account(ana, monkeypatch):
    """The second finds no one as it looks, and the account as it makes one."""
    partner = ana.memberships.get().partner
    seat = Seat(Role.INCENTIVES_USER)
    invitations.invite_member(partner, seat, email="nina@partner.example", language="en", actor=ana)
    first = adapter.find_or_make_person("nina@partner.example", name="Nina\r\nNova")
    looks = iter([None])
    look = adapter.find_person
    monkeypatch.setattr(adapter, "find_person", lambda address: next(looks, look(address)))

    second = adapter.find_or_make_person("nina@partner.example", name="Nina")

    assert (second, first.full_name) == (first, "Nina Nova")


def test_someone_who_left_stays_out(client, company, ana):
    User.objects.filter(pk=ana.pk).update(is_active=False)
    before = everybody()

    answer = sign_in(client, company, email=ANA, email_verified=True)

    assert answer.url == reverse("account_inactive")
    assert (everybody(), is_signed_in(client)) == (before, False)


@pytest.mark.parametrize(
    "claim",
    [
        {"iss": "http://evil.example"},
        {"aud": "another-application"},
        {"aud": ["cpor", "another-application"]},
        {"azp": "another-application"},
        {"nonce": "of-another-sign-in"},
        {"nonce": ""},
        {"exp": 1_700_000_000},
    ],
    ids=str,
)
def test_a_token_for_something_else_is_refused(client, company, ana, claim):
    before = everybody()

    answer = sign_in(client, company, email=ANA, email_verified=True, **claim)

    assert answer.status_code == 401
    assert "We couldn't trust the answer" in answer.text
    assert (everybody(), is_signed_in(client)) == (before, False)


def test_stopping_at_the_provider_changes_nothing(client, company, ana):
    asked = begin(client)
    state = parse_qs(urlsplit(asked).query)["state"][0]

    answer = come_back(client, f"{company.deny(asked)}&state={state}")  # this provider forgets it

    page = client.get(answer.url)
    assert "You cancelled at your company" in unescape(page.text)
    assert not is_signed_in(client)


def test_an_answer_works_in_the_browser_that_asked_and_once(client, company, ana):
    company.knows("subject-1", email=ANA, email_verified=True)
    back = company.approve(begin(client), "subject-1")
    other = type(client)()

    stolen = come_back(other, back)
    fresh = come_back(client, back)
    again = come_back(client, back)

    assert (stolen.status_code, fresh.status_code, again.status_code) == (401, 302, 401)
    assert not is_signed_in(other)


def test_an_answer_cannot_be_slipped_into_another_sign_in(client, company, ana):
    """Someone has an answer meant for another browser and a question of their own."""
    company.knows("subject-1", email=ANA, email_verified=True)
    code = parse_qs(urlsplit(company.approve(begin(client), "subject-1")).query)["code"][0]
    thief = type(client)()
    state = parse_qs(urlsplit(begin(thief)).query)["state"][0]

    answer = thief.get(reverse("oidc_callback"), {"code": code, "state": state})

    assert answer.status_code == 401
    assert not is_signed_in(thief)


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?code=x&state=x", "?error=x"])
def test_an_answer_no_one_asked_for_is_refused(client, company, query):
    assert client.get(reverse("oidc_callback") + query).status_code == 401


def test_a_provider_that_is_away_costs_a_clear_page(client, settings):
    configure(settings, f"http://127.0.0.1:{free_port()}")

    answer = client.post(reverse("oidc_login"))

    assert answer.status_code == 401
    assert "You were not signed in" in answer.text


def test_a_provider_that_calls_itself_something_else_is_not_used(client, settings, provider):
    configure(settings, provider.url.replace("127.0.0.1", "localhost") + "/x/..")

    assert client.post(reverse("oidc_login")).status_code == 401


def test_no_one_connects_an_account_of_the_provider(client, company, ana):
    client.force_login(ana)
    company.knows("other", email="stranger@else.example", email_verified=True)
    client.post(reverse("oidc_login") + "?process=connect", {"process": "connect"})
    back = company.approve(begin(client, process="connect"), "other")

    answer = come_back(client, back)

    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()
    assert client.get("/accounts/3rdparty/").status_code == 404


def test_another_broken_constraint_is_not_taken_for_an_account(ana, monkeypatch):
    partner = ana.memberships.get().partner
    seat = Seat(Role.INCENTIVES_USER)
    invitations.invite_member(partner, seat, email="nina@partner.example", language="en", actor=ana)

    def break_another(*_args, **_fields):
        raise IntegrityError("UNIQUE constraint failed: partners_user.id")

    monkeypatch.setattr(User.objects, "create_user", break_another, raising=False)
    with pytest.raises(IntegrityError):
        adapter.find_or_make_person("nina@partner.example", name="Nina")
