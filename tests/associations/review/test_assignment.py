"""Assigning claims to colleagues: by whom, to whom, one or several, and who is told [R15], [R19], [R62]."""

import html

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from associations.claims.lifecycle import LifecycleError
from associations.enums import EventKind, Status
from associations.models import Claim
from associations.review import assignment
from associations.review.decisions import ReviewerHasStake
from notifications.models import Message
from partners.models import Membership
from partners.staff_groups import REVIEW_LEAD, REVIEWER, SUPPORT
from tests import cast

pytestmark = pytest.mark.django_db
QUEUE = "admin:associations_claim_changelist"


@pytest.fixture
def claim(file_on_monday):
    return file_on_monday(Status.SUBMITTED)


@pytest.fixture
def colleague():
    return cast.make_reviewer(email="carol@northwind.example", full_name="Carol Colleague")


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


def url(claim):
    return reverse("admin:associations_claim_colleague", args=[claim.pk])


def give(claim, *, to, actor):
    return assignment.assign_claim(claim, actor=actor, to=to, now=timezone.now())


def owner_of(claim):
    return Claim.objects.get(pk=claim.pk).assigned_to


def list_told():
    return list(Message.objects.filter(kind="claim_assigned").values_list("to_address", flat=True))


# --- The domain ----------------------------------------------------------------------------------


def test_the_colleague_gets_it_the_history_says_so_and_an_email_is_sent_once(
    claim, lead, colleague
):
    give(claim, to=colleague, actor=lead)
    give(claim, to=colleague, actor=lead)

    row = claim.events.get(kind=EventKind.ASSIGNED)
    email = Message.objects.get(kind="claim_assigned")
    assert owner_of(claim) == colleague
    assert (row.actor_name, row.subject_names) == ("Lena Lead", ["Carol Colleague"])
    assert (email.to_address, email.context["assigned_by"]) == (colleague.email, "Lena Lead")
    assert email.context["deadline"] == "the end of Mon 9 Mar 2026 (Los Angeles time)"
    assert email.context["url"].endswith(claim.get_admin_url())


def test_who_takes_a_claim_needs_no_email(claim, reviewer):
    give(claim, to=None, actor=reviewer)

    assert owner_of(claim) == reviewer
    assert list_told() == []


def test_each_new_reviewer_is_told(claim, lead, colleague, reviewer):
    for person in (colleague, reviewer, colleague):
        give(claim, to=person, actor=lead)

    assert list_told() == [colleague.email, reviewer.email, colleague.email]


def test_no_one_gets_a_claim_of_a_partner_they_belong_to(claim, lead, colleague, partner):
    """The membership began after the page had read the colleague."""
    assert colleague.memberships.count() == 0
    Membership.objects.create(user_id=colleague.pk, partner=partner)

    with pytest.raises(ReviewerHasStake, match="Carol Colleague is a member of a partner"):
        give(claim, to=colleague, actor=lead)

    assert (owner_of(claim), list_told()) == (None, [])


def test_nor_one_of_which_their_partner_is_a_rival(claim, file_on_monday, lead, colleague):
    rival = cast.make_partner("Rival")
    file_on_monday(Status.SUBMITTED, by=(rival, cast.make_member(rival)), tenant=claim.tenant)
    cast.make_member(rival, user=colleague)

    with pytest.raises(ReviewerHasStake):
        give(claim, to=colleague, actor=lead)

    assert colleague not in assignment.list_candidates(claim, now=timezone.now())


def test_nobody_assigns_a_claim_of_their_own_partner(claim, lead, colleague, partner):
    cast.make_member(partner, user=lead)

    with pytest.raises(ReviewerHasStake, match="You are a member"):
        give(claim, to=colleague, actor=lead)

    assert owner_of(claim) is None


def test_whoever_cannot_review_any_longer_gets_none(claim, lead, colleague):
    colleague.groups.clear()

    with pytest.raises(LifecycleError, match="Carol Colleague can't review claims"):
        give(claim, to=colleague, actor=lead)

    assert owner_of(claim) is None


def test_candidates_may_review_have_no_stake_and_are_not_the_reviewer(
    claim, lead, colleague, reviewer, partner
):
    insider = cast.make_reviewer()
    cast.make_member(partner, user=insider)
    cast.make_staff(SUPPORT)
    gone = cast.make_reviewer(is_active=False)
    give(claim, to=reviewer, actor=lead)
    claim.refresh_from_db()

    found = set(assignment.list_candidates(claim, now=timezone.now()))

    assert found == {colleague}
    assert gone not in set(assignment.list_reviewers())


# --- The decision page ---------------------------------------------------------------------------


def test_a_lead_assigns_from_the_decision_page(claim, lead, colleague):
    client = sign_in(lead)

    page = client.get(claim.get_admin_url()).text
    form = client.get(url(claim)).text
    done = client.post(url(claim), {"revision": claim.revision, "to": colleague.pk}, follow=True)

    assert url(claim) in page
    assert "Carol Colleague" in form
    assert owner_of(claim) == colleague
    assert "Assigned. Your colleague has been told by email." in done.text


@pytest.mark.parametrize("to", ["", "0", "x", "insider"])
def test_someone_who_is_not_offered_cannot_be_chosen(claim, lead, partner, to):
    insider = cast.make_reviewer()
    cast.make_member(partner, user=insider)
    value = insider.pk if to == "insider" else to

    answer = sign_in(lead).post(url(claim), {"revision": claim.revision, "to": value})

    assert answer.status_code == 400
    assert owner_of(claim) is None


@pytest.mark.parametrize(
    ("groups", "status"),
    [((REVIEWER,), 403), ((SUPPORT,), 403), ((REVIEW_LEAD,), 302), ((), 403)],
    ids=str,
)
def test_only_those_with_the_permission_may(claim, colleague, groups, status):
    client = sign_in(cast.make_staff(*groups))

    answer = client.post(url(claim), {"revision": claim.revision, "to": colleague.pk})

    assert answer.status_code == status
    assert owner_of(claim) == (colleague if status == 302 else None)


def test_a_reviewer_is_told_who_can(claim, reviewer):
    client = sign_in(reviewer)

    assert url(claim) not in client.get(claim.get_admin_url()).text
    assert "ask someone in the group “Review lead”" in client.get(url(claim)).text


def test_a_lead_who_is_no_reviewer_decides_nothing(claim, lead):
    client = sign_in(lead)
    begin = reverse("admin:associations_claim_begin", args=[claim.pk])

    page = client.get(claim.get_admin_url()).text
    answer = client.post(begin, {"revision": claim.revision})

    assert begin not in page
    assert answer.status_code == 403
    assert Claim.objects.get(pk=claim.pk).status == Status.SUBMITTED


# --- The queue -----------------------------------------------------------------------------------


def tick(client, *claims, to, **more):
    data = {
        "index": 0,
        "action": "assign_to_colleague",
        "reviewer": to,
        "_selected_action": [each.pk for each in claims],
        **more,
    }
    return client.post(reverse(QUEUE), data, follow=True)


def test_several_are_assigned_from_the_queue(file_on_monday, lead, colleague):
    ticked, left = [file_on_monday(), file_on_monday()], file_on_monday()

    page = tick(sign_in(lead), *ticked, to=colleague.pk)

    assert [owner_of(each) for each in (*ticked, left)] == [colleague, colleague, None]
    assert "2 claims are now assigned to Carol Colleague." in page.text
    assert list_told() == [colleague.email] * 2


def test_those_with_a_stake_are_named_and_skipped(file_on_monday, lead, colleague):
    other = cast.make_partner("Elsewhere")
    cast.make_member(other, user=colleague)
    theirs = file_on_monday(by=(other, cast.make_member(other)))
    free = file_on_monday()

    page = tick(sign_in(lead), theirs, free, to=colleague.pk).text
    all_of_them = tick(sign_in(lead), theirs, to=colleague.pk, select_across="1").text

    assert [owner_of(theirs), owner_of(free)] == [None, colleague]
    assert f"{theirs.reference}: Carol Colleague is a member of a partner" in page
    assert f"{theirs.reference}: " not in all_of_them


@pytest.mark.parametrize("to", ["", "x", "9" * 30, "1\x00"])
def test_without_a_reviewer_nothing_is_assigned(claim, lead, to):
    page = tick(sign_in(lead), claim, to=to)

    assert owner_of(claim) is None
    words = html.unescape(page.text)
    assert "Choose a reviewer." in words or "This person can't review the claim." in words


def test_a_reviewer_is_offered_no_colleagues_and_cannot_assign_to_them(claim, reviewer, colleague):
    client = sign_in(reviewer)

    page = client.get(reverse(QUEUE)).text
    tick(client, claim, to=colleague.pk)

    assert "assign-reviewer" not in page
    assert owner_of(claim) is None


def test_the_queue_of_a_lead_costs_the_same_with_any_number_of_claims(
    file_on_monday, lead, colleague
):
    client = sign_in(lead)

    def count_queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(QUEUE))
        return len(captured)

    file_on_monday()
    count_queries()
    one = count_queries()
    for _each in range(2):
        file_on_monday()

    assert count_queries() == one <= 12


def test_the_queue_is_narrowed_to_one_reviewer_by_the_ageing_pages_link(
    file_on_monday, lead, colleague
):
    given, _other = file_on_monday(), file_on_monday()
    give(given, to=colleague, actor=lead)

    page = sign_in(lead).get(reverse(QUEUE), {"reviewer": colleague.pk})

    assert [each.reference for each in page.context["cl"].result_list] == [given.reference]
