"""Second factors: set up, asked for, required of staff before any page of theirs opens [R44]."""

import contextlib
import datetime as dt
import re
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.usersessions.models import UserSession
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from notifications.models import Message
from partners.enums import Role
from partners.sign_in.one_time_codes import make_code
from tests import cast

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough passphrase"
QUEUE = "/admin/associations/claim/"


@pytest.fixture
def reviewer():
    user = cast.make_reviewer(email="rita@operator.example", full_name="Rita")
    return cast.let_sign_in(user, PASSWORD)


@pytest.fixture
def member():
    user = cast.make_member(
        cast.make_partner(key=cast.KEY), email="ana@partner.example", full_name="Ana"
    )
    return cast.let_sign_in(user, PASSWORD)


def sign_in(client, user):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def confirm_password(client):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def set_up_totp(client):
    confirm_password(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": cast.totp_code(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    return secret


def is_signed_in(client):
    return "_auth_user_id" in client.session


# --- staff ---------------------------------------------------------------------------------------


def test_a_session_ends_with_the_factor_it_used_though_another_exists(client, reviewer):
    secret = cast.give_totp(reviewer)
    sign_in(client, reviewer)
    client.post(reverse("mfa_authenticate"), {"code": cast.totp_code(secret)})
    assert client.get(QUEUE).status_code == 200
    Authenticator.objects.create(user=reviewer, type=Authenticator.Type.WEBAUTHN, data={})

    Authenticator.objects.filter(user=reviewer, type=Authenticator.Type.TOTP).delete()

    answer = client.get(QUEUE)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_staff_without_a_factor_are_led_to_where_they_set_one_up(client, reviewer):
    sign_in(client, reviewer)

    answer = client.get(QUEUE)

    assert answer.url == reverse("mfa_index")
    assert "Staff need two-step sign-in" in client.get(answer.url).text


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "address", ["/", "/admin/", QUEUE, "/claims/", f"{cast.HERE}claims/", "/nowhere-at-all/"]
)
def test_nothing_of_theirs_opens_before(client, reviewer, address, method):
    sign_in(client, reviewer)

    answer = getattr(client, method)(address)

    assert answer.status_code in (302, 404)
    assert answer.status_code == 404 or answer.url == reverse("mfa_index")


def test_staff_who_are_members_too_need_it_for_the_partners_pages(client, reviewer):
    cast.make_member(cast.make_partner(key=cast.KEY), Role.INCENTIVES_USER, user=reviewer)
    sign_in(client, reviewer)

    assert client.get(cast.HERE).url == reverse("mfa_index")


@pytest.mark.parametrize(
    "name", ["about-cpor", "theme", "healthz", "mfa_index", "usersessions_list"]
)
def test_what_everybody_sees_and_their_own_account_stay_open(client, reviewer, name):
    sign_in(client, reviewer)

    assert client.get(reverse(name)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_one_up_opens_the_pages_in_the_same_session(client, reviewer):
    sign_in(client, reviewer)

    set_up_totp(client)

    assert client.get(QUEUE).status_code == 200


def test_from_then_on_signing_in_takes_both(client, reviewer):
    secret = cast.give_totp(reviewer)

    answer = sign_in(client, reviewer)
    refused = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    before = is_signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": cast.totp_code(secret)})

    assert answer.url == reverse("mfa_authenticate")
    assert (refused.status_code, before) == (200, False)
    assert client.get(QUEUE).status_code == 200


def test_a_session_begun_before_the_factor_is_asked_for_it(client, reviewer):
    """A stolen session of yesterday does not become staff's because the owner set up an app today."""
    sign_in(client, reviewer)
    secret = cast.give_totp(reviewer)

    answer = client.get(QUEUE)
    shut = client.get(QUEUE).status_code
    client.post(answer.url, {"code": cast.totp_code(secret)})

    assert answer.url == f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2Fassociations%2Fclaim%2F"
    assert shut == 302
    assert client.get(QUEUE).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "name",
    [
        *("mfa_index", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn"),
        *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_list_webauthn"),
        *("mfa_download_recovery_codes", "account_reauthenticate"),
        *("account_change_password", "account_set_password", "usersessions_list"),
    ],
)
def test_the_password_does_not_replace_a_factor_that_is_there(client, reviewer, name, method):
    """A person who has a stolen session and the password neither reads codes nor makes a factor."""
    sign_in(client, reviewer)
    confirm_password(client)  # before there was a factor, which counts for some minutes
    secret = cast.give_totp(reviewer)

    answer = getattr(client, method)(reverse(name), {"password": PASSWORD})

    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.filter(user=reviewer, type="totp").count() == 1
    client.post(reverse("mfa_reauthenticate"), {"code": cast.totp_code(secret)})
    assert client.get(reverse("mfa_index")).status_code == 200


def test_a_session_without_the_factor_keeps_its_owner_not_away(client, reviewer):
    """Neither by another password, nor by ending the owner's sessions."""
    stolen, owner = type(client)(), client
    sign_in(stolen, reviewer)
    secret = cast.give_totp(reviewer)
    sign_in(owner, reviewer)
    owner.post(reverse("mfa_authenticate"), {"code": cast.totp_code(secret)})
    other = {"password1": "another passphrase", "password2": "another passphrase"}

    stolen.post(reverse("usersessions_list"))
    stolen.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **other})

    reviewer.refresh_from_db()
    assert reviewer.check_password(PASSWORD)
    assert owner.get(QUEUE).status_code == 200


def test_without_a_factor_yet_staff_change_their_password(client, reviewer):
    sign_in(client, reviewer)

    assert client.get(reverse("account_change_password")).status_code == 200
    assert client.get(reverse("usersessions_list")).status_code == 200


def test_the_admins_own_form_signs_no_one_in(client, reviewer):
    """It would ask a colleague who knows the password for nothing more."""
    cast.give_totp(reviewer)
    colleague = cast.make_reviewer(email="ravi@operator.example")
    client.force_login(colleague)

    answer = client.post("/admin/login/", {"username": reviewer.email, "password": PASSWORD})

    assert answer.url == "/admin/"
    assert client.session["_auth_user_id"] == str(colleague.pk)


def test_admin_leads_to_the_one_page_for_a_new_password(client, reviewer):
    """Django's own would change it without telling the person by mail."""
    secret = cast.give_totp(reviewer)
    sign_in(client, reviewer)
    client.post(reverse("mfa_authenticate"), {"code": cast.totp_code(secret)})

    for method in (client.get, client.post):
        answer = method(reverse("admin:password_change"))
        assert answer.status_code == 302
        assert answer.headers["Location"] == reverse("account_change_password")


def test_a_form_that_was_not_sent_leads_to_the_start_afterwards(client, reviewer):
    sign_in(client, reviewer)
    cast.give_totp(reviewer)

    assert client.post(QUEUE).url.endswith("?next=%2F")


def test_who_has_a_passkey_only_is_asked_for_it(client, reviewer):
    cast.give_passkey(reviewer)
    client.force_login(reviewer)
    cast.forget_second_factor(client)

    assert client.get(QUEUE).url.startswith(reverse("mfa_reauthenticate_webauthn"))


def test_taking_the_factor_away_shuts_the_door_at_the_next_page(client, reviewer):
    client.force_login(reviewer)
    assert client.get(QUEUE).status_code == 200

    Authenticator.objects.filter(user=reviewer).delete()

    assert client.get(QUEUE).url == reverse("mfa_index")


def test_becoming_staff_takes_effect_at_the_next_page(client, member):
    sign_in(client, member)
    assert client.get(cast.HERE).status_code == 200

    type(member).objects.filter(pk=member.pk).update(is_staff=True)

    assert client.get(cast.HERE).url == reverse("mfa_index")


def test_the_demo_is_exempt(client, reviewer, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    sign_in(client, reviewer)

    assert client.get(QUEUE).status_code == 200


def test_members_choose_for_themselves(client, member):
    sign_in(client, member)

    assert client.get(cast.HERE).status_code == 200


def test_a_page_costs_staff_one_query_more_and_visitors_none(
    client, reviewer, django_assert_num_queries, settings
):
    with django_assert_num_queries(0):
        client.get(reverse("about-cpor"))
    client.force_login(reviewer)
    # Does nothing but by POST, and says so without a page to HEAD.
    address = reverse("associations:claim-comment", args=["ABCDEF"])
    settings.STAFF_NEED_SECOND_FACTOR = False
    with django_assert_num_queries(2):
        client.head(address)
    settings.STAFF_NEED_SECOND_FACTOR = True
    with django_assert_num_queries(3):
        client.head(address)


# --- setting up ----------------------------------------------------------------------------------


def test_the_app_is_set_up_with_a_code_of_it(client, member):
    sign_in(client, member)
    confirm_password(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret

    wrong = client.post(reverse("mfa_activate_totp"), {"code": "12345"})
    right = client.post(reverse("mfa_activate_totp"), {"code": cast.totp_code(secret)})

    assert 'src="data:image/svg+xml;base64,' in page.text
    assert wrong.context["form"].secret == secret
    assert right.status_code == 302
    assert validate_totp_code(secret, cast.totp_code(secret))
    assert sorted(Authenticator.objects.filter(user=member).values_list("type", flat=True)) == [
        "recovery_codes",
        "totp",
    ]


def test_anyone_who_changes_it_proves_who_they_are(client, member):
    sign_in(client, member)

    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        answer = client.get(reverse(name))
        assert answer.url.startswith(reverse("account_reauthenticate"))


@pytest.mark.django_db(transaction=True)
def test_anyone_who_did_not_do_it_learns_of_it(client, member):
    sign_in(client, member)

    set_up_totp(client)
    client.post(reverse("mfa_deactivate_totp"))
    client.post(
        reverse("account_change_password"),
        {
            "oldpassword": PASSWORD,
            "password1": "another passphrase",
            "password2": "another passphrase",
        },
    )

    mails = Message.objects.filter(kind="sign_in_changed").order_by("pk")
    assert [mail.context["what"] for mail in mails] == [
        "An authenticator app was set up.",
        "The authenticator app was removed.",
        "Your password was changed.",
    ]
    assert {mail.to_address for mail in mails} == {member.email}


def test_a_recovery_code_works_once(client, member):
    sign_in(client, member)
    set_up_totp(client)
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    page = client.get(reverse("mfa_view_recovery_codes")).text
    assert len(codes) == 10
    assert all(code in page for code in codes)
    client.post(reverse("account_logout"))

    used = []
    for _each in range(2):
        sign_in(client, member)
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        used.append(is_signed_in(client))
        client.post(reverse("account_logout"))

    assert used == [True, False]


def test_a_code_of_the_app_works_once(client, member):
    secret = cast.give_totp(member)
    code = cast.totp_code(secret)

    outcomes = []
    for _each in range(2):
        browser = type(client)()
        sign_in(browser, member)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        outcomes.append(is_signed_in(browser))

    assert outcomes == [True, False]


def enter(member, code):
    """Sign in with password and code in a browser of its own; did that open the door?"""
    browser = Client()
    sign_in(browser, member)
    browser.post(reverse("mfa_authenticate"), {"code": code})
    return is_signed_in(browser)


@contextlib.contextmanager
def app_at(instant):
    """What time it is for codes of the app."""
    clock = SimpleNamespace(time=instant.timestamp)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("partners.sign_in.one_time_codes.time", clock)
        patch.setattr("allauth.mfa.totp.internal.auth.time", clock)
        yield


#: Begins a step of 30 seconds.
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("later", "opens"), [(-1, False), (0, True), (29, True), (30, True), (59, True), (60, False)]
)
def test_a_code_of_the_step_that_just_ended_is_taken_and_none_of_the_future(member, later, opens):
    secret = cast.give_totp(member)
    code = make_code(secret, int(NOON.timestamp()) // 30)

    with app_at(NOON + dt.timedelta(seconds=later)):
        assert enter(member, code) == opens


@pytest.mark.parametrize("pause", [0, 31, 45])
def test_no_code_is_taken_twice_however_late_or_without_the_cache(member, pause):
    secret = cast.give_totp(member)
    code = make_code(secret, int(NOON.timestamp()) // 30)

    with app_at(NOON):
        first = enter(member, f"{code[:3]} {code[3:]}")
    cache.clear()
    with app_at(NOON + dt.timedelta(seconds=pause)):
        second = enter(member, code)
        repeated = Client()
        repeated.force_login(member)
        repeated.post(reverse("mfa_reauthenticate"), {"code": code})

    assert (first, second) == (True, False)
    assert Authenticator.objects.get(user=member, type="totp").data["last_step"] == int(
        NOON.timestamp() // 30
    )


def test_a_code_older_than_one_that_was_used_is_not_taken(member):
    secret = cast.give_totp(member)
    step = int(NOON.timestamp()) // 30

    with app_at(NOON + dt.timedelta(seconds=30)):
        outcomes = [enter(member, make_code(secret, each)) for each in (step + 1, step)]

    assert outcomes == [True, False]


def test_the_code_that_set_the_app_up_opens_nothing_more(
    client, member, django_capture_on_commit_callbacks
):
    with app_at(NOON):
        sign_in(client, member)
        confirm_password(client)
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        code = make_code(secret, int(NOON.timestamp()) // 30)
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("mfa_activate_totp"), {"code": code})
    cache.clear()

    with app_at(NOON + dt.timedelta(seconds=40)):
        fresh = make_code(secret, int(NOON.timestamp()) // 30 + 1)
        assert (enter(member, code), enter(member, fresh)) == (False, True)


def test_guessing_codes_ends_soon(client, member):
    secret = cast.give_totp(member)
    sign_in(client, member)

    for number in range(6):
        client.post(reverse("mfa_authenticate"), {"code": f"{number:06}"})
    answer = client.post(reverse("mfa_authenticate"), {"code": cast.totp_code(secret)})

    assert answer.status_code == 200
    assert "Too many" in answer.text
    assert not is_signed_in(client)


def test_a_passkey_needs_the_answer_to_our_question(client, member):
    sign_in(client, member)
    confirm_password(client)
    page = client.get(reverse("mfa_add_webauthn"))
    assert re.search(r'data-options="\{&quot;creation_options', page.text)

    for credential in ("", "null", "{}", "[]", '{"id": "x"}', "no json"):
        answer = client.post(reverse("mfa_add_webauthn"), {"name": "K", "credential": credential})
        assert answer.status_code == 200, credential
    assert not Authenticator.objects.filter(user=member).exists()


@pytest.mark.parametrize("credential", ["", "null", "{}", "[]", '{"id": "x"}', "no json"])
def test_a_passkey_sign_in_with_rubbish_opens_nothing(client, member, credential):
    options = client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    assert "challenge" in options.json()["request_options"]["publicKey"]

    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential})

    assert answer.url == reverse("account_login")
    assert not is_signed_in(client)


# --- sessions ------------------------------------------------------------------------------------


def test_one_sees_ones_sessions_and_ends_the_others(client, member):
    other = type(client)(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    for browser in (other, client):
        sign_in(browser, member)
    page = client.get(reverse("usersessions_list"))
    assert page.context["session_count"] == 2
    assert "Firefox, Linux" in page.text

    client.post(reverse("usersessions_list"))

    assert other.get(cast.HERE).url.startswith(reverse("account_login"))
    assert client.get(cast.HERE).status_code == 200


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_session_that_did_not_begin_here_is_in_the_list_too(client, member, method):
    """It began before there was a list, say; then it can be ended from another one as well."""
    other = type(client)()
    sign_in(other, member)
    sign_in(client, member)
    UserSession.objects.all().delete()

    for browser in (other, client):
        assert getattr(browser, method)(reverse("usersessions_list")).status_code == 200
    client.get(reverse("usersessions_list"))

    keys = set(UserSession.objects.values_list("session_key", flat=True))
    assert keys == {client.session.session_key, other.session.session_key}
    client.post(reverse("usersessions_list"))
    assert other.get(cast.HERE).url.startswith(reverse("account_login"))


def test_no_one_ends_someone_elses_sessions(client, member, reviewer):
    other = type(client)()
    sign_in(other, reviewer)
    sign_in(client, member)

    client.post(reverse("usersessions_list"))

    assert is_signed_in(other)
    assert other.get(reverse("mfa_index")).status_code == 200


def test_changing_the_password_signs_out_everywhere_else(client, member):
    other = type(client)()
    for browser in (other, client):
        sign_in(browser, member)

    client.post(
        reverse("account_change_password"),
        {
            "oldpassword": PASSWORD,
            "password1": "another passphrase",
            "password2": "another passphrase",
        },
    )

    assert other.get(cast.HERE).status_code == 302
    assert client.get(cast.HERE).status_code == 200


# --- admin ---------------------------------------------------------------------------------------


def test_superusers_see_no_secret_and_can_let_someone_in_again(client, member):
    secret = cast.give_totp(member)
    client.force_login(cast.UserFactory(is_staff=True, is_superuser=True))
    pk = Authenticator.objects.get(user=member).pk

    listed = client.get("/admin/partners/secondfactor/")
    shown = client.get(f"/admin/partners/secondfactor/{pk}/change/")
    client.post(f"/admin/partners/secondfactor/{pk}/delete/", {"post": "yes"})

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert secret not in listed.text + shown.text
    assert "Authenticator app" in listed.text
    assert member.email in shown.text
    assert not Authenticator.objects.filter(user=member).exists()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/mfa/authenticator/",
        "/admin/partners/secondfactor/add/",
        "/admin/account/emailaddress/",
        "/admin/socialaccount/socialapp/",
        "/admin/socialaccount/socialtoken/",
        "/admin/socialaccount/socialaccount/",
        "/admin/usersessions/usersession/",
    ],
)
def test_pages_that_packages_brought_along_are_gone(client, address):
    client.force_login(cast.UserFactory(is_staff=True, is_superuser=True))

    assert client.get(address).status_code in (403, 404)


def test_no_one_but_superusers_sees_who_has_which_factor(client, reviewer):
    client.force_login(reviewer)

    assert client.get("/admin/partners/secondfactor/").status_code == 403
    assert "secondfactor" not in client.get("/admin/").text


def test_the_way_there_is_said_once(client, reviewer):
    sign_in(client, reviewer)

    answer = client.get(QUEUE)

    assert len(list(get_messages(answer.wsgi_request))) == 1
