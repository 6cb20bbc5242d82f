"""Reloading what only takes a form, and forms that cannot be taken: what was typed is kept."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError
from django.test import Client
from django.urls import reverse

from associations.models import Claim, Comment
from cpor_site.web import dead_ends
from tests import cast

pytestmark = pytest.mark.django_db

REFERRERS = [
    ("https://elsewhere.example/claims/", None),
    ("", None),
]


@pytest.fixture
def ana():
    return cast.make_member(cast.make_partner())


@pytest.fixture
def claim(ana):
    return cast.make_draft(ana.memberships.get().partner, ana, cast.make_tenant())


def comment_address(claim):
    return reverse("associations:claim-comment", args=[claim.reference])


@pytest.mark.parametrize(("referrer", "back"), REFERRERS)
def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client, claim, referrer, back):
    address = comment_address(claim)

    answer = client.post(address, {"text": "Hello"}, headers={"Referer": referrer})

    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert target.path == reverse("account_login")
    assert parse_qs(target.query) == {"next": [back or address]}
    told = [str(each) for each in get_messages(answer.wsgi_request)]
    assert told == [
        "You were signed out before this was sent, so nothing was done. Sign in, then send it again."
    ]
    assert not Comment.objects.exists()


def test_signing_out_says_nothing_of_the_kind(client, ana):
    client.force_login(ana)

    answer = client.post(reverse("account_logout"))

    assert answer.status_code == 302
    assert "before this was sent" not in client.get(answer.headers["Location"]).text


def test_an_address_without_a_page_says_so_and_leads_on(client, ana, claim):
    client.force_login(ana)

    answer = client.get(comment_address(claim))

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "There is no page here" in answer.text
    assert f'href="{reverse("home")}"' in answer.text


def test_programs_get_the_bare_status(client, ana, claim):
    client.force_login(ana)

    answer = client.delete(reverse("home"))

    assert (answer.status_code, answer.content) == (405, b"")


# --- What was typed is kept ----------------------------------------------------------------------

HERE = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def tab(ana):
    browser = Client(enforce_csrf_checks=True, headers=HERE)
    browser.force_login(ana)
    return browser


def read_hidden(page, action):
    forms = re.findall(rf'<form[^>]*action="{re.escape(action)}.*?</form>', page.text, re.DOTALL)
    return {name: html.unescape(value) for name, value in HIDDEN.findall(forms[-1])}


def test_what_was_typed_survives_the_end_of_the_session(tab, ana, claim):
    address = comment_address(claim)
    form = read_hidden(tab.get(claim.get_absolute_url()), address)
    del tab.cookies["sessionid"]

    told = tab.post(address, {**form, "text": "Two lines,\nall <mine>."})
    assert told.status_code == 403
    assert "You were signed out" in told.text
    assert "Two lines,<br>all &lt;mine&gt;.</blockquote>" in told.text
    assert "no-store" in told["Cache-Control"]
    assert not Comment.objects.exists()
    assert f"/accounts/login/?next={'%2F'.join(address.split('/'))}" in told.text

    tab.force_login(ana)  # in another tab
    tab.cookies["csrftoken"] = "x" * 32  # signing in makes another one
    refused = tab.post(address, read_hidden(told, address))
    assert refused.status_code == 403
    assert "Please send it again" in refused.text
    sent = tab.post(address, read_hidden(refused, address))

    assert sent.status_code == 302
    assert Comment.objects.get().text == "Two lines,\nall <mine>."


def test_what_another_site_filled_in_is_not_offered_to_be_sent(tab, claim):
    address = comment_address(claim)
    elsewhere = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "", "Referer": "https://evil.example/"},
        {"Origin": "", "Referer": ""},
    ]
    for headers in elsewhere:
        answer = tab.post(address, {"text": "I withdraw"}, headers=headers)
        assert answer.status_code == 403
        assert "I withdraw" not in answer.text
        tab.logout()
        assert "I withdraw" not in tab.post(address, {"text": "I withdraw"}, headers=headers).text


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("account_login", {"login": "a@b.example", "password": "s3cret-value"}),
        ("account_change_password", {"oldpassword": "s3cret-value", "password1": "s3cret-value"}),
        ("mfa_reauthenticate", {"code": "s3cret-value"}),
        ("mfa_login_webauthn", {"credential": "s3cret-value"}),
    ],
)
def test_no_password_code_or_credential_is_said_back(tab, name, form):
    for signed_in in (True, False):
        if not signed_in:
            tab.logout()
        answer = tab.post(reverse(name), form)
        assert answer.status_code in (403, 302)
        assert "s3cret-value" not in answer.text


@pytest.mark.parametrize(
    "name",
    [
        *("password", "password1", "oldpassword", "new-password", "passphrase", "PassWord"),
        *("code", "otp", "recovery_code", "credential", "client_secret", "access_token"),
    ],
)
def test_nothing_that_opens_an_account_is_said_back_from_any_form(tab, claim, name):
    told = send_signed_out(tab, claim, {name: "correct horse", "text": "Is page 2 enough?"})

    assert "correct horse" not in told.text
    assert read_hidden(told, comment_address(claim))["text"] == "Is page 2 enough?"


def test_what_forms_of_partners_ask_for_is_said_back(tab, claim):
    """Names that only look like a secret's are kept: no one types a claim twice."""
    names = ["country", "encoded", "partner_id", "products", "name", "email", "locations"]

    told = send_signed_out(tab, claim, dict.fromkeys(names, "typed"))

    hidden = read_hidden(told, comment_address(claim))
    assert {name for name, value in hidden.items() if value == "typed"} == set(names)


def send_signed_out(tab, claim, typed):
    """Send the form of a comment with ``typed`` once the session is over."""
    form = read_hidden(tab.get(claim.get_absolute_url()), comment_address(claim))
    del tab.cookies["sessionid"]
    return tab.post(comment_address(claim), {**form, **typed})


def test_files_are_left_out_and_named_as_such(tab, claim):
    address = reverse("associations:claim-page", args=[claim.reference, "proof"])
    file = SimpleUploadedFile("proof.pdf", b"%PDF-1.7 " + b"x" * 3_000_000)
    tab.logout()

    told = tab.post(address, {"note": "Read page 2", "files": file})

    assert told.status_code == 403
    assert "The files you chose could not be kept." in told.text
    assert read_hidden(told, address)["note"] == "Read page 2"


def test_what_a_limit_stops_is_kept_with_when_to_try_again(db):
    browser = Client(enforce_csrf_checks=True, headers=HERE)
    address = reverse("account_reset_password")
    form = {"email": "ana@partner.example"}
    browser.get(address)
    token = browser.cookies["csrftoken"].value
    for _each in range(4):
        stopped = browser.post(address, {**form, "csrfmiddlewaretoken": token})

    assert stopped.status_code == 429
    assert "Try again in 5 minutes." in stopped.text
    assert read_hidden(stopped, address)["email"] == form["email"]


def test_a_customer_who_is_told_to_wait_keeps_their_reason(db):
    browser = Client()
    address = "/opt-out/never-given-out-to-anybody/"
    with cast.at(cast.MONDAY):  # all in one minute, by which they are counted
        for _each in range(31):
            stopped = browser.post(address, {"action": "refuse", "reason": "Not our partner."})

    assert stopped.status_code == 429
    assert read_hidden(stopped, address) == {"action": "refuse", "reason": "Not our partner."}
    assert "csrftoken" not in browser.cookies


# --- What a colleague removed just now -----------------------------------------------------------


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize(
    "page",
    [
        *(
            "edit/customer",
            "edit/work",
            "edit/products",
            "edit/contacts",
            "edit/proof",
            "edit/review",
        ),
        *("comment", "discard", "customer-request"),
    ],
)
def test_a_draft_that_a_colleague_discards_at_that_moment_is_gone(
    client, ana, claim, monkeypatch, page, verb
):
    discard_once_found(monkeypatch, claim)
    client.force_login(ana)
    file = SimpleUploadedFile("proof.pdf", b"%PDF-1.7")
    form = {"text": "Words of mine", "name": "Words of mine", "files": file, "action": "save"}

    answer = getattr(client, verb)(
        f"/claims/{claim.reference}/{page}/", form if verb == "post" else {}
    )

    assert answer.status_code < 500
    if answer.status_code == 405:
        return
    if answer.status_code == 404:
        assert "It is no longer there" in answer.text
        assert ("Words of mine" in answer.text) == (verb == "post")
    assert not Claim.objects.exists()


@pytest.mark.parametrize("action", ["continue", "leave", "keep"])
def test_a_right_page_of_a_discarded_draft_keeps_what_was_typed(
    client, ana, claim, monkeypatch, action
):
    client.force_login(ana)
    form = {"action": action, "revision": claim.revision, "name": "Words of mine"}
    form |= {"work": "microsoft-365/usage"}
    discard_once_found(monkeypatch, claim)

    answer = client.post(f"/claims/{claim.reference}/edit/work/", form)

    assert answer.status_code == 404
    assert "It is no longer there" in answer.text
    assert "Words of mine" in answer.text


def discard_once_found(monkeypatch, claim):
    """Between finding the claim and doing something with it, a colleague discards it."""
    find = Claim.objects.none().__class__.first

    def find_and_lose(rows):
        found = find(rows)
        if isinstance(found, Claim):
            Claim.objects.filter(pk=found.pk).delete()
        return found

    monkeypatch.setattr(Claim.objects.none().__class__, "first", find_and_lose)


@pytest.mark.parametrize("error", [DataError("value too long"), OverflowError("too large")])
def test_values_that_no_column_holds_are_a_bad_request(client, ana, claim, monkeypatch, error):
    def fail(*_args, **_others):
        raise error

    monkeypatch.setattr("associations.views.filing.actions.add_comment", fail)
    client.force_login(ana)

    answer = client.post(comment_address(claim), {"text": "Words of mine"})

    assert answer.status_code == 400
    assert "Words of mine" in answer.text


def test_a_fault_of_ours_stays_one(client, ana, claim, monkeypatch):
    middleware = dead_ends.DeadEndMiddleware(lambda _request: None)

    assert middleware.process_exception(None, ValueError()) is None
