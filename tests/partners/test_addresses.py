"""The address says for which partner a page is, and who finds it there [R41], [R42], [R43]."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from associations.enums import Status
from associations.models import Claim, Comment
from partners.enums import Role
from partners.models import Invitation, Membership
from partners.models.partner import KEY_ALPHABET, KEY_LENGTH
from tests import cast
from tests.architecture.front_doors import fetch

pytestmark = pytest.mark.django_db

PAGES = ["", "claims/", "claims/new/", "claims/export.csv", "members/", "members/invite/"]
PAGES += ["members/leave/", "access/", f"claims/new/{uuid.UUID(int=1)}/"]


@pytest.fixture
def aurora():
    return cast.make_partner("Aurora")


@pytest.fixture
def zephyr():
    return cast.make_partner("Zephyr")


@pytest.fixture
def person(aurora, zephyr):
    """An Incentives admin of both."""
    return cast.make_member(zephyr, user=cast.make_member(aurora, full_name="Ana Both"))


@pytest.fixture
def tab(person):
    """A browser that checks the token, as the site does."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    return client


@pytest.fixture
def claim(aurora, person):
    return cast.make_draft(aurora, person, cast.make_tenant(name="Fabrikam"))


def token_of(page):
    return {"csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]}


def below(partner, path=""):
    return partner.get_absolute_url() + path


# --- The key ---------------------------------------------------------------------------------------


def test_each_partner_has_a_key_of_its_own():
    keys = {cast.PartnerFactory().key for _number in range(20)}

    assert len(keys) == 20
    assert all(len(key) == KEY_LENGTH and set(key) <= set(KEY_ALPHABET) for key in keys)


# --- Who finds a partner's pages -------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_a_partner_one_does_not_belong_to_is_not_there(client, aurora, path):
    """Nothing tells its key from one that was never given out."""
    client.force_login(cast.make_member(cast.make_partner("Tailspin")))
    addresses = [f"/p/{key}/{path}" for key in (aurora.key, "zzzzzzzz", aurora.key.upper())]

    looks = [client.get(each) for each in addresses]
    acts = [client.post(each, {"location": aurora.locations.get().pk}) for each in addresses]

    assert {each.status_code for each in looks} == {404}
    assert {each.status_code for each in acts} <= {404, 405}
    texts = [re.sub(r'Token" value="[^"]*"', "", each.text, flags=re.IGNORECASE) for each in looks]
    assert texts[0].replace(aurora.key, "") == texts[1].replace("zzzzzzzz", "")
    assert not Claim.objects.exists()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_asked_to_sign_in_and_led_back(client, aurora, path):
    for key in (aurora.key, "zzzzzzzz"):
        address = f"/p/{key}/{path}"
        assert client.get(address).url == f"{reverse('account_login')}?next={address}"


@pytest.mark.parametrize("path", PAGES)
def test_a_person_removed_finds_nothing_at_the_next_request(client, aurora, zephyr, person, path):
    client.force_login(person)
    assert fetch(client, below(aurora, path)).status_code in (200, 302)

    Membership.objects.filter(user=person, partner=aurora).delete()

    assert client.get(below(aurora, path)).status_code == 404
    assert fetch(client, below(zephyr, path)).status_code in (200, 302)


def test_the_one_lists_and_exports_hold_nothing_of_the_other(client, claim, person, zephyr):
    client.force_login(person)

    for path in ("", "claims/"):
        assert claim.reference not in client.get(below(zephyr, path)).text
    export = client.get(below(zephyr, "claims/export.csv"))
    assert claim.reference.encode() not in b"".join(export.streaming_content)


def test_a_role_at_one_partner_is_no_role_at_the_other(client, aurora, zephyr):
    person = cast.make_member(zephyr, Role.INCENTIVES_USER, user=cast.make_member(aurora))
    client.force_login(person)

    assert client.get(below(aurora, "members/")).status_code == 200
    assert client.get(below(zephyr, "members/")).status_code == 403


# --- What names its own partner --------------------------------------------------------------------


def test_claims_files_and_usage_open_at_whichever_partner_they_are(client, claim, person, aurora):
    official = cast.walk(claim, Status.OFFICIAL, actor=person, reviewer=cast.make_reviewer())
    association = official.associations.first()
    client.force_login(person)
    pages = [official.get_absolute_url(), association.get_usage_url()]
    files = [
        reverse("associations:document", args=[official.documents.get().key]),
        reverse("associations:usage-export", args=[association.reference]),
    ]

    assert [fetch(client, each).status_code for each in [*pages, *files]] == [200] * 4
    for each in pages:
        text = client.get(each).text
        assert f'href="{below(aurora, "members/")}"' in text
        assert f"<small>{aurora}</small>" in text

    Membership.objects.filter(user=person, partner=aurora).delete()
    assert [client.get(each).status_code for each in [*pages, *files]] == [404] * 4


# --- A tab that was left open ----------------------------------------------------------------------


def test_a_tab_acts_for_the_partner_it_was_opened_for(tab, aurora, zephyr):
    """Whatever was opened since in another tab."""
    address = tab.get(below(aurora, "claims/new/")).url
    fields = token_of(tab.get(address))
    assert tab.get(below(zephyr)).status_code == 200

    typed = {"customer_domain": "x.example", "action": "leave"}
    answer = tab.post(address, {**fields, **typed, "location": aurora.locations.get().pk})

    assert answer.status_code == 302
    assert Claim.objects.get().partner == aurora


def test_another_partners_location_is_not_taken(tab, aurora, zephyr):
    address = tab.get(below(aurora, "claims/new/")).url
    fields = token_of(tab.get(address))

    tab.post(address, {**fields, "location": zephyr.locations.get().pk, "action": "leave"})

    assert not Claim.objects.exclude(partner=aurora).exists()


@pytest.mark.parametrize("step", ["work", "review"])
def test_a_page_of_filing_saves_its_own_claim(tab, claim, zephyr, step):
    address = reverse("associations:claim-page", args=[claim.reference, step])
    fields = {**token_of(tab.get(address)), "revision": claim.revision}
    tab.get(below(zephyr))

    sent = tab.post(address, {**fields, "comment": "Wait.", "name": "Other", "action": "leave"})

    assert sent.status_code == 302
    kept = Claim.objects.get(pk=claim.pk)
    assert kept.revision > claim.revision or kept.typed


def test_a_person_removed_with_an_open_tab_does_nothing(tab, claim, aurora, person):
    fields = {**token_of(tab.get(claim.get_absolute_url())), "text": "Still here?"}
    comment = reverse("associations:claim-comment", args=[claim.reference])
    proof = reverse("associations:claim-page", args=[claim.reference, "proof"])
    invite = below(aurora, "members/invite/")
    Membership.objects.filter(user=person, partner=aurora).delete()

    file = SimpleUploadedFile("late.pdf", cast.PDF)
    answers = [
        tab.post(comment, fields),
        tab.post(proof, {**fields, "files": file, "action": "add"}),
        tab.post(invite, {**fields, "email": "nora@guests.example"}),
        tab.post(below(aurora, "members/leave/"), fields),
        tab.post(below(aurora, "claims/new/"), {**fields, "action": "leave"}),
    ]

    assert [each.status_code for each in answers] == [404] * 5
    assert not Comment.objects.exists()
    assert not Invitation.objects.exists()
    assert not claim.documents.filter(name="late.pdf").exists()
    assert Claim.objects.get() == claim


def test_the_token_is_still_asked_for(tab, claim, aurora):
    for page in ("work", "proof"):
        address = reverse("associations:claim-page", args=[claim.reference, page])
        assert tab.post(address, {"action": "leave"}).status_code == 403
    assert tab.post(below(aurora, "claims/new/")).status_code == 403


# --- The start, and the way to another partner -----------------------------------------------------


def test_one_partner_is_where_one_starts(client, aurora):
    client.force_login(cast.make_member(aurora))

    assert client.get("/").url == below(aurora)


def test_several_partners_are_listed_with_what_waits(client, aurora, zephyr, person, claim):
    asked = cast.make_draft(aurora, person, cast.make_tenant("second.example"))
    cast.walk(asked, Status.ACTION_REQUIRED, actor=person, reviewer=cast.make_reviewer())
    client.force_login(person)

    page = client.get("/")

    assert [each["address"] for each in page.context["choices"]] == [below(aurora), below(zephyr)]
    text = " ".join(re.sub(r"<[^>]*>", " ", page.text).split())
    assert "Aurora Incentives admin 1 claim is waiting for you" in text
    assert "Zephyr Incentives admin No claims are waiting for you" in text


def test_the_header_leads_to_the_other_partner(client, aurora, zephyr, person):
    client.force_login(person)

    page = " ".join(client.get(below(zephyr)).text.split())

    assert f'href="{below(zephyr)}" aria-current="true">Zephyr</a>' in page
    assert f'href="{below(aurora)}" >Aurora</a>' in page
    assert page.count("<form") == client.get(below(aurora)).text.count("<form")


@pytest.mark.parametrize(("language", "word"), [("en", "Dashboard"), ("pt-br", "Painel")])
def test_pages_come_in_the_persons_own_language(client, aurora, person, language, word):
    person.language = language
    person.save()
    client.force_login(person)

    assert word in client.get(below(aurora)).text


def test_a_language_chosen_in_this_browser_wins_and_is_kept_for_mails(client, person):
    client.force_login(person)
    client.post(reverse("choose-language"), {"language": "pt-br", "next": "/"})

    person.refresh_from_db()
    assert person.language == "pt-br"
    assert 'lang="pt-br"' in client.get(reverse("home")).text
