"""Every page of sign-in in our look, in both languages, without a line of inline script or style [R44], [R51]."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import get_resolver, reverse

from tests import cast
from tests.architecture.front_doors import THIRD_PARTIES

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough passphrase"
#: Pages whose words are allauth's no more, by name: who looks at it, and the arguments of its address.
PAGES = {
    "account_login": "stranger",
    "account_signup": "stranger",
    "account_inactive": "stranger",
    "account_reset_password": "stranger",
    "account_reset_password_done": "stranger",
    "account_reset_password_from_key_done": "stranger",
    "account_email_verification_sent": "stranger",
    "account_confirm_email": "stranger",
    "account_reset_password_from_key": "stranger",
    "socialaccount_login_cancelled": "stranger",
    "socialaccount_login_error": "stranger",
    "mfa_authenticate": "halfway",
    "account_logout": "member",
    "account_reauthenticate": "member",
    "account_change_password": "member",
    "account_set_password": "without password",
    "mfa_index": "member",
    "mfa_reauthenticate": "member",
    "mfa_reauthenticate_webauthn": "member",
    "mfa_activate_totp": "without factor",
    "mfa_deactivate_totp": "member",
    "mfa_view_recovery_codes": "member",
    "mfa_generate_recovery_codes": "member",
    "mfa_list_webauthn": "member",
    "mfa_add_webauthn": "member",
    "mfa_edit_webauthn": "member",
    "mfa_remove_webauthn": "member",
    "usersessions_list": "member",
}
#: Addresses without a page of their own, and what they do instead.
NO_PAGE = {
    "account_email": "not here: staff change addresses",
    "account_confirm_login_code": "not here: there is no sign-in by code; leads to the sign-in page",
    "mfa_download_recovery_codes": "a text file",
    "mfa_login_webauthn": "takes a form, answers data; leads to the sign-in page",
    "socialaccount_connections": "not here: no one's account is tied to a provider's",
    "socialaccount_signup": "not here: no one signs up",
    "oidc_login": "takes a form; see tests/partners/test_single_sign_on.py",
    "oidc_callback": "takes the provider's answer; as above",
}
ARGUMENTS = {
    "account_confirm_email": {"key": "x"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
}


def all_names(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from all_names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def names_of_packages():
    included = [
        each
        for each in get_resolver().url_patterns
        if getattr(getattr(each, "urlconf_name", None), "__name__", "") in THIRD_PARTIES
    ]
    return set(all_names(included))


@pytest.fixture
def member():
    user = cast.make_member(cast.make_partner(), email="ana@partner.example", full_name="Ana")
    cast.give_totp(user)
    Authenticator.objects.create(
        user=user, type="recovery_codes", data={"seed": "00" * 20, "used_mask": 1}
    )
    return cast.let_sign_in(user, PASSWORD)


@pytest.fixture
def visit(member):
    """Get a page of PAGES as whom it is for, in a language."""

    def get(name, language):
        browser = Client(headers={"Accept-Language": language})
        browser.cookies["django_language"] = language
        arguments = dict(ARGUMENTS.get(name, {}))
        who = PAGES[name]
        if who == "halfway":
            browser.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
        elif who != "stranger":
            browser.force_login(member)
            confirm(browser, member)
        if who == "without factor":
            Authenticator.objects.all().delete()
        if who == "without password":
            member.set_unusable_password()
            member.save()
            browser.force_login(member)
        if name in ("mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn"):
            passkey = cast.give_passkey(member)
            arguments = {} if "reauth" in name else {"pk": passkey.pk}
        return browser.get(reverse(name, kwargs=arguments))

    return get


def confirm(browser, member):
    """As if the person had just proven who they are."""
    cast.prove_second_factor(session := browser.session, member)
    session["account_authentication_methods"][0]["reauthenticated"] = True
    session.save()


def test_every_page_that_packages_bring_is_known():
    assert names_of_packages() == PAGES.keys() | NO_PAGE.keys()


@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_ours(visit, name, language):
    page = visit(name, language)

    assert page.status_code in (200, 401)
    assert "css/cpor.css" in page.text
    assert f'<html lang="{language}"' in page.text
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    # No form within a form, which crispy-forms writes for one without a helper.
    assert not re.search(r"<form(?:(?!</form>).)*<form", page.text, re.DOTALL)
    assert not [each.name for each in page.templates if str(each.origin).count("/allauth/")]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_holds_no_inline_code(visit, name):
    page = visit(name, "en").text

    assert not re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_addresses_without_a_page(client, member):
    client.force_login(member)
    for name in ("account_email", "socialaccount_connections", "socialaccount_signup"):
        assert client.get(reverse(name)).status_code == 404
    assert Client().get(reverse("account_confirm_login_code")).url == reverse("account_login")


def test_recovery_codes_come_as_a_text_file(client, member):
    client.force_login(member)
    confirm(client, member)

    answer = client.get(reverse("mfa_download_recovery_codes"))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert re.fullmatch(r"(\d{8}\n){9}", answer.text.rstrip("\n") + "\n")


def test_the_menu_leads_to_it(client, member):
    client.force_login(member)

    assert f'href="{reverse("mfa_index")}"' in client.get("/", follow=True).text
