"""Many drafts submitted or discarded at once: each by itself, and with words if it could not be [R47]."""

import pytest
from django.test import Client
from django.utils import timezone

from associations.enums import Status
from associations.filing import submission
from associations.models import Claim
from associations.proof.documents import withdraw_document
from partners.enums import Role
from tests import cast

from .steps import ACKNOWLEDGED, text_of

pytestmark = pytest.mark.django_db
LIST = f"{cast.HERE}claims/drafts/"
SUBMIT, DISCARD = f"{LIST}submit/", f"{LIST}discard/"


@pytest.fixture
def other(partner, admin, tenant):
    return cast.make_draft(partner, admin, tenant, codes=("intune",))


def name(*claims, **changed):
    """What the page of confirmation sends for these drafts."""
    data = {"claim": [each.reference for each in claims]}
    for each in claims:
        data[f"revision-{each.reference}"] = each.revision
        data[f"files-{each.reference}"] = each.documents.count()
    return data | changed


def submit(client, *claims, **changed):
    return client.post(SUBMIT, name(*claims, **ACKNOWLEDGED, **changed))


def statuses():
    return dict(Claim.objects.values_list("reference", "status"))


def read(response, name):
    """A value of the page; the emails that the request queued were rendered before it."""
    return response.context[-1][name]


def failures(response):
    return {each.claim.reference: each.problem for each in read(response, "failed")}


def test_each_chosen_draft_is_submitted(client, draft, other):
    asked = client.get(SUBMIT, name(draft, other))
    assert [each.reference for each in asked.context["drafts"]] == [
        other.reference,
        draft.reference,
    ]

    response = submit(client, draft, other)

    assert statuses() == {draft.reference: Status.SUBMITTED, other.reference: Status.SUBMITTED}
    assert failures(response) == {}
    assert len(read(response, "done")) == 2
    assert draft.events.filter(to_status=Status.SUBMITTED).count() == 1


@pytest.mark.parametrize("left_out", ACKNOWLEDGED)
def test_every_acknowledgement_is_asked_for_and_the_choice_is_kept(client, draft, other, left_out):
    data = name(draft, other, **{key: "on" for key in ACKNOWLEDGED if key != left_out})

    response = client.post(SUBMIT, data)

    assert response.status_code == 400
    assert list(response.context["form"].errors) == [left_out]
    assert text_of(response).count('name="claim"') == 2
    assert set(statuses().values()) == {Status.EDITING}


def test_one_that_cannot_be_submitted_stops_no_other(client, draft, other):
    other.documents.all().delete()

    response = submit(client, draft, other)

    assert statuses() == {draft.reference: Status.SUBMITTED, other.reference: Status.EDITING}
    assert failures(response) == {other.reference: "Add at least one file of proof."}


def test_a_draft_that_changed_since_stays(client, draft, other):
    response = submit(client, draft, other, **{f"revision-{draft.reference}": draft.revision - 1})

    assert statuses() == {draft.reference: Status.EDITING, other.reference: Status.SUBMITTED}
    assert list(failures(response)) == [draft.reference]


def test_a_second_click_submits_nothing_twice(client, draft):
    submit(client, draft)

    response = submit(client, draft)

    assert [each.reference for each in read(response, "done")] == [draft.reference]
    assert draft.events.filter(to_status=Status.SUBMITTED).count() == 1


def test_a_draft_that_someone_submitted_meanwhile_stops_no_other(client, admin, draft, other):
    submission.submit_claim(draft, actor=admin, now=timezone.now())

    response = submit(client, draft, other)

    assert {each.reference for each in read(response, "done")} == {
        draft.reference,
        other.reference,
    }
    assert set(statuses().values()) == {Status.SUBMITTED}
    assert draft.events.filter(to_status=Status.SUBMITTED).count() == 1


def test_what_is_no_draft_any_more_says_so(client, admin, reviewer, draft, other):
    cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

    sent = submit(client, draft, other)
    discarded = client.post(DISCARD, name(draft))

    assert [each.reference for each in read(sent, "done")] == [other.reference]
    for response in (sent, discarded):
        assert (
            "This claim was changed after you opened the page"
            in failures(response)[draft.reference]
        )
    assert statuses()[draft.reference] == Status.UNDER_REVIEW


def test_a_second_click_on_discarding_says_that_the_draft_is_gone(client, draft, other):
    both = name(draft, other)
    client.post(DISCARD, name(draft))

    response = client.post(DISCARD, both)

    assert "1 chosen draft is no longer there." in text_of(response)
    assert not Claim.objects.exists()


def test_two_drafts_of_the_same_product_cannot_both_be_submitted(
    client, partner, admin, tenant, draft
):
    same = cast.make_draft(partner, admin, tenant)

    response = submit(client, draft, same)

    assert sorted(statuses().values()) == [Status.EDITING, Status.SUBMITTED]
    assert "already covers" in next(iter(failures(response).values()))


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_an_incentives_user_discards_but_does_not_submit(partner, draft):
    client = sign_in(cast.make_member(partner, Role.INCENTIVES_USER))

    assert client.get(SUBMIT, name(draft)).status_code == 403
    assert submit(client, draft).status_code == 403
    assert statuses() == {draft.reference: Status.EDITING}
    client.post(DISCARD, name(draft))
    assert statuses() == {}


def test_drafts_of_others_are_not_there(draft):
    stranger = sign_in(cast.make_member(cast.make_partner("Litware")))
    own = cast.make_partner("Tailspin", key="wxzwxzwx")
    client = sign_in(cast.make_member(own))

    assert submit(stranger, draft).status_code == 404
    response = client.post("/p/wxzwxzwx/claims/drafts/discard/", name(draft))

    assert response.url == "/p/wxzwxzwx/claims/drafts/"
    assert statuses() == {draft.reference: Status.EDITING}


def test_a_draft_at_a_location_beyond_the_role_is_not_there(partner, draft):
    place = cast.LocationFactory(partner=partner)
    client = sign_in(cast.make_member(partner, Role.INCENTIVES_USER, locations=[place]))

    assert client.post(DISCARD, name(draft)).url == LIST
    assert statuses() == {draft.reference: Status.EDITING}


def test_many_drafts_are_discarded(client, draft, other):
    response = client.post(DISCARD, name(draft, other))

    assert statuses() == {}
    assert len(read(response, "done")) == 2


def test_a_draft_with_a_file_that_the_page_did_not_know_of_stays(client, admin, draft, other):
    data = name(draft, other)
    cast.add_document(draft, admin, name="new.pdf")

    response = client.post(DISCARD, data)

    assert statuses() == {draft.reference: Status.EDITING}
    assert list(failures(response)) == [draft.reference]


def test_a_draft_with_a_withdrawn_file_can_be_discarded(client, admin, draft):
    document = draft.documents.get()
    withdraw_document(draft, document.key, actor=admin, now=timezone.now())
    shown = client.get(DISCARD, {"claim": draft.reference}).context["drafts"][0]
    data = {
        "claim": shown.reference,
        f"revision-{shown.reference}": shown.revision,
        f"files-{shown.reference}": shown.stored_files,
    }

    client.post(DISCARD, data)

    assert statuses() == {}


@pytest.mark.parametrize("drafts", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(
    client, partner, admin, tenant, drafts, django_assert_num_queries
):
    for _each in range(drafts):
        cast.make_draft(partner, admin, tenant)
    client.get(LIST)

    with django_assert_num_queries(7):
        page = client.get(LIST)

    assert len(page.context["drafts"]) == drafts
