"""A form acts for the partner it was opened for, or not at all [R41], [R42]."""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from associations.enums import Status
from associations.models import Claim, Comment
from partners.current import FORM_FIELD, SWITCH_FIELD
from partners.models import Membership
from tests import cast
from tests.architecture.front_doors import fetch

pytestmark = pytest.mark.django_db

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def aurora():
    return cast.make_partner("Aurora")


@pytest.fixture
def zephyr():
    return cast.make_partner("Zephyr")


@pytest.fixture
def person(aurora, zephyr):
    """Somebody at both; Aurora is what they start with."""
    user = cast.make_member(aurora, full_name="Ana Both")
    return cast.make_member(zephyr, user=user)


@pytest.fixture
def tab(person):
    """Checks the token, as the site does."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    return client


@pytest.fixture
def claim(aurora, person):
    return cast.make_draft(aurora, person, cast.make_tenant(name="Fabrikam"))


def read_hidden(page, action):
    """The hidden fields of the page's last form with this action, as a browser would send them."""
    forms = re.findall(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.text, re.DOTALL)
    return {name: html.unescape(value) for name, value in HIDDEN.findall(forms[-1])}


def work_for(client, partner):
    """Switch in another tab."""
    page = client.get(reverse("home"))
    fields = read_hidden(page, reverse("partners:switch"))
    answer = client.post(reverse("partners:switch"), {**fields, "partner": partner.pk})
    assert answer.status_code == 302


def open_form(client, address, action=None):
    page = client.get(address)
    assert page.status_code == 200
    return read_hidden(page, action or address)


def current(client):
    return client.get(reverse("home")).wsgi_request.membership.partner.name


# --- A tab that was left open --------------------------------------------------------------------


def test_a_comment_from_a_stale_tab_is_not_made_until_one_switches_back(tab, claim, aurora, zephyr):
    address = reverse("associations:claim-comment", args=[claim.reference])
    page = tab.get(claim.get_absolute_url())
    fields = read_hidden(page, f"{address}#comments")
    assert fields[FORM_FIELD] == str(aurora.pk)
    work_for(tab, zephyr)

    refused = tab.post(address, {**fields, "text": "Is page 2 <enough>?"})

    assert refused.status_code == 409
    assert "This is for Aurora" in refused.text
    assert "You work for Zephyr now." in refused.text
    assert "Nothing was done." in refused.text
    assert "no-store" in refused["Cache-Control"]
    assert not Comment.objects.exists()
    assert current(tab) == "Zephyr"

    sent = tab.post(address, read_hidden(refused, address))

    assert sent.status_code == 302
    assert Comment.objects.get().text == "Is page 2 <enough>?"
    assert current(tab) == "Aurora"


def test_a_new_claim_from_a_stale_tab_is_made_for_the_partner_it_was_opened_for(
    tab, aurora, zephyr
):
    address = tab.get(reverse("associations:claim-new")).url
    fields = open_form(tab, address)
    work_for(tab, zephyr)
    typed = {
        "location": aurora.locations.get().pk,
        "action": "leave",
        "customer_domain": "x.example",
    }

    refused = tab.post(address, {**fields, **typed})
    assert refused.status_code == 409
    assert not Claim.objects.exists()

    again = read_hidden(refused, address)
    assert tab.post(address, again).status_code == 302
    assert tab.post(address, again).status_code == 302  # a second click
    made = Claim.objects.get()
    assert made.partner == aurora
    assert made.typed["customer"]["customer_domain"] == ["x.example"]


@pytest.mark.parametrize("step", ["work", "review"])
def test_a_page_of_filing_from_a_stale_tab_changes_nothing(tab, claim, zephyr, step):
    address = reverse("associations:claim-page", args=[claim.reference, step])
    fields = open_form(tab, address)
    work_for(tab, zephyr)

    refused = tab.post(address, {**fields, "name": "Other", "action": "leave"})

    assert refused.status_code == 409
    assert Claim.objects.get(pk=claim.pk).revision == claim.revision
    assert Claim.objects.get(pk=claim.pk).typed == {}
    assert dict(read_hidden(refused, address))["action"] == "leave"


def test_submitting_from_a_stale_tab_waits_for_the_switch(tab, claim, zephyr, person):
    address = reverse("associations:claim-page", args=[claim.reference, "review"])
    page = tab.get(address)
    ticks = dict.fromkeys(re.findall(r'type="checkbox" name="([^"]+)"', page.text), "on")
    fields = {**read_hidden(page, address), **ticks, "action": "submit", "comment": "Done."}
    work_for(tab, zephyr)

    refused = tab.post(address, fields)
    assert Claim.objects.get(pk=claim.pk).status == Status.EDITING

    tab.post(address, read_hidden(refused, address))
    assert Claim.objects.get(pk=claim.pk).status == Status.SUBMITTED


def test_files_from_a_stale_tab_are_not_kept_and_the_page_says_so(tab, claim, aurora, zephyr):
    address = reverse("associations:claim-page", args=[claim.reference, "proof"])
    fields = open_form(tab, address)
    work_for(tab, zephyr)
    files = {"files": SimpleUploadedFile("late.pdf", cast.PDF), "action": "add"}

    refused = tab.post(address, {**fields, **files})

    assert refused.status_code == 409
    assert "could not be kept" in refused.text
    assert not claim.documents.filter(name="late.pdf").exists()
    way = read_hidden(refused, reverse("partners:switch"))
    assert (way["partner"], way["next"]) == (str(aurora.pk), address)
    assert tab.post(reverse("partners:switch"), way).url == address


# --- Forms that were made up ---------------------------------------------------------------------


def test_the_token_is_still_asked_for(tab, claim, aurora, zephyr):
    for page in ("work", "proof"):
        address = reverse("associations:claim-page", args=[claim.reference, page])
        assert tab.post(address, {FORM_FIELD: zephyr.pk}).status_code == 403
    switching = {FORM_FIELD: zephyr.pk, SWITCH_FIELD: zephyr.pk}
    assert tab.post(reverse("associations:claim-new"), switching).status_code == 403
    assert current(tab) == "Aurora"


def test_somebody_at_two_partners_must_say_for_which(client, person, claim, aurora):
    client.force_login(person)
    address = reverse("associations:claim-comment", args=[claim.reference])

    refused = client.post(address, {"text": "Whose?"})

    assert refused.status_code == 409
    assert "For which partner?" in refused.text
    assert not Comment.objects.exists()
    fields = read_hidden(refused, address)
    assert client.post(address, fields).status_code == 302
    assert Comment.objects.get().text == "Whose?"


@pytest.mark.parametrize("known", [True, False], ids=["another's", "nobody's"])
def test_a_form_for_a_partner_that_is_not_ones_own_does_nothing(client, person, claim, known):
    stranger = cast.make_partner("Tailspin").pk if known else 987_654_321
    client.force_login(person)
    address = reverse("associations:claim-comment", args=[claim.reference])

    refused = client.post(
        address, {"text": "x", FORM_FIELD: str(stranger), SWITCH_FIELD: str(stranger)}
    )

    assert refused.status_code == 404
    assert "Nothing was done" in refused.text
    assert "Tailspin" not in refused.text
    assert not Comment.objects.exists()


def test_somebody_removed_with_an_open_tab_is_told_and_nothing_is_done(tab, claim, aurora, person):
    address = reverse("associations:claim-comment", args=[claim.reference])
    page = tab.get(claim.get_absolute_url())
    fields = read_hidden(page, f"{address}#comments")
    Membership.objects.filter(user=person, partner=aurora).delete()

    refused = tab.post(address, {**fields, "text": "Still here?"})

    assert refused.status_code == 404
    assert "you do not work for, or not any more" in refused.text
    assert not Comment.objects.exists()
    assert Claim.objects.filter(pk=claim.pk, status=Status.EDITING).exists()


def test_one_partner_needs_no_field(client, aurora):
    client.force_login(cast.make_member(aurora))

    answer = client.post(reverse("associations:claim-new"), {"action": "leave"})

    assert answer.status_code == 302
    assert Claim.objects.get().partner == aurora


def test_language_and_sign_out_ask_for_no_partner(client, person, zephyr):
    client.force_login(person)
    stale = {FORM_FIELD: zephyr.pk}

    assert client.post(reverse("choose-language"), {"language": "pt-br"}).status_code == 302
    assert client.post(reverse("partners:switch"), {"partner": zephyr.pk}).status_code == 302
    assert client.post(reverse("account_logout"), stale).status_code == 302


# --- What every address shows --------------------------------------------------------------------


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:go()"])
def test_switching_leads_to_our_own_pages_only(client, person, zephyr, target):
    client.force_login(person)

    answer = client.post(reverse("partners:switch"), {"partner": zephyr.pk, "next": target})

    assert answer.url == reverse("home")


def test_files_and_usage_follow_the_chosen_partner(client, claim, person, aurora, zephyr):
    official = cast.walk(claim, Status.OFFICIAL, actor=person, reviewer=cast.make_reviewer())
    association = official.associations.first()
    client.force_login(person)
    addresses = [
        reverse("associations:document", args=[official.documents.get().key]),
        association.get_usage_url(),
        reverse("associations:usage-export", args=[association.reference]),
        official.get_absolute_url(),
    ]
    assert [fetch(client, each).status_code for each in addresses] == [200] * 4

    client.post(reverse("partners:switch"), {"partner": zephyr.pk})
    answers = [client.get(each) for each in addresses]

    assert [each.status_code for each in answers] == [409] * 4
    for answer in answers:
        assert "Work for Aurora and open it" in answer.text
        assert "Fabrikam" not in answer.text
        assert official.reference not in re.sub(r'(value|href)="[^"]*"', "", answer.text)
    assert official.reference not in client.get(reverse("associations:claims")).text


def test_the_one_lists_and_exports_hold_nothing_of_the_other(client, claim, person, zephyr):
    client.force_login(person)
    client.post(reverse("partners:switch"), {"partner": zephyr.pk})

    for name in ("home", "associations:claims"):
        assert claim.reference not in client.get(reverse(name)).text
    export = client.get(reverse("associations:claims-export"))
    assert claim.reference.encode() not in b"".join(export.streaming_content)


@pytest.mark.parametrize(
    "name",
    [
        *("password", "password1", "oldpassword", "new-password", "passphrase", "PassWord"),
        *("code", "otp", "recovery_code", "credential", "client_secret", "access_token"),
    ],
)
def test_nothing_that_opens_an_account_is_said_back(tab, claim, zephyr, name):
    address = reverse("associations:claim-comment", args=[claim.reference])
    fields = read_hidden(tab.get(claim.get_absolute_url()), f"{address}#comments")
    work_for(tab, zephyr)

    refused = tab.post(address, {**fields, name: "correct horse", "text": "Is page 2 enough?"})

    assert refused.status_code == 409
    assert "correct horse" not in refused.text
    assert read_hidden(refused, address)["text"] == "Is page 2 enough?"


def test_what_forms_of_partners_ask_for_is_said_back(tab, claim, zephyr):
    """Names that only look like a secret's are kept: nobody types a claim twice."""
    names = ["country", "encoded", "partner_id", "products", "name", "email", "locations"]
    address = reverse("associations:claim-comment", args=[claim.reference])
    fields = read_hidden(tab.get(claim.get_absolute_url()), f"{address}#comments")
    work_for(tab, zephyr)

    refused = tab.post(address, {**fields, **dict.fromkeys(names, "typed")})

    assert {
        name for name, value in read_hidden(refused, address).items() if value == "typed"
    } == set(names)
