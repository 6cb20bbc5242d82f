"""What can still change once a claim is submitted, and what cannot."""

import pytest
from django.utils import timezone

from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError
from associations.enums import EventKind, Status
from associations.filing import drafts
from associations.proof.documents import find_current
from tests import cast
from tests.associations.proof_files import PDF, make_docx

from .steps import (
    ACKNOWLEDGED,
    PAGES,
    contact_fields,
    customer_fields,
    fresh,
    page_url,
    send,
    text_of,
    upload,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.APPROVED, Status.OFFICIAL])
def test_a_claim_that_is_not_editable_turns_away_and_loses_nothing_typed(
    client, draft, admin, reviewer, status
):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    for page in PAGES:
        assert client.get(page_url(claim, page)).url == claim.get_absolute_url()
    answer = send(client, claim, "work", name="My long words")

    assert answer.status_code == 409
    assert 'value="My long words"' in text_of(answer)
    assert fresh(claim).name == "Rollout"


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.ACTION_REQUIRED])
def test_after_submission_customer_and_work_are_fixed(client, draft, admin, reviewer, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    other = cast.make_tenant("other.example")

    for page in ("customer", "work"):
        assert "can't change this after submission" in text_of(client.get(page_url(claim, page)))
    send(client, claim, "customer", **customer_fields(claim, other))
    send(client, claim, "work", work="business-applications/usage")

    now = fresh(claim)
    assert (now.tenant, now.customer_domain) == (claim.tenant, claim.customer_domain)
    assert (now.solution_area, now.activity, now.revision) == (
        "microsoft-365",
        "usage",
        claim.revision,
    )


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.ACTION_REQUIRED])
def test_after_submission_the_name_is_fixed_too(client, draft, admin, reviewer, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    page = client.get(page_url(claim, "work"))
    answer = send(client, claim, "work", work="microsoft-365/usage", name="New name")

    assert 'name="name"' not in text_of(page)
    assert page.context["form"].fields["name"].disabled
    assert answer.status_code == 409
    assert "The name of a claim can&#x27;t be changed after submission." in text_of(answer)
    assert 'value="New name"' in text_of(answer)  # nothing typed is lost
    assert (fresh(claim).name, fresh(claim).history_length) == ("Rollout", claim.history_length)


def test_the_domain_refuses_another_name_after_submission(draft, admin, reviewer):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    with pytest.raises(LifecycleError, match="name of a claim can't be changed"):
        drafts.save_facts(claim, actor=admin, name="New name", now=timezone.now())

    assert fresh(claim).name == "Rollout"


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.ACTION_REQUIRED])
def test_a_submitted_claim_keeps_its_last_file(client, draft, admin, reviewer, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    only = claim.documents.get()

    page = client.get(page_url(claim, "proof"))
    answer = send(client, claim, "proof", action="", withdraw=str(only.key))

    assert 'name="withdraw"' not in text_of(page)
    assert answer.status_code == 409
    assert "Add a newer one first" in text_of(answer)
    assert claim.documents.get().withdrawn_at is None
    assert (fresh(claim).revision, fresh(claim).history_length) == (
        claim.revision,
        claim.history_length,
    )

    send(client, claim, "proof", action="add", files=[upload("newer.docx", make_docx())])
    send(client, claim, "proof", action="", withdraw=str(only.key))

    assert [each.name for each in find_current(claim)] == ["newer.docx"]


def test_all_versions_of_the_only_file_are_one_file(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    send(client, claim, "proof", action="add", files=[upload("proof.pdf", PDF + b"2")])
    older = claim.documents.get(version=1)

    answer = send(client, claim, "proof", action="", withdraw=str(older.key))

    assert answer.status_code == 409
    assert claim.documents.filter(withdrawn_at=None).count() == 2


def test_edits_after_submission_leave_history(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    send(client, claim, "products", pick_teams="on")
    send(client, claim, "contacts", **contact_fields())
    send(client, claim, "proof", files=[upload("more.docx", make_docx())])

    rows = list(fresh(claim).events.filter(number__gt=claim.history_length))
    assert [(row.kind, row.reason_code, row.actor_name) for row in rows] == [
        (EventKind.EDITED, "products", "Ana Admin"),
        (EventKind.EDITED, "contacts", "Ana Admin"),
        (EventKind.DOCUMENT_ADDED, "", "Ana Admin"),
    ]
    assert find_broken_link(fresh(claim)) is None


def test_a_location_not_enrolled_cannot_be_chosen_after_submission(
    client, draft, admin, partner, reviewer
):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    elsewhere = cast.LocationFactory(partner=partner, name="Elsewhere")

    answer = send(client, claim, "customer", location=elsewhere.pk)

    assert "is not enrolled in OSU-Microsoft 365" in text_of(answer)
    assert fresh(claim).location == claim.location


def test_files_cannot_be_added_under_review(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

    answer = send(client, claim, "proof", files=[upload("late.docx", make_docx())])

    assert answer.status_code == 409
    assert claim.documents.count() == 1


def test_editing_one_part_saves_and_returns_to_the_claim(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    page = text_of(client.get(page_url(claim, "products")))

    answers = {
        "products": send(client, claim, "products", pick_teams="on"),
        "contacts": send(client, claim, "contacts", **contact_fields()),
        "customer": send(client, claim, "customer", location=claim.location_id),
        "proof": send(client, claim, "proof", files=[upload("more.docx", make_docx())]),
    }

    assert "filing-progress" not in page  # no steps: one part, saved
    assert "Save changes" in page
    assert "What the reviewer needs" in page
    assert "Please add the signed letter." in page
    home = claim.get_absolute_url()
    assert {name: answer.url for name, answer in answers.items()} == {
        "products": f"{home}#products",
        "contacts": f"{home}#contacts",
        "customer": f"{home}#facts",
        "proof": f"{home}#proof",
    }


def test_cancelling_drops_what_was_typed_and_changes_nothing(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    send(client, claim, "contacts", action="keep", **contact_fields(customer_name="Half a na"))
    assert fresh(claim).typed["contacts"]["customer_name"] == ["Half a na"]

    answer = send(client, claim, "contacts", action="cancel", **contact_fields(customer_name="X"))

    assert answer.url == f"{claim.get_absolute_url()}#contacts"
    assert fresh(claim).typed == {}
    assert fresh(claim).contacts.get(role="customer").name == "Carla Cliente"
    assert fresh(claim).history_length == claim.history_length


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.ACTION_REQUIRED])
def test_the_last_page_of_filing_leads_to_what_can_be_done_now(
    client, draft, admin, reviewer, status
):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    home = claim.get_absolute_url()

    shown = client.get(page_url(claim, "review"))
    sent = send(client, claim, "review", action="submit", **ACKNOWLEDGED)

    where = home if status == Status.SUBMITTED else f"{home}answer/"
    assert (shown.url, sent.url) == (where, where)
    assert fresh(claim).history_length == claim.history_length


def test_the_answer_page_repeats_what_was_asked_and_keeps_words_on_the_way(
    client, draft, admin, reviewer
):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    address = f"{claim.get_absolute_url()}answer/"
    page = text_of(client.get(address))
    fields = {"revision": claim.revision, "words": "It is in letter.pdf."}

    away = client.post(address, {"action": "go:proof", **fields})
    kept = client.post(address, {"action": "keep", **fields, "words": "It is in letter.pdf, p. 2."})
    again = text_of(client.get(address))
    done = client.post(address, {**fields, "revision": fresh(claim).revision})

    assert "POE missing" in page or "Proof missing" in page
    assert "Please add the signed letter." in page
    assert (away.url, kept.status_code) == (page_url(claim, "proof"), 204)
    assert "It is in letter.pdf, p. 2.</textarea>" in again
    assert done.url == claim.get_absolute_url()
    now = fresh(claim)
    assert (now.status, now.typed) == (Status.UNDER_REVIEW, {})
    assert now.events.filter(reason="It is in letter.pdf.").count() == 1


def test_a_file_added_in_another_tab_makes_no_answer_stale(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    address = f"{claim.get_absolute_url()}answer/"

    send(client, claim, "proof", action="add", files=[upload("more.docx", make_docx())])
    done = client.post(address, {"revision": claim.revision, "words": "It is in more.docx."})

    assert done.url == claim.get_absolute_url()
    assert fresh(claim).status == Status.UNDER_REVIEW


def test_a_file_that_was_removed_does(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    send(client, claim, "proof", action="add", files=[upload("more.docx", make_docx())])
    address = f"{claim.get_absolute_url()}answer/"

    send(client, claim, "proof", action="", withdraw=str(claim.documents.get(name="more.docx").key))
    done = client.post(address, {"revision": claim.revision, "words": "It is in more.docx."})

    assert done.status_code == 409
    assert fresh(claim).status == Status.ACTION_REQUIRED
