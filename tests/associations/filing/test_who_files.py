"""Who fills pages in, who submits, and who finds nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from associations.enums import Status
from partners.enums import Role
from tests import cast

from .steps import (
    ACKNOWLEDGED,
    NEW,
    PAGES,
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


def test_who_is_no_member_starts_no_claim(reviewer):
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
