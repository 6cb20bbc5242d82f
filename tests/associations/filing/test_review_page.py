"""The last page: check, acknowledge, submit."""

import pytest
from django.utils import timezone

from associations.enums import Status
from associations.filing import drafts
from notifications.models import Message
from tests import cast

from .steps import (
    ACKNOWLEDGED,
    fresh,
    page_url,
    send,
    text_of,
)

pytestmark = pytest.mark.django_db


def test_a_double_click_on_submit_makes_one_claim_and_one_set_of_messages(client, draft):
    fields = {"action": "submit", "revision": draft.revision, "comment": "Once.", **ACKNOWLEDGED}

    answers = [client.post(page_url(draft, "review"), fields) for _click in range(2)]

    assert {answer.url for answer in answers} == {draft.get_absolute_url()}
    claim = fresh(draft)
    assert claim.events.filter(to_status=Status.SUBMITTED).count() == 1
    assert claim.comments.count() == 1
    assert Message.objects.filter(kind="claim_submitted").count() == 1


def test_a_stale_review_is_not_submitted_and_keeps_its_comment(client, draft, admin):
    seen = draft.revision
    drafts.save_facts(draft, actor=admin, name="By a colleague", now=timezone.now())

    answer = send(
        client, draft, "review", action="submit", revision=seen, comment="My words", **ACKNOWLEDGED
    )

    assert answer.status_code == 409
    assert "My words" in text_of(answer)
    assert "This claim changed while you were here" in text_of(answer)
    assert (fresh(draft).status, fresh(draft).comments.count()) == (Status.EDITING, 0)


def test_a_draft_is_discarded_nowhere_here_and_missing_things_stop_it(client, draft):
    draft.documents.all().delete()

    answer = send(client, draft, "review", action="submit", **ACKNOWLEDGED)

    assert "Add at least one file of proof." in text_of(answer)
    assert fresh(draft).status == Status.EDITING


def test_acknowledgements_are_asked_for(client, draft):
    answer = send(client, draft, "review", action="submit", comment="Kept words")

    assert text_of(answer).count("Confirm that") == 6
    assert "Kept words" in text_of(answer)
    assert fresh(draft).status == Status.EDITING


def test_leaving_the_last_page_keeps_its_words_and_does_not_send_them(client, draft):
    send(client, draft, "review", action="leave", comment="Not yet said", is_true="on")

    page = client.get(page_url(draft, "review"))
    assert "Not yet said" in text_of(page)
    assert not draft.comments.exists()


def test_two_own_drafts_of_the_same_cannot_both_be_submitted(
    client, workloads, partner, admin, tenant
):
    send(client, workloads, "products", pick_teams="on")
    mine = cast.make_draft(partner, admin, tenant, codes=["teams"])
    cast.walk(mine, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())

    page = client.get(page_url(workloads, "review")).content.decode()

    assert f"Teams: Your claim {mine.reference} already covers Teams (Usage)." in page
    assert f'href="{mine.get_absolute_url()}"' in page
