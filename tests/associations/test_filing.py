"""Filing from the first page to the reviewers, and what may go wrong on the way (section 4)."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from associations import editing
from associations.documents import BYTES_MAX
from associations.enums import Activity, EventKind, Status
from associations.history import find_broken_link
from associations.models import Claim
from notifications.models import Message
from partners.enums import Role
from tests import cast
from tests.associations.filing_steps import (
    ACKNOWLEDGED,
    NEW,
    contact_fields,
    customer_fields,
    page_url,
    send,
    start,
    technical_fields,
)
from tests.associations.proof_files import PDF, make_docx

pytestmark = pytest.mark.django_db

PAGES = ["customer", "work", "products", "contacts", "proof", "review"]


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def partner():
    return cast.make_partner()


@pytest.fixture
def admin(partner):
    return cast.make_member(partner, full_name="Ana Admin")


@pytest.fixture
def tenant():
    return cast.make_tenant(name="Fabrikam")


@pytest.fixture
def reviewer():
    return cast.make_reviewer()


@pytest.fixture
def client(admin):
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def draft(partner, admin, tenant):
    return cast.make_draft(partner, admin, tenant)


def upload(name="letter.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def fresh(claim):
    return Claim.objects.get(pk=claim.pk)


def text_of(answer):
    return answer.content.decode()


def test_a_microsoft_365_claim_from_the_first_page_to_the_reviewers(client, partner, tenant):
    answer = start(client, partner, tenant)
    claim = Claim.objects.get()
    assert answer.url == page_url(claim, "work")
    assert send(client, claim, "work", work="microsoft-365/usage", name="Rollout").url == page_url(
        claim, "products"
    )
    assert send(client, claim, "products", pick_teams="on", pick_intune="on").url == page_url(
        claim, "contacts"
    )
    assert send(client, claim, "contacts", **contact_fields()).url == page_url(claim, "proof")
    assert send(client, claim, "proof", files=[upload()]).url == page_url(claim, "review")
    answer = send(client, claim, "review", action="submit", comment="Hello.", **ACKNOWLEDGED)

    claim = fresh(claim)
    assert answer.url == claim.get_absolute_url()
    assert (claim.status, claim.tenant, claim.name) == (Status.SUBMITTED, tenant, "Rollout")
    assert [str(each.product) for each in claim.associations.all()] == ["Teams", "Intune"]
    assert claim.contacts.get(role="customer").language == "pt-br"
    assert [each.text for each in claim.comments.all()] == ["Hello."]
    assert [each.code for each in claim.programs.all()] == ["osu-microsoft-365"]
    assert find_broken_link(claim) is None


def test_a_revenue_association_needs_no_enrollment_and_three_facts_more(client, partner, tenant):
    partner.locations.get().enrollments.all().delete()
    subscription = cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))
    start(client, partner, tenant)
    claim = Claim.objects.get()
    send(client, claim, "work", work="business-applications/revenue", name="Add-on")
    send(client, claim, "products", pick_sales="on")
    people = contact_fields() | technical_fields()
    refused = send(client, claim, "contacts", **people)
    assert "Name the Dynamics solution seller." in text_of(refused)
    facts = {"solution_seller": "Sam", "revenue_customer_name": "Fabrikam", "isv_product": "AddOn"}
    send(client, claim, "contacts", **people, **facts)
    send(client, claim, "proof", files=[upload()])
    send(client, claim, "review", action="submit", **ACKNOWLEDGED)

    claim = fresh(claim)
    assert claim.status == Status.SUBMITTED
    assert claim.associations.get().subscription == subscription
    assert (claim.solution_seller, claim.isv_product) == ("Sam", "AddOn")


def test_looking_at_pages_makes_and_changes_nothing(client, draft, partner):
    before = (draft.revision, draft.events.count())

    keys = {client.get(NEW).context["filing_key"] for _look in range(2)}
    for page in PAGES:
        assert client.get(page_url(draft, page)).status_code == 200

    assert len(keys) == 2
    assert Claim.objects.count() == 1
    draft.refresh_from_db()
    assert (draft.revision, draft.events.count()) == before


def test_a_double_click_on_the_first_page_makes_one_draft(client, partner, tenant):
    key = uuid.uuid4()

    answers = [start(client, partner, tenant, key=key) for _click in range(2)]

    claim = Claim.objects.get()
    assert {answer.url for answer in answers} == {page_url(claim, "work")}
    assert claim.events.count() == 1


def test_a_double_click_on_submit_makes_one_claim_and_one_set_of_messages(client, draft):
    fields = {"action": "submit", "revision": draft.revision, "comment": "Once.", **ACKNOWLEDGED}

    answers = [client.post(page_url(draft, "review"), fields) for _click in range(2)]

    assert {answer.url for answer in answers} == {draft.get_absolute_url()}
    claim = fresh(draft)
    assert claim.events.filter(to_status=Status.SUBMITTED).count() == 1
    assert claim.comments.count() == 1
    assert Message.objects.filter(key=f"claim-submitted:{claim.pk}").count() == 1


def test_save_and_leave_keeps_what_is_not_right_and_shows_it_again(client, draft):
    answer = send(
        client, draft, "contacts", action="leave", **contact_fields(customer_email="carla@")
    )

    assert answer.url == draft.get_absolute_url()
    assert draft.contacts.get(role="customer").email == "carla@fabrikam.example"
    again = text_of(client.get(page_url(draft, "contacts")))
    assert 'value="carla@"' in again
    assert "Enter an email address such as name@contoso.com." in again
    assert "What you left there is not right yet" in text_of(client.get(page_url(draft, "review")))

    send(client, draft, "contacts", **contact_fields())
    assert fresh(draft).typed == {}


def test_save_and_leave_on_a_new_claim_keeps_a_wrong_page(client, partner, tenant):
    answer = start(client, partner, tenant, action="leave", tenant_id="half of it", location="")

    claim = Claim.objects.get()
    assert answer.url == claim.get_absolute_url()
    assert claim.tenant is None
    assert 'value="half of it"' in text_of(client.get(page_url(claim, "customer")))


def test_an_error_on_a_new_claim_keeps_what_was_typed_and_makes_nothing(client, partner, tenant):
    key = uuid.uuid4()

    answer = start(client, partner, tenant, key=key, tenant_id="half of it")

    assert 'value="half of it"' in text_of(answer)
    assert answer.context["filing_key"] == key
    assert not Claim.objects.exists()


def test_an_error_keeps_a_draft_page_as_typed_even_if_the_browser_closes(client, draft):
    send(client, draft, "work", work="microsoft-365/usage", name="x" * 121)

    assert f'value="{"x" * 121}"' in text_of(client.get(page_url(draft, "work")))


def test_a_nul_in_what_was_typed_does_no_harm(client, draft):
    answer = send(client, draft, "work", work="microsoft-365/usage", name="nul\0")

    assert answer.status_code == 200
    assert fresh(draft).typed["work"]["name"] == ["nul"]


def test_a_stale_page_keeps_what_was_typed_and_says_what_is_there_now(client, draft, admin):
    seen = draft.revision
    editing.save_facts(draft, actor=admin, name="By a colleague")
    fields = {"work": "microsoft-365/usage", "name": "By me"}

    answer = send(client, draft, "work", revision=seen, **fields)

    page = text_of(answer)
    assert answer.status_code == 409
    assert 'value="By me"' in page
    assert "By a colleague" in page
    assert fresh(draft).name == "By a colleague"
    assert send(client, draft, "work", **fields).status_code == 302
    assert fresh(draft).name == "By me"


def test_a_stale_review_is_not_submitted_and_keeps_its_comment(client, draft, admin):
    seen = draft.revision
    editing.save_facts(draft, actor=admin, name="By a colleague")

    answer = send(
        client, draft, "review", action="submit", revision=seen, comment="My words", **ACKNOWLEDGED
    )

    assert answer.status_code == 409
    assert "My words" in text_of(answer)
    assert "This claim changed while you were here" in text_of(answer)
    assert (fresh(draft).status, fresh(draft).comments.count()) == (Status.EDITING, 0)


@pytest.mark.parametrize("revision", ["", "-1", "x", "²"])
def test_a_page_without_a_revision_is_stale(client, draft, revision):
    answer = send(
        client, draft, "work", revision=revision, work="microsoft-365/usage", name="By me"
    )

    assert answer.status_code == 409
    assert fresh(draft).name == "Rollout"


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
        assert "cannot change after submission" in text_of(client.get(page_url(claim, page)))
    send(client, claim, "customer", **customer_fields(claim, other))
    send(client, claim, "work", work="business-applications/usage", name="New name")

    now = fresh(claim)
    assert (now.tenant, now.customer_domain) == (claim.tenant, claim.customer_domain)
    assert (now.solution_area, now.activity) == ("microsoft-365", "usage")
    assert now.name == "New name"


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


def test_answering_a_request_on_the_last_page(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    page = text_of(client.get(page_url(claim, "review")))
    assert "Please add the signed letter." in page
    assert "Answer and send back" in page

    empty = send(client, claim, "review", action="submit", answer="")
    assert "Say what you added or changed." in text_of(empty)
    fields = {"action": "submit", "revision": claim.revision, "answer": "It is in letter.pdf."}
    answers = [client.post(page_url(claim, "review"), fields) for _click in range(2)]

    assert {answer.url for answer in answers} == {claim.get_absolute_url()}
    now = fresh(claim)
    assert now.status == Status.UNDER_REVIEW
    assert now.events.filter(reason="It is in letter.pdf.").count() == 1


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


def test_good_files_stay_when_others_are_refused(client, draft):
    sent = [upload(), upload("fake.docx", b"MZ"), upload("empty.pdf", b"")]

    answer = send(client, draft, "proof", files=sent)

    page = text_of(answer)
    assert "fake.docx: This file is named DOCX" in page
    assert "empty.pdf: This file is empty." in page
    assert set(draft.documents.values_list("name", flat=True)) == {"proof.pdf", "letter.pdf"} or (
        draft.documents.count() == 1  # the draft's own proof has the same content
    )


def test_a_file_too_large_is_stopped_while_it_arrives(client, draft):
    sent = [upload("huge.pdf", PDF + bytes(BYTES_MAX)), upload("small.pdf", PDF + b"small")]

    answer = send(client, draft, "proof", files=sent)

    assert "huge.pdf: This file is larger than 25 MB." in text_of(answer)
    assert set(draft.documents.values_list("name", flat=True)) == {"proof.pdf", "small.pdf"}


def test_more_files_than_a_claim_holds_are_told_one_by_one(client, draft):
    sent = [upload(f"{number}.pdf", PDF + b"%d" % number) for number in range(23)]

    answer = send(client, draft, "proof", files=sent)

    page = text_of(answer)
    assert draft.documents.count() == 10
    assert page.count("A claim holds at most 10 files.") == 2 * (23 - 9)


def test_the_proof_page_adds_removes_and_asks_for_one(client, draft):
    send(client, draft, "proof", action="add", files=[upload("more.docx", make_docx())])
    assert client.get(page_url(draft, "proof")).context["documents"].__len__() == 2
    for document in draft.documents.all():
        send(client, draft, "proof", action="", withdraw=str(document.key))
    send(client, draft, "proof", action="", withdraw="nonsense")

    answer = send(client, draft, "proof")

    assert "Add at least one file that proves the work." in text_of(answer)
    assert draft.documents.filter(withdrawn_at=None).count() == 0
    assert send(client, draft, "proof", action="leave").url == draft.get_absolute_url()


def test_files_cannot_be_added_under_review(client, draft, admin, reviewer):
    claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

    answer = send(client, claim, "proof", files=[upload("late.docx", make_docx())])

    assert answer.status_code == 409
    assert claim.documents.count() == 1


def test_someone_at_two_partners_files_for_the_one_they_work_for(admin, partner, tenant):
    other = cast.make_partner("Another company")
    cast.make_member(other, user=admin)
    client = Client()
    client.force_login(admin)
    client.post(reverse("partners:switch"), {"partner": other.pk})

    refused = start(client, partner, tenant)
    start(client, other, tenant)

    assert "Choose one of your own locations from the list." in text_of(refused)
    assert Claim.objects.get().partner == other


def test_activity_and_pages_agree_on_every_kind_of_work(client, partner, tenant):
    cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))
    start(client, partner, tenant)
    claim = Claim.objects.get()

    for activity in Activity.values:
        send(client, claim, "work", work=f"business-applications/{activity}", name="N")
        assert fresh(claim).activity == activity
        for page in PAGES:
            assert client.get(page_url(claim, page)).status_code == 200
