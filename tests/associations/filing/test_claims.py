"""The domain functions of filing: drafts, edits, submission, answers (section 4)."""

import uuid

import pytest
from django.utils import timezone

from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError, MoveNotAllowed, StaleClaim
from associations.enums import Actor, ContactRole, EventKind, SolutionArea, Status
from associations.filing import completeness, contacts, drafts, submission
from associations.models import Claim
from notifications.models import Message
from partners.models import PartnerDomain
from tests import cast

pytestmark = pytest.mark.django_db


def people_of(claim):
    return {
        each.role: {
            "name": each.name,
            "title": each.title,
            "email": each.email,
            "language": each.language,
        }
        for each in claim.contacts.all()
    }


def test_a_form_sent_twice_makes_one_draft(partner, admin):
    key = uuid.uuid4()
    facts = {"partner": partner, "location": partner.locations.get(), "actor": admin}

    first = drafts.start_claim(**facts, filing_key=key, now=timezone.now())
    second = drafts.start_claim(**facts, filing_key=key, now=timezone.now())

    assert first == second
    assert Claim.objects.get().events.count() == 1


def test_saving_the_same_again_changes_nothing(draft, admin):
    before = (draft.revision, draft.events.count())
    picks = [drafts.Pick(each.product) for each in draft.associations.all()]

    drafts.save_facts(draft, actor=admin, name=draft.name, now=timezone.now())
    drafts.save_contacts(draft, people_of(draft), actor=admin, now=timezone.now())
    drafts.choose_products(draft, picks, actor=admin, now=timezone.now())

    draft.refresh_from_db()
    assert (draft.revision, draft.events.count()) == before


def test_the_facts_of_page_four_are_saved_with_its_contacts(draft, admin):
    facts = {"solution_seller": "Sam", "revenue_customer_name": "Fabrikam", "isv_product": "AddOn"}

    drafts.save_contacts(draft, people_of(draft), actor=admin, now=timezone.now(), **facts)

    saved = Claim.objects.get(pk=draft.pk)
    assert {name: getattr(saved, name) for name in facts} == facts
    assert saved.revision == draft.revision + 1


def test_edits_after_submission_leave_one_row_each(draft, admin, reviewer):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    before = claim.revision
    people = people_of(claim)
    people["customer"]["name"] = "Someone Else"

    elsewhere = cast.LocationFactory(partner=claim.partner)
    drafts.save_facts(claim, actor=admin, location=elsewhere, now=timezone.now())
    drafts.save_contacts(claim, people, actor=admin, now=timezone.now())
    drafts.choose_products(
        claim, [drafts.Pick(cast.product("teams"))], actor=admin, now=timezone.now()
    )

    claim.refresh_from_db()
    rows = claim.events.filter(kind=EventKind.EDITED)
    assert [row.reason_code for row in rows] == ["location", "contacts", "products"]
    assert claim.revision == before + 3
    assert rows.last().subject_names == ["Exchange Online"]
    assert find_broken_link(claim) is None


@pytest.mark.parametrize(
    "facts",
    [
        {"tenant": None},
        {"customer_domain": "x.example"},
        {"solution_area": "x"},
        {"activity": "x"},
        {"name": "New name"},
    ],
)
def test_what_is_fixed_by_submission_stays(draft, admin, reviewer, facts):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    before = Claim.objects.values().get(pk=claim.pk)

    with pytest.raises(LifecycleError, match="can't be changed after submission"):
        drafts.save_facts(claim, actor=admin, **facts, now=timezone.now())

    assert Claim.objects.values().get(pk=claim.pk) == before


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.APPROVED, Status.REJECTED])
def test_nothing_is_edited_in_other_statuses(draft, admin, reviewer, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    with pytest.raises(MoveNotAllowed):
        drafts.save_facts(claim, actor=admin, name="New name", now=timezone.now())
    with pytest.raises(MoveNotAllowed):
        drafts.keep_typed(claim, actor=admin, page="work", values={"name": ["x"]})


def test_a_stale_page_saves_nothing(draft, admin):
    seen = draft.revision
    drafts.save_facts(draft, actor=admin, name="By a colleague", now=timezone.now())

    with pytest.raises(StaleClaim):
        drafts.save_facts(draft, actor=admin, revision=seen, name="By me", now=timezone.now())

    assert Claim.objects.get().name == "By a colleague"


def test_submitting_twice_makes_one_row_one_comment_and_one_set_of_messages(draft, admin):
    revision = draft.revision
    for _click in range(2):
        submission.submit_claim(
            draft, actor=admin, comment="Please hurry.", revision=revision, now=timezone.now()
        )

    claim = Claim.objects.get()
    assert claim.status == Status.SUBMITTED
    assert claim.events.filter(to_status=Status.SUBMITTED).count() == 1
    assert [(each.text, each.side) for each in claim.comments.all()] == [
        ("Please hurry.", Actor.PARTNER)
    ]
    assert Message.objects.filter(key__startswith="claim-submitted").count() == 1


def test_an_incomplete_claim_is_not_submitted_and_its_comment_not_kept(draft, admin):
    draft.documents.all().delete()

    with pytest.raises(completeness.ClaimIncomplete) as caught:
        submission.submit_claim(draft, actor=admin, comment="Here.", now=timezone.now())

    assert list(caught.value.missing) == ["proof"]
    claim = Claim.objects.get()
    assert (claim.status, claim.comments.count()) == (Status.EDITING, 0)


def test_what_was_left_unfinished_stops_submission(draft, admin):
    drafts.keep_typed(draft, actor=admin, page="contacts", values={"customer_name": [""]})

    with pytest.raises(completeness.ClaimIncomplete) as caught:
        submission.submit_claim(draft, actor=admin, now=timezone.now())

    assert list(caught.value.missing) == ["contacts"]
    assert Claim.objects.get().typed == {"contacts": {"customer_name": [""]}}


def test_the_location_must_be_enrolled_on_the_day_of_submission(draft, admin, partner):
    partner.locations.get().enrollments.filter(program__code="osu-microsoft-365").delete()

    with pytest.raises(completeness.ClaimIncomplete) as caught:
        submission.submit_claim(draft, actor=admin, now=timezone.now())

    assert list(caught.value.missing) == ["work"]


def test_an_answer_opens_a_full_new_window(draft, admin, reviewer):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)

    submission.answer_request(
        claim, actor=admin, answer="On page 2.", revision=claim.revision, now=timezone.now()
    )

    claim.refresh_from_db()
    assert (claim.status, claim.turn) == (Status.UNDER_REVIEW, Actor.STAFF)
    assert claim.events.last().reason == "On page 2."
    assert claim.due_at is not None


@pytest.mark.parametrize(
    ("email", "is_own"),
    [
        ("x@contoso.example", True),
        ("x@CONTOSO.example", True),
        ("x@mail.contoso.example", True),
        ("x@notcontoso.example", False),
        ("x@contoso.example.org", False),
        ("x@xn--mnchen-3ya.example", True),
        ("x@münchen.example", True),
    ],
)
def test_addresses_at_the_partners_own_domains(partner, email, is_own):
    PartnerDomain.objects.create(partner=partner, domain="contoso.example")
    PartnerDomain.objects.create(partner=partner, domain="xn--mnchen-3ya.example")

    assert contacts.is_own_address(partner, email) is is_own


def test_contacts_outside_the_tenant_are_found_and_the_partners_is_not_asked(draft):
    assert contacts.contacts_outside_tenant(draft) == []
    outside = draft.contacts.get(role=ContactRole.CUSTOMER)
    outside.email = "carla@mail.example"
    outside.save()

    assert contacts.contacts_outside_tenant(draft) == [outside]


def test_who_replaces_a_contact_is_not_confirmed_and_one_who_stays_is(draft, admin):
    draft.contacts.update(confirmation="I know them both.")
    people = people_of(draft)
    people["customer"]["email"] = "clara@fabrikam.example"

    drafts.save_contacts(draft, people, actor=admin, now=timezone.now())

    kept = dict(draft.contacts.values_list("role", "confirmation"))
    assert kept == {"customer": "", "partner": "I know them both."}


def test_for_another_area_only_the_contacts_that_it_needs_are_kept(partner, admin, tenant):
    draft = cast.make_draft(partner, admin, tenant, codes=("sales",))
    assert draft.contacts.count() == 3

    drafts.save_facts(
        draft, actor=admin, solution_area=SolutionArea.MICROSOFT_365, now=timezone.now()
    )

    assert set(draft.contacts.values_list("role", flat=True)) == {"customer", "partner"}


def test_a_contact_that_is_named_no_more_goes_and_the_others_stay(partner, admin, tenant):
    draft = cast.make_draft(partner, admin, tenant, codes=("sales",))
    people = people_of(draft)
    del people["technical"]

    drafts.save_contacts(draft, people, actor=admin, now=timezone.now())

    assert people_of(draft) == people
