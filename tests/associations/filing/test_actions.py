"""What partners do with a filed claim: every role and status, old pages, second clicks, bad input."""

import itertools

import pytest
from django.test import Client
from django.utils import timezone

from associations.customer import notice_outcomes, notices
from associations.enums import Actor, EventKind, NoticeStatus, RejectionReason, Status
from associations.filing import comments, submission
from associations.models import Claim, Comment, Event
from associations.review import decisions
from notifications.models import Message
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db

#: Action → statuses in which it is open (section 3), and what it leads to.
OPEN_AT = {
    "withdraw": (
        {Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACTION_REQUIRED, Status.APPROVED},
        Status.REJECTED,
    ),
    "dispute": ({Status.REJECTED}, Status.DISPUTE),
    "answer": ({Status.ACTION_REQUIRED}, Status.UNDER_REVIEW),
}
WORDS = "Because I say so."


@pytest.fixture
def at_status(draft, admin, reviewer):
    return lambda status: cast.walk(draft, status, actor=admin, reviewer=reviewer)


@pytest.fixture
def signed_in(client, admin):
    client.force_login(admin)
    return client


def send(client, claim, action, **data):
    seen = {"revision": claim.revision, "known_files": claim.documents.count()}
    data = seen | {"words": WORDS} | data
    return client.post(f"/claims/{claim.reference}/{action}/", data)


def fail_notice(claim):
    notice = notices.in_force(claim).get()
    notice_outcomes.record_failed(notice.pk, failure="550 no such user", now=timezone.now())
    return notice


@pytest.mark.parametrize("status", Status)
def test_each_action_over_every_role_and_status(partner, at_status, status, subtests):
    claim = at_status(status)

    for action, role in itertools.product(OPEN_AT, Role):
        with subtests.test(action=action, role=role), cast.undone():
            require_outcome(claim, action, cast.make_member(partner, role), status)


def require_outcome(claim, action, person, status):
    """Send the action, and compare with section 3 what it answered and what it wrote."""
    client = Client()
    client.force_login(person)
    statuses, target = OPEN_AT[action]
    role = person.memberships.get().role
    moves = Event.objects.filter(claim=claim, kind=EventKind.MOVED).count()

    page = client.get(f"/claims/{claim.reference}/{action}/")
    response = send(client, claim, action)

    fresh = Claim.objects.get(pk=claim.pk)
    if role == Role.INCENTIVES_USER:
        assert (page.status_code, response.status_code) == (403, 403)
        assert fresh.status == status
    elif status in statuses:
        assert (page.status_code, response.status_code) == (200, 302)
        assert fresh.status == target
        last = fresh.events.last()
        assert (last.actor, last.actor_id, last.reason) == (Actor.PARTNER, person.pk, WORDS)
    else:
        assert (page.status_code, page["Location"]) == (302, f"/claims/{claim.reference}/")
        assert response.status_code == 409
        assert "Nothing was changed" in response.text
        assert WORDS in response.text
        assert fresh.status == status
    expected = moves + (role == Role.INCENTIVES_ADMIN and status in statuses)
    assert Event.objects.filter(claim=claim, kind=EventKind.MOVED).count() == expected


@pytest.mark.parametrize("status", Status)
def test_a_draft_alone_can_be_discarded(partner, at_status, status, subtests):
    claim = at_status(status)

    for role in Role:
        with subtests.test(role=role), cast.undone():
            client = Client()
            client.force_login(cast.make_member(partner, role))
            response = send(client, claim, "discard")

            if status == Status.EDITING:
                assert response["Location"] == f"{cast.HERE}claims/"
                assert not Claim.objects.filter(pk=claim.pk).exists()
            else:
                assert response["Location"] == f"/claims/{claim.reference}/"
                assert Claim.objects.get(pk=claim.pk).status == status


@pytest.mark.parametrize("action", OPEN_AT)
def test_words_are_wanted(signed_in, at_status, action):
    claim = at_status(min(OPEN_AT[action][0]))

    response = send(signed_in, claim, action, words="   ")

    assert response.status_code == 400
    assert "error-summary" in response.text
    assert Claim.objects.get(pk=claim.pk).status == claim.status


@pytest.mark.parametrize("action", OPEN_AT)
def test_an_old_page_changes_nothing_and_keeps_what_was_typed(signed_in, at_status, action):
    claim = at_status(min(OPEN_AT[action][0]))

    response = send(signed_in, claim, action, revision=claim.revision - 1)

    fresh = Claim.objects.get(pk=claim.pk)
    assert response.status_code == 409
    assert "This claim was changed after you opened the page" in response.text
    assert WORDS in response.text
    assert f'name="revision" value="{fresh.revision}"' in response.text
    assert (fresh.status, fresh.revision) == (claim.status, claim.revision)


@pytest.mark.parametrize("action", OPEN_AT)
def test_a_page_without_its_revision_changes_nothing(signed_in, at_status, action):
    claim = at_status(min(OPEN_AT[action][0]))

    response = send(signed_in, claim, action, revision="")

    assert response.status_code == 400
    assert Claim.objects.get(pk=claim.pk).status == claim.status


@pytest.mark.parametrize("action", OPEN_AT)
def test_a_second_click_does_nothing_more(signed_in, at_status, action):
    claim = at_status(min(OPEN_AT[action][0]))

    first = send(signed_in, claim, action)
    events, mails = Event.objects.count(), Message.objects.count()
    second = send(signed_in, claim, action)

    assert first["Location"] == second["Location"] == f"/claims/{claim.reference}/"
    assert (Event.objects.count(), Message.objects.count()) == (events, mails)


def test_the_files_of_a_discarded_draft_go_with_it(
    signed_in, admin, draft, django_capture_on_commit_callbacks
):
    cast.add_document(draft, admin, "second.pdf")
    stored = [(each.file.storage, each.file.name) for each in draft.documents.all()]
    assert [storage.exists(name) for storage, name in stored] == [True, True]

    with django_capture_on_commit_callbacks(execute=True):
        send(signed_in, draft, "discard")

    assert [storage.exists(name) for storage, name in stored] == [False, False]


def test_a_second_click_on_discard_ends_where_the_first_did(signed_in, draft):
    send(signed_in, draft, "discard")

    response = send(signed_in, draft, "discard")

    assert response["Location"] == f"{cast.HERE}claims/"


def test_a_draft_that_was_changed_since_is_not_discarded(signed_in, draft):
    response = send(signed_in, draft, "discard", revision=draft.revision - 1)

    assert response.status_code == 409
    assert Claim.objects.filter(pk=draft.pk).exists()


def test_a_draft_is_not_discarded_with_a_file_that_the_page_did_not_know_of(signed_in, draft):
    known = draft.documents.count()
    cast.add_document(draft, draft.created_by, name="added-since.pdf", content=b"%PDF-1.7 since")

    response = send(signed_in, draft, "discard", known_files=known)

    assert response.status_code == 409
    assert Claim.objects.get(pk=draft.pk).documents.count() == known + 1
    assert send(signed_in, draft, "discard", known_files=known + 1).status_code == 302


def test_an_answer_without_proof_says_what_is_missing(signed_in, at_status):
    claim = at_status(Status.ACTION_REQUIRED)
    claim.documents.all().delete()

    response = send(signed_in, claim, "answer")

    assert response.status_code == 409
    assert f"/claims/{claim.reference}/edit/proof/" in response.text
    assert WORDS in response.text
    assert Claim.objects.get(pk=claim.pk).status == Status.ACTION_REQUIRED


def test_a_withdrawn_claim_cannot_be_disputed(signed_in, at_status):
    claim = at_status(Status.SUBMITTED)
    send(signed_in, claim, "withdraw")
    claim.refresh_from_db()

    response = send(signed_in, claim, "dispute")

    assert claim.rejection_reason == RejectionReason.PARTNER_REQUEST
    assert response.status_code == 409
    assert "cannot be disputed" in response.text
    assert Claim.objects.get(pk=claim.pk).status == Status.REJECTED


def test_a_dispute_after_its_time_is_refused_in_words(signed_in, admin, at_status):
    claim = at_status(Status.REJECTED)

    with cast.at(claim.due_at):
        signed_in.force_login(admin)  # the first session has run out by then
        response = send(signed_in, claim, "dispute")

    assert response.status_code == 409
    assert "The time to dispute is over" in response.text
    assert Claim.objects.get(pk=claim.pk).status == Status.REJECTED


def test_withdrawing_kills_the_customers_link(signed_in, at_status):
    claim = at_status(Status.APPROVED)
    token = notices.in_force(claim).get().token

    send(signed_in, claim, "withdraw")

    from associations.customer.optout import find_link

    assert find_link(token, at=timezone.now()) is None


# --- comments ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", Status)
def test_members_comment_in_every_status(client, partner, at_status, role, status):
    claim = at_status(status)
    person = cast.make_member(partner, role)
    client.force_login(person)

    response = client.post(f"/claims/{claim.reference}/comment/", {"text": "Look at page 2."})

    comment = Comment.objects.get(claim=claim)
    assert response["Location"] == f"/claims/{claim.reference}/#comments"
    assert (comment.author, comment.side, comment.text) == (
        person,
        Actor.PARTNER,
        "Look at page 2.",
    )
    mails = Message.objects.filter(key=f"comment:{comment.pk}").count()
    assert mails == (0 if status == Status.EDITING else 1)


def test_a_comment_sent_twice_is_one_comment(signed_in, at_status):
    claim = at_status(Status.SUBMITTED)

    for _click in range(2):
        signed_in.post(f"/claims/{claim.reference}/comment/", {"text": "Once."})

    assert Comment.objects.count() == 1
    assert Message.objects.filter(kind="comment_for_staff").count() == 1


def test_the_same_words_of_someone_else_are_a_comment(at_status, admin, reviewer):
    claim = at_status(Status.SUBMITTED)

    comments.add_comment(claim, actor=admin, side=Actor.PARTNER, text="Thanks.", now=timezone.now())
    comments.add_comment(
        claim, actor=reviewer, side=Actor.STAFF, text="Thanks.", now=timezone.now()
    )

    assert Comment.objects.count() == 2


@pytest.mark.parametrize("text", ["", "  ", "x" * 5001])
def test_a_bad_comment_is_shown_again(signed_in, draft, text):
    response = signed_in.post(f"/claims/{draft.reference}/comment/", {"text": text})

    assert response.status_code == 400
    assert text.strip() in response.text
    assert not Comment.objects.exists()


def test_a_comment_is_not_made_by_get(signed_in, draft):
    assert signed_in.get(f"/claims/{draft.reference}/comment/").status_code == 405


# --- a better contact [R21] -------------------------------------------------------------------

PERSON = {
    "name": "Carlos Novo",
    "title": "CTO",
    "email": "carlos@fabrikam.example",
    "language": "pt-br",
}


def correct(client, claim, **data):
    return client.post(f"/claims/{claim.reference}/contact/customer/", PERSON | data)


def test_a_corrected_contact_gets_a_new_notice(signed_in, at_status):
    claim = at_status(Status.APPROVED)
    old = fail_notice(claim)

    page = signed_in.get(f"/claims/{claim.reference}/contact/customer/")
    response = correct(signed_in, claim)

    new = notices.in_force(claim).get()
    old.refresh_from_db()
    claim.refresh_from_db()
    assert "550 no such user" in page.text
    assert response["Location"] == f"/claims/{claim.reference}/"
    assert (new.name, new.email, new.language) == ("Carlos Novo", PERSON["email"], "pt-br")
    assert (old.status, new.status) == (NoticeStatus.REPLACED, NoticeStatus.QUEUED)
    assert (claim.turn, claim.due_at) == (Actor.CUSTOMER, None)


def test_a_second_click_sends_no_second_notice(signed_in, at_status):
    claim = at_status(Status.APPROVED)
    fail_notice(claim)

    correct(signed_in, claim)
    second = correct(signed_in, claim)

    assert second.status_code == 302
    assert claim.notices.count() == 2


def test_an_address_at_the_partner_is_refused_and_kept(signed_in, partner, at_status):
    claim = at_status(Status.APPROVED)
    fail_notice(claim)
    own = f"me@{partner.domains.get().domain}"

    response = correct(signed_in, claim, email=own)

    assert response.status_code == 400
    assert "is at one of your own company" in response.text
    assert f'value="{own}"' in response.text
    assert claim.notices.count() == 1


def test_the_partner_contacts_own_address_is_refused_as_in_filing(signed_in, at_status):
    claim = at_status(Status.APPROVED)
    fail_notice(claim)
    contact = claim.contacts.get(role="partner")
    contact.email = "Paul@elsewhere.example"
    contact.save()

    response = correct(signed_in, claim, email=" paul@Elsewhere.example")

    assert response.status_code == 400
    assert "This is your own contact" in response.text
    assert claim.notices.count() == 1


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("name", "Enter the name of the customer contact."),
        ("title", "Enter the job title of the customer contact."),
        ("email", "Enter the email address of the customer contact."),
    ],
)
def test_a_corrected_contact_needs_what_filing_asks_for(signed_in, at_status, part, words):
    claim = at_status(Status.APPROVED)
    fail_notice(claim)

    response = correct(signed_in, claim, **{part: " "})

    assert response.status_code == 400
    assert words in response.text
    assert claim.contacts.get(role="customer").name == "Carla Cliente"
    assert claim.notices.count() == 1


def test_a_technical_contact_needs_no_job_title_as_in_filing(
    signed_in, partner, admin, tenant, reviewer
):
    draft = cast.make_draft(partner, admin, tenant, codes=("sales",))
    claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
    failed = notices.in_force(claim).get(role="technical")
    notice_outcomes.record_failed(failed.pk, failure="550 no such user", now=timezone.now())

    response = signed_in.post(
        f"/claims/{claim.reference}/contact/technical/", PERSON | {"title": ""}
    )

    assert response.status_code == 302
    assert claim.contacts.get(role="technical").name == PERSON["name"]


def test_an_address_that_is_too_long_is_refused(signed_in, at_status):
    claim = at_status(Status.APPROVED)
    fail_notice(claim)
    domain = ".".join(["a" * 60] * 4)  # a valid domain, and with what stands before it 260 in all

    response = correct(signed_in, claim, email=f"{'n' * 8}@{domain}.example")

    assert response.status_code == 400
    assert claim.notices.count() == 1


def test_an_address_outside_the_customer_is_taken_with_a_warning(signed_in, at_status):
    claim = at_status(Status.APPROVED)
    fail_notice(claim)

    response = signed_in.post(
        f"/claims/{claim.reference}/contact/customer/",
        PERSON | {"email": "carlos@elsewhere.example"},
        follow=True,
    )

    assert "outside the customer's domains" in response.text.replace("&#x27;", "'")
    assert claim.contacts.get(role="customer").email == "carlos@elsewhere.example"
    assert not notices.in_force(claim).exists(), "It waits for the reviewers to confirm the person."


def test_a_contact_whose_notice_is_on_its_way_is_not_corrected(signed_in, at_status):
    claim = at_status(Status.APPROVED)

    page = signed_in.get(f"/claims/{claim.reference}/contact/customer/")
    response = correct(signed_in, claim)

    assert page["Location"] == f"/claims/{claim.reference}/"
    assert response.status_code == 409
    assert "Carlos Novo" in response.text
    assert claim.notices.count() == 1


@pytest.mark.parametrize("status", [each for each in Status if each != Status.APPROVED])
def test_a_contact_is_corrected_only_on_an_approved_claim(signed_in, at_status, status):
    claim = at_status(status)
    before = claim.contacts.get(role="customer").email

    page = signed_in.get(f"/claims/{claim.reference}/contact/customer/")
    response = correct(signed_in, claim)

    assert page["Location"] == f"/claims/{claim.reference}/"
    assert response.status_code == 409
    assert claim.contacts.get(role="customer").email == before


def test_what_a_reviewer_did_since_then_stands(signed_in, at_status, admin, reviewer):
    claim = at_status(Status.ACTION_REQUIRED)
    submission.answer_request(claim, actor=admin, answer="Mine came first.", now=timezone.now())
    decisions.approve_claim(Claim.objects.get(pk=claim.pk), actor=reviewer, now=timezone.now())

    response = send(signed_in, claim, "answer")

    assert response.status_code == 409
    assert WORDS in response.text
    assert "Send answer" not in response.text
    assert Claim.objects.get(pk=claim.pk).status == Status.APPROVED
