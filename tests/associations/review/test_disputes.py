"""Disputing a rejection: with words, with newer proof, with both; in time, once, by who may [R2], [R11]."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError
from associations.enums import EventKind, RejectionReason, Status
from associations.models import Claim, Event
from associations.proof.documents import BYTES_MAX, FILES_MAX, find_current
from associations.review import decisions, disputes
from notifications.models import Message
from partners.enums import Role
from tests import cast
from tests.associations.proof_files import PDF, make_docx

pytestmark = pytest.mark.django_db

WORDS = "It is signed on page 2."
NEITHER = "Say why the rejection is wrong, or add proof that is newer than the rejection."


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rejected(draft, admin, reviewer):
    return cast.walk(draft, Status.REJECTED, actor=admin, reviewer=reviewer)


@pytest.fixture
def signed_in(client, admin):
    client.force_login(admin)
    return client


def upload(name="newer.docx", content=None):
    return SimpleUploadedFile(name, make_docx() if content is None else content)


def address(claim):
    return f"/claims/{claim.reference}/dispute/"


def send(client, claim, *, words="", files=(), **data):
    revision = Claim.objects.get(pk=claim.pk).revision
    body = {"revision": revision, "words": words, "files": list(files)} | data
    return client.post(address(claim), body)


def fresh(claim):
    return Claim.objects.get(pk=claim.pk)


def names(claim):
    return sorted(each.name for each in find_current(claim))


def moves(claim):
    return Event.objects.filter(claim=claim, kind=EventKind.MOVED)


# --- What is enough ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "files", "kept"),
    [
        (WORDS, 0, ["proof.pdf"]),
        ("", 1, ["newer.docx", "proof.pdf"]),
        (WORDS, 1, ["newer.docx", "proof.pdf"]),
    ],
    ids=["words", "files", "both"],
)
def test_words_or_newer_proof_or_both_dispute(signed_in, rejected, words, files, kept):
    answer = send(signed_in, rejected, words=words, files=[upload()] * files)

    claim = fresh(rejected)
    assert answer.url == claim.get_absolute_url()
    assert (claim.status, claim.disputed_at is not None) == (Status.DISPUTE, True)
    assert names(claim) == kept
    last = claim.events.last()
    assert (last.reason, last.subject_names) == (words, ["newer.docx"] * files)
    assert find_broken_link(claim) is None
    mail = Message.objects.get(kind="claim_disputed")
    assert (mail.context["justification"], mail.context["newer_proof"]) == (
        words,
        "newer.docx" if files else "",
    )


def test_a_newer_version_of_the_same_file_is_newer_proof(signed_in, rejected):
    send(signed_in, rejected, files=[upload("proof.pdf", PDF + b"signed")])

    claim = fresh(rejected)
    assert claim.status == Status.DISPUTE
    assert [(each.name, each.version) for each in find_current(claim)] == [("proof.pdf", 2)]
    assert claim.documents.filter(version=1, withdrawn_at=None).exists()
    assert claim.events.last().subject_names == ["proof.pdf (v2)"]


@pytest.mark.parametrize("files", [[], ["copy.pdf"]], ids=["nothing", "what is there already"])
def test_neither_is_refused_in_words(signed_in, rejected, files):
    sent = [upload(each, cast.PDF) for each in files]

    answer = send(signed_in, rejected, words="  ", files=sent)

    assert answer.status_code == 400
    assert NEITHER in answer.text
    assert (fresh(rejected).status, names(rejected)) == (Status.REJECTED, ["proof.pdf"])
    assert not moves(rejected).filter(to_status=Status.DISPUTE).exists()


def test_the_domain_refuses_neither_too(rejected, admin):
    with pytest.raises(LifecycleError, match="Say why"):
        disputes.dispute_claim(rejected, actor=admin, justification="", now=timezone.now())

    assert fresh(rejected).disputed_at is None


# --- Nothing is lost -----------------------------------------------------------------------------


def test_a_bad_file_holds_the_dispute_back_and_nothing_is_lost(signed_in, rejected):
    sent = [upload(), upload("fake.pdf", b"MZ a program")]

    answer = send(signed_in, rejected, words=WORDS, files=sent)

    claim = fresh(rejected)
    assert answer.status_code == 400
    assert "fake.pdf: This file&#x27;s name says PDF" in answer.text
    assert WORDS in answer.text
    assert answer.text.count("Added after the rejection") == 1
    assert f'name="revision" value="{claim.revision}"' in answer.text
    assert (claim.status, names(claim)) == (Status.REJECTED, ["newer.docx", "proof.pdf"])

    again = send(signed_in, rejected)  # neither words nor files now: what was kept is enough
    assert again.status_code == 302
    assert fresh(rejected).events.last().subject_names == ["newer.docx"]


def test_the_page_shows_again_what_an_error_kept(signed_in, rejected):
    send(signed_in, rejected, files=[upload(), upload("fake.pdf", b"MZ")])

    page = signed_in.get(address(rejected))

    assert [each.name for each in page.context["newer"]] == ["newer.docx"]
    assert 'enctype="multipart/form-data"' in page.text


def test_a_file_too_large_is_stopped_while_it_arrives(signed_in, rejected):
    answer = send(
        signed_in, rejected, words=WORDS, files=[upload("huge.pdf", PDF + bytes(BYTES_MAX))]
    )

    assert answer.status_code == 400
    assert "huge.pdf: This file is larger than 25 MB." in answer.text
    assert fresh(rejected).status == Status.REJECTED


def test_a_full_claim_says_how_a_file_still_gets_in(signed_in, rejected, admin):
    for number in range(FILES_MAX - 1):
        cast.add_document(rejected, admin, f"{number}.pdf", PDF + b"%d" % number)

    answer = send(signed_in, rejected, words=WORDS, files=[upload()])

    assert (
        "Combine several into one PDF, or upload the newer file under the name of an existing one"
        in answer.text
    )
    assert send(signed_in, rejected, files=[upload("0.pdf", PDF + b"new")]).status_code == 302


def test_an_old_page_disputes_nothing_and_keeps_words_and_files(signed_in, rejected):
    answer = send(
        signed_in, rejected, words=WORDS, files=[upload()], revision=rejected.revision - 1
    )

    claim = fresh(rejected)
    assert answer.status_code == 409
    assert "The dispute was not sent" in answer.text
    assert "This claim was changed after you opened the page" in answer.text
    assert WORDS in answer.text
    assert f'name="revision" value="{claim.revision}"' in answer.text
    assert (claim.status, names(claim)) == (Status.REJECTED, ["newer.docx", "proof.pdf"])


def test_a_second_click_with_a_file_does_nothing_more(signed_in, rejected):
    revision = rejected.revision

    answers = [
        send(signed_in, rejected, words=WORDS, files=[upload()], revision=revision)
        for _click in range(2)
    ]

    assert {answer.url for answer in answers} == {rejected.get_absolute_url()}
    assert moves(rejected).filter(to_status=Status.DISPUTE).count() == 1
    assert rejected.documents.count() == 2


# --- Who, and until when -------------------------------------------------------------------------


def test_too_late_takes_nothing_and_keeps_the_words(signed_in, rejected, admin):
    with cast.at(rejected.due_at):
        signed_in.force_login(admin)  # the first session has run out by then
        page = signed_in.get(address(rejected), follow=True)
        answer = send(signed_in, rejected, words=WORDS, files=[upload()])

    assert page.redirect_chain == [(rejected.get_absolute_url(), 302)]
    assert "The time to dispute is over." in page.text
    assert answer.status_code == 409
    assert "The time to dispute is over" in answer.text
    assert "Nothing was changed" in answer.text
    assert WORDS in answer.text
    assert "Send dispute" not in answer.text
    assert (fresh(rejected).status, names(rejected)) == (Status.REJECTED, ["proof.pdf"])


@pytest.mark.parametrize(
    "words", ["", "x" * 100_000], ids=["nothing was written", "too much was written"]
)
def test_too_late_is_said_before_anything_that_is_wrong_with_the_form(
    signed_in, rejected, admin, words
):
    with cast.at(rejected.due_at):
        signed_in.force_login(admin)  # the first session has run out by then
        answer = send(signed_in, rejected, words=words)

    assert answer.status_code == 409
    assert "The time to dispute is over" in answer.text
    assert "Send dispute" not in answer.text


def test_what_was_claimed_again_can_neither_be_disputed_nor_take_files(
    signed_in, rejected, partner, admin, reviewer
):
    second = cast.make_draft(partner, admin, rejected.tenant)
    cast.walk(second, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    page = signed_in.get(address(rejected), follow=True)
    answer = send(signed_in, rejected, words=WORDS, files=[upload()])

    assert page.redirect_chain == [(rejected.get_absolute_url(), 302)]
    for each in (page, answer):
        assert "another claim of your company already covers" in each.text
    assert answer.status_code == 409
    assert WORDS in answer.text
    assert "Send dispute" not in answer.text
    assert (fresh(rejected).status, names(rejected)) == (Status.REJECTED, ["proof.pdf"])


def test_who_may_not_dispute_adds_no_file(rejected, partner):
    elsewhere = cast.LocationFactory(partner=partner)
    answers = {}
    for who, person in {
        "user": cast.make_member(partner, Role.INCENTIVES_USER),
        "other location": cast.make_member(partner, locations=[elsewhere]),
        "rival": cast.make_member(cast.make_partner("Rival")),
        "staff": cast.make_reviewer(),
    }.items():
        client = Client()
        client.force_login(person)
        page = client.get(address(rejected))
        sent = send(client, rejected, words=WORDS, files=[upload()])
        answers[who] = (page.status_code, sent.status_code)
        if who == "user":
            assert "Ana Admin" in sent.text

    assert answers == {
        "user": (403, 403),
        "other location": (404, 404),
        "rival": (404, 404),
        "staff": (404, 404),
    }
    assert (fresh(rejected).status, names(rejected)) == (Status.REJECTED, ["proof.pdf"])


def test_without_the_token_nothing_is_taken(rejected, admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)

    answer = send(client, rejected, words=WORDS, files=[upload()])

    assert answer.status_code == 403
    assert (fresh(rejected).status, names(rejected)) == (Status.REJECTED, ["proof.pdf"])


@pytest.mark.parametrize(
    "reason", [RejectionReason.PARTNER_REQUEST, RejectionReason.CUSTOMER_OPTED_OUT]
)
def test_what_cannot_be_disputed_takes_no_file(signed_in, rejected, reason):
    Claim.objects.filter(pk=rejected.pk).update(rejection_reason=reason)

    answer = send(signed_in, rejected, words=WORDS, files=[upload()])

    assert answer.status_code == 409
    assert "cannot be disputed" in answer.text
    assert names(rejected) == ["proof.pdf"]


@pytest.mark.parametrize("status", [Status.DISPUTE, Status.REJECTED_FINAL, Status.APPROVED])
def test_no_other_status_takes_files_here(signed_in, draft, admin, reviewer, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    answer = send(signed_in, claim, words="More.", files=[upload()])

    assert answer.status_code == 409
    assert names(claim) == ["proof.pdf"]


@pytest.mark.parametrize("status", [Status.REJECTED, Status.DISPUTE])
@pytest.mark.parametrize("body", [{"files": True}, {"withdraw": True}], ids=["add", "remove"])
def test_the_pages_of_filing_stay_closed(signed_in, draft, admin, reviewer, status, body):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    fields = {"files": [upload()]} if "files" in body else {"withdraw": claim.documents.get().key}
    page = reverse("associations:claim-page", args=[claim.reference, "proof"])

    answer = signed_in.post(page, {"action": "add", **fields})

    assert answer.status_code == 409
    assert names(claim) == ["proof.pdf"]
    assert signed_in.get(page).url == claim.get_absolute_url()


# --- What the reviewer sees ----------------------------------------------------------------------


def test_the_reviewer_sees_which_files_are_newer(signed_in, rejected, reviewer):
    send(signed_in, rejected, files=[upload()])
    client = Client()
    client.force_login(reviewer)

    page = client.get(reverse("admin:associations_claim_change", args=[rejected.pk]))

    newer = rejected.documents.get(name="newer.docx")
    assert page.context["proof"].newer == {newer.pk}
    assert page.context["proof"].shown == newer
    assert page.text.count("Added after the rejection") == 1
    assert "Proof added after the rejection" in page.text


def test_a_dispute_with_words_alone_shows_no_file_as_newer(rejected, admin, reviewer):
    disputes.dispute_claim(rejected, actor=admin, justification=WORDS, now=timezone.now())
    client = Client()
    client.force_login(reviewer)

    page = client.get(reverse("admin:associations_claim_change", args=[rejected.pk]))

    assert page.context["proof"].newer == set()
    assert "after the rejection" not in page.text
    assert decisions.decide_dispute(
        fresh(rejected), actor=reviewer, accept=True, words="Yes.", now=timezone.now()
    )
