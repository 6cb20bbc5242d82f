"""Who fills pages in, who submits, and who finds nothing."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.claims.lifecycle import LifecycleError
from associations.enums import Status
from associations.filing import drafts
from associations.proof.documents import find_current, withdraw_document
from partners.enums import Role
from tests import cast
from tests.associations.proof_files import PDF, make_docx

from .steps import (
    ACKNOWLEDGED,
    NEW,
    PAGES,
    contact_fields,
    fresh,
    page_url,
    send,
    text_of,
    upload,
)

pytestmark = pytest.mark.django_db


def test_an_incentives_user_fills_everything_in_but_does_not_submit(draft, partner):
    client = Client()
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER))

    assert send(client, draft, "work", work="microsoft-365/usage", name="Mine").status_code == 302
    page = text_of(client.get(page_url(draft, "review")))
    answer = send(client, draft, "review", action="submit", **ACKNOWLEDGED)

    assert "Submit claim" not in page
    assert "Ana Admin" in page
    assert answer.status_code == 403
    assert "Ana Admin" in text_of(answer)
    assert (fresh(draft).status, fresh(draft).name) == (Status.EDITING, "Mine")


@pytest.fixture
def user_client(partner):
    client = Client()
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, full_name="Ugo User"))
    return client


HANDED_OVER = [Status.SUBMITTED, Status.ACTION_REQUIRED]
FIELDS = {
    "customer": {"location": ""},
    "work": {"work": "microsoft-365/usage", "name": "Mine"},
    "products": {"pick_teams": "on"},
    "contacts": contact_fields(customer_name="Someone Else"),
    "review": {"answer": "Mine."},
}


@pytest.mark.parametrize("status", HANDED_OVER)
@pytest.mark.parametrize("page", FIELDS)
@pytest.mark.parametrize("action", ["leave", "continue"])
def test_an_incentives_user_changes_nothing_that_was_submitted(
    user_client, draft, admin, reviewer, status, page, action
):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    shown = user_client.get(page_url(claim, page))
    sent = send(user_client, claim, page, action=action, **FIELDS[page])

    assert (shown.status_code, sent.status_code) == (403, 403)
    assert "Ana Admin" in text_of(shown)
    now = fresh(claim)
    assert (now.revision, now.name, now.typed) == (claim.revision, "Rollout", {})
    assert now.associations.count() == 2
    assert now.contacts.get(role="customer").name == "Carla Cliente"


@pytest.mark.parametrize("status", HANDED_OVER)
def test_an_incentives_user_adds_proof_and_removes_none(
    user_client, draft, admin, reviewer, status
):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    only = claim.documents.get()
    files = [upload("more.docx", make_docx()), upload("proof.pdf", PDF + b"newer")]

    added = send(user_client, claim, "proof", action="add", files=files)
    removed = send(user_client, claim, "proof", action="", withdraw=str(only.key))

    assert added.url == f"{claim.get_absolute_url()}#proof"
    assert removed.status_code == 403
    assert "Ana Admin" in text_of(removed)
    assert {(each.name, each.version) for each in find_current(claim)} == {
        ("more.docx", 1),
        ("proof.pdf", 2),
    }
    assert not claim.documents.exclude(withdrawn_at=None).exists()


@pytest.mark.parametrize("status", HANDED_OVER)
def test_no_page_leads_an_incentives_user_to_one_that_refuses(
    user_client, draft, admin, reviewer, status
):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    send(user_client, claim, "proof", action="add", files=[upload("more.docx", make_docx())])
    pages = [claim.get_absolute_url(), page_url(claim, "proof")]

    shown = [text_of(user_client.get(page)) for page in pages]

    for text in shown:
        links = set(re.findall(rf"/claims/{claim.reference}/[a-z]+/(?:[a-z]+/)?", text))
        assert links <= {page_url(claim, "proof"), f"{claim.get_absolute_url()}comment/"}
        assert "You can add proof" in text or status == Status.SUBMITTED
    assert 'name="withdraw"' not in shown[1]
    assert 'value="continue"' not in shown[1]
    assert page_url(claim, "proof") in shown[0]
    onward = send(user_client, claim, "proof", action="continue")
    assert onward.url == f"{claim.get_absolute_url()}#proof"


def test_a_claim_submitted_just_now_is_not_changed_by_a_page_already_let_in(draft, admin, partner):
    """The view looked when it was a draft; the role is looked at again under the lock."""
    user = cast.make_member(partner, Role.INCENTIVES_USER)
    cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=None)

    for change in (
        lambda: drafts.keep_typed(draft, actor=user, page="work", values={"name": ["x"]}),
        lambda: drafts.choose_products(draft, [], actor=user, now=timezone.now()),
        lambda: withdraw_document(draft, draft.documents.get().key, actor=user, now=timezone.now()),
    ):
        with pytest.raises(LifecycleError, match="only an Incentives admin"):
            change()

    assert (fresh(draft).typed, draft.associations.count()) == ({}, 2)


def test_an_incentives_user_does_not_answer_a_request(draft, admin, partner, reviewer):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    client = Client()
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER))

    answer = send(client, claim, "review", action="submit", answer="There.")

    assert answer.status_code == 403
    assert fresh(claim).status == Status.ACTION_REQUIRED


@pytest.mark.parametrize("page", PAGES)
def test_outsiders_find_nothing(draft, partner, page):
    elsewhere = cast.LocationFactory(partner=partner)
    codes = {}
    for who, person in {
        "other partner": cast.make_member(cast.make_partner("Rival")),
        "other location": cast.make_member(partner, locations=[elsewhere]),
        "staff": cast.make_reviewer(),
    }.items():
        client = Client()
        client.force_login(person)
        codes[who] = {
            client.get(page_url(draft, page)).status_code,
            send(client, draft, page, action="leave", name="Hacked").status_code,
        }

    assert codes == {"other partner": {404}, "other location": {404}, "staff": {404}}
    assert "login" in Client().get(page_url(draft, page)).url
    assert (fresh(draft).name, fresh(draft).typed) == ("Rollout", {})


def test_unknown_pages_and_claims_are_not_found(client, draft):
    assert client.get(page_url(draft, "nonsense")).status_code == 404
    assert (
        client.get(reverse("associations:claim-page", args=["XXXXXX", "work"])).status_code == 404
    )


def test_who_is_no_member_starts_no_claim(partner, reviewer):
    client = Client()
    client.force_login(reviewer)

    assert client.get(NEW).status_code == 404
    assert client.post(NEW).status_code == 404


def test_without_the_token_nothing_is_saved(draft, admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    answer = send(client, draft, "proof", files=[upload()])

    assert answer.status_code == 403
    assert draft.documents.count() == 1
