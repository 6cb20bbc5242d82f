"""The decision page as a desk: ticks, drafts, previews, files and a rival's files, queries [R16], [R64]."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from associations.enums import Actor, Status
from associations.filing import comments
from associations.models import Claim, Contact, Document, Event
from associations.review import notes
from associations.review.checklist import Fact
from notifications.models import Message
from notifications.words.rendering import render
from partners.staff_groups import SUPPORT
from tests import cast

pytestmark = pytest.mark.django_db

QUERIES_MAX = 16


@pytest.fixture
def claim(draft, admin, reviewer):
    return cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)


@pytest.fixture
def desk(reviewer):
    client = Client()
    client.force_login(reviewer)
    return client


@pytest.fixture
def rival(claim, reviewer):
    """Another partner's claim on Teams for the same customer, with two files."""
    partner = cast.make_partner("Rival Consulting")
    actor = cast.make_member(partner)
    draft = cast.make_draft(partner, actor, claim.tenant, codes=["teams"])
    cast.add_document(draft, actor, "rival newer.pdf")
    return cast.walk(draft, Status.SUBMITTED, actor=actor, reviewer=reviewer)


def url(name, claim):
    return reverse(f"admin:associations_claim_{name}", args=[claim.pk])


def text_of(response):
    return " ".join(response.content.decode().split())


def clear(claim, *cleared):
    """The checklist as a browser sends it, with these products and facts cleared."""
    products = claim.associations.exclude(product__code__in=cleared)
    return {
        "checklist": "1",
        "keep": list(products.values_list("pk", flat=True)),
        "facts": [each.value for each in Fact if each not in cleared],
    }


def find_ticks(page):
    boxes = re.findall(
        r'<input type="checkbox" id="tick-[^"]+" name="(\w+)" value="([^"]+)" ([^>]*)>', page
    )
    return {value: "checked" in rest for _name, value, rest in boxes}


def find_message(response):
    return response.context_data["form"].read_message()


def snapshot(claim):
    fresh = Claim.objects.get(pk=claim.pk)
    return fresh.status, fresh.revision, Event.objects.count(), Message.objects.count()


# --- The checklist -------------------------------------------------------------------------------


def test_everything_is_ticked_to_begin_with(claim, desk):
    ticks = find_ticks(text_of(desk.get(url("change", claim))))

    assert len(ticks) == 2 + len(Fact)
    assert all(ticks.values())


def test_products_come_first(claim, desk):
    page = text_of(desk.get(url("change", claim)))

    assert page.index("<legend>Products") < page.index("tick-customer") < page.index('id="proof"')


def test_a_claim_without_proof_says_so_on_the_checklist(claim, desk):
    Document.objects.filter(claim=claim).update(withdrawn_at=timezone.now())

    answer = desk.get(url("request", claim))

    assert not find_ticks(text_of(answer))["files"]
    assert answer.context_data["form"].read("reasons") == ["poe-missing"]


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.APPROVED, Status.OFFICIAL])
def test_there_is_nothing_to_tick_where_nothing_can_be_decided(claim, desk, status):
    Claim.objects.filter(pk=claim.pk).update(status=status)

    page = text_of(desk.get(url("change", claim)))

    assert find_ticks(page) == {}
    assert 'id="desk-form"' not in page
    assert claim.customer_domain in page


def test_someone_who_only_reads_sees_the_facts_and_no_boxes(claim):
    client = Client()
    client.force_login(cast.make_staff(SUPPORT))

    page = text_of(client.get(url("change", claim)))

    assert find_ticks(page) == {}
    assert "Next in my queue" not in page


def test_ticks_open_the_request_with_reasons_and_a_message(claim, desk):
    before = snapshot(claim)

    answer = desk.get(url("request", claim), clear(claim, "teams", "dates"))

    form = answer.context_data["form"]
    assert form.read("reasons") == ["dates-missing", "product-missing"]
    assert "your work for Teams" in form.read_message()
    assert "older than 12 months" in form.read_message()
    ticks = find_ticks(text_of(answer))
    assert [value for value, is_ticked in ticks.items() if not is_ticked][1:] == ["dates"]
    assert snapshot(claim) == before


def test_ticks_open_the_rejection_with_a_reason(claim, desk):
    answer = desk.get(url("reject", claim), clear(claim, "signature"))

    assert answer.context_data["form"].read("reason") == "acknowledgement-missing"
    assert "signed or acknowledged" in find_message(answer)


def test_ticks_open_the_approval_with_what_is_left_out(claim, desk):
    answer = desk.get(url("approve", claim), clear(claim, "teams", "dates"))

    page = text_of(answer)
    assert "without Teams" in find_message(answer)
    assert "If you approve, the claim is accepted without them" in page
    assert "<li>Dates</li>" in page


def test_ticks_that_mean_nothing_are_left_out(claim, desk):
    sent = {"checklist": "1", "keep": ["x", "-1", "9" * 5000], "facts": ["moon", "dates"]}

    answer = desk.get(url("request", claim), sent)

    assert answer.status_code == 200
    ticks = find_ticks(text_of(answer))
    assert [value for value, is_ticked in ticks.items() if is_ticked] == ["dates"]


@pytest.mark.parametrize("slug", ["request", "reject", "approve"])
def test_ticks_are_kept_when_the_form_is_refused(claim, desk, slug):
    sent = {**clear(claim, "teams", "exchange-online", "dates"), "revision": claim.revision}
    Claim.objects.filter(pk=claim.pk).update(revision=claim.revision + 1)
    stale = {
        "reasons": ["poe-missing"],
        "message": "Please.",
        "reason": "insufficient-poe",
        "words": "No.",
    }
    kept = {**stale, "keep": list(claim.associations.values_list("pk", flat=True)[:1])}

    for more, status in (({}, 400), (kept, 409)):
        answer = desk.post(url(slug, claim), {**sent, **more})
        ticks = find_ticks(text_of(answer))
        assert answer.status_code == status
        assert not ticks["dates"]
        assert ticks["domain"]


# --- Drafting ------------------------------------------------------------------------------------


def step(desk, slug, claim, name, **sent):
    before = snapshot(claim)
    answer = desk.post(url(slug, claim), {"step": name, "revision": claim.revision, **sent})
    assert answer.status_code == 200
    assert snapshot(claim) == before
    return answer


def test_an_unedited_message_follows_the_checklist(claim, desk):
    opened = desk.get(url("request", claim), clear(claim, "dates"))
    drafted = find_message(opened)

    answer = step(
        desk,
        "request",
        claim,
        "follow",
        **clear(claim, "signature"),
        message=drafted.replace("\n", "\r\n"),
        drafted=drafted,
        reasons=["dates-missing"],
    )

    assert answer.context_data["form"].read("reasons") == ["acknowledgement-missing"]
    assert "signed or acknowledged" in find_message(answer)
    assert "12 months" not in find_message(answer)


def test_an_edited_message_is_kept_until_it_is_drafted_again(claim, desk):
    sent = {
        **clear(claim, "signature"),
        "message": "My own words.",
        "drafted": "Please add",
        "reasons": ["dates-missing"],
    }

    followed = step(desk, "request", claim, "follow", **sent)
    drafted = step(desk, "request", claim, "redraft", **sent)

    assert find_message(followed) == "My own words."
    assert followed.context_data["form"].read("reasons") == [
        "dates-missing",
        "acknowledgement-missing",
    ]
    assert find_message(drafted).startswith("Please add or correct")
    assert drafted.context_data["form"].read("reasons") == ["acknowledgement-missing"]


def test_another_decision_takes_over_an_edited_message(claim, desk):
    sent = {**clear(claim, "dates"), "message": "My own words.", "drafted": ""}

    answer = step(desk, "reject", claim, "follow", **sent)

    assert find_message(answer) == "My own words."
    assert answer.context_data["form"].read("reason") == "insufficient-poe"


def test_a_preview_changes_no_choice(claim, desk):
    sent = {**clear(claim, "dates"), "message": "My own words.", "reasons": ["poe-missing"]}

    answer = step(desk, "request", claim, "preview", **sent)

    assert answer.context_data["form"].read("reasons") == ["poe-missing"]
    assert find_message(answer) == "My own words."
    assert "My own words." in text_of(answer).partition('id="preview"')[2]


def test_drafting_after_someone_else_decided_keeps_the_words(claim, desk):
    Claim.objects.filter(pk=claim.pk).update(status=Status.REJECTED)
    sent = {"step": "preview", "revision": claim.revision, "message": "My own words."}

    answer = desk.post(url("request", claim), sent)

    page = text_of(answer)
    assert answer.status_code == 409
    assert "This cannot be done while the claim is" in page
    assert "My own words." in page


def test_the_message_is_drafted_and_previewed_in_the_partners_language(claim, desk):
    Contact.objects.filter(claim=claim, role="partner").update(language="pt-br")

    answer = desk.get(url("request", claim), clear(claim, "dates"))

    page = text_of(answer)
    assert find_message(answer).startswith("Acrescentem ou corrijam o seguinte:")
    assert '<div class="letter" lang="pt-br">' in page
    assert "who reads Brazilian Portuguese" in page
    assert "What is missing" in page


def test_there_is_no_preview_before_a_choice_that_it_depends_on(claim, desk):
    page = text_of(desk.get(url("reject", claim)))

    assert "Make your choice above" in page
    assert 'class="letter"' not in page


#: Decision → where the claim stands, the kind of email, and what is typed.
DECISIONS = {
    "request": (
        Status.UNDER_REVIEW,
        "claim_action_required",
        {"reasons": ["dates-missing"], "message": "When?"},
    ),
    "reject": (
        Status.UNDER_REVIEW,
        "claim_rejected",
        {"reason": "insufficient-poe", "words": "Not signed."},
    ),
    "approve": (Status.UNDER_REVIEW, "claim_approved", {"words": "Without Teams."}),
    "accept": (Status.DISPUTE, "claim_approved", {"decision": "accept", "words": "You are right."}),
    "turn-down": (Status.DISPUTE, "dispute_lost", {"decision": "turn-down", "words": "No."}),
}


@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("decision", DECISIONS)
def test_the_preview_is_the_email_word_for_word(draft, admin, reviewer, desk, decision, language):
    status, kind, typed = DECISIONS[decision]
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    Contact.objects.filter(claim=claim, role="partner").update(language=language)
    slug = "decide" if status == Status.DISPUTE else decision
    sent = {**clear(claim, "teams"), **typed, "revision": claim.revision}

    with cast.at(timezone.now()):
        letter = (
            desk.post(url(slug, claim), {**sent, "step": "preview"}).context_data["preview"].letter
        )
        assert desk.post(url(slug, claim), sent).status_code == 302

    email = render(Message.objects.filter(kind=kind).latest("pk"))
    assert (letter.subject, letter.write()) == (email.subject, email.text)


# --- Files ---------------------------------------------------------------------------------------


def find_tabs(page, pane="proof"):
    section = page.partition(f'id="{pane}"')[2].partition("</section>")[0]
    return re.findall(r'<a href="([^"]+)" data-tab title="([^"]+)" (aria-current="true")?', section)


def test_files_are_tabs_newest_first_with_the_open_one_marked(claim, admin, desk):
    newer = cast.add_document(claim, admin, "newer.pdf")
    older = claim.documents.get(name="proof.pdf")

    first = find_tabs(text_of(desk.get(url("change", claim))))
    second = find_tabs(text_of(desk.get(url("change", claim), {"document": str(older.key)})))

    assert [(name, bool(mark)) for _link, name, mark in first] == [
        ("newer.pdf", True),
        ("proof.pdf", False),
    ]
    assert first[0][0] == f"?document={newer.key}#proof"
    assert [bool(mark) for *_rest, mark in second] == [False, True]


def test_another_file_keeps_the_ticks(claim, desk):
    page = text_of(desk.get(url("request", claim), clear(claim, "dates")))

    link = find_tabs(page)[0][0].replace("&amp;", "&").partition("#")[0]
    again = find_ticks(text_of(desk.get(url("request", claim) + link)))

    assert not again["dates"]
    assert again["domain"]


def test_a_rivals_proof_opens_beside_the_claims(claim, rival, desk):
    closed = text_of(desk.get(url("change", claim)))
    opened = text_of(desk.get(url("change", claim), {"rival": rival.reference}))

    assert f"?rival={rival.reference}#rival" in closed
    assert 'id="rival"' not in closed
    assert [name for _link, name, _mark in find_tabs(opened, "rival")] == [
        "rival newer.pdf",
        "proof.pdf",
    ]
    assert "Proof of Rival Consulting" in opened


def test_one_of_the_rivals_files_can_be_chosen(claim, rival, desk):
    older = rival.documents.get(name="proof.pdf")
    query = {"rival": rival.reference, "rival_document": str(older.key)}

    page = text_of(desk.get(url("change", claim), query)).partition('id="rival"')[2]

    assert f"/files/{older.key}/?inline=1" in page


def test_only_a_rivals_proof_opens_as_such(claim, rival, partner, admin, reviewer, desk):
    other = cast.make_draft(partner, admin, cast.make_tenant("other.example"))
    other = cast.walk(other, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    stranger = {"rival": rival.reference, "rival_document": str(other.documents.get().key)}

    for query in ({"rival": other.reference}, {"rival": "NOTHNG"}, {"rival": claim.reference}):
        assert 'id="rival"' not in text_of(desk.get(url("change", claim), query))
    assert str(stranger["rival_document"]) not in re.sub(
        r"rival_document=[\w-]+|value=\"[\w-]+\"",
        "",
        text_of(desk.get(url("change", claim), stranger)),
    )


@pytest.mark.parametrize("side", ["own", "rival"])
def test_members_of_either_side_get_no_rivals_proof(claim, rival, side):
    person = cast.make_reviewer()
    cast.make_member(claim.partner if side == "own" else rival.partner, user=person)
    client = Client()
    client.force_login(person)

    page = text_of(client.get(url("change", claim), {"rival": rival.reference}))

    assert 'id="rival"' not in page
    assert "rival newer.pdf" not in page


# --- Queries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.DISPUTE])
def test_the_page_costs_few_queries_however_much_it_shows(draft, admin, reviewer, desk, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    def count(query):
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(url("change", claim), query).status_code == 200
        return len(captured)

    count({})
    one = count({})
    for number in range(3):
        partner = cast.make_partner(f"Rival {number}")
        actor = cast.make_member(partner)
        rival = cast.make_draft(partner, actor, claim.tenant, codes=["teams"])
        cast.walk(rival, Status.SUBMITTED, actor=actor, reviewer=reviewer)
        cast.add_document(claim, admin, f"more {number}.pdf")
        text = f"Comment {number}"
        now = timezone.now()
        comments.add_comment(claim, actor=admin, side=Actor.PARTNER, text=text, now=now)
        notes.add_note(claim, actor=reviewer, text=text, now=now)

    assert count({"rival": rival.reference}) == one
    assert one <= QUERIES_MAX
