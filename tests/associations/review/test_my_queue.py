"""From one claim to the next in the reviewer's own queue [R64]."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.enums import Status
from associations.models import Claim
from associations.review import my_queue
from partners.staff_groups import SUPPORT
from tests import cast

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def queue(partner, admin, reviewer):
    """``queue(mine=2, nobodys=1)`` makes claims that wait for staff, each due a day after the one before."""

    def make(*, mine=0, nobodys=0, others=0, status=Status.UNDER_REVIEW):
        colleague = cast.make_reviewer()
        owners = [reviewer] * mine + [None] * nobodys + [colleague] * others
        claims = []
        for owner in owners:
            number = Claim.objects.count()
            draft = cast.make_draft(partner, admin, cast.make_tenant(f"c{number}.example"))
            claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
            due_at = NOW + dt.timedelta(days=number)
            Claim.objects.filter(pk=claim.pk).update(due_at=due_at, assigned_to=owner)
            claims.append(Claim.objects.get(pk=claim.pk))
        return claims

    return make


@pytest.fixture
def desk(reviewer):
    client = Client()
    client.force_login(reviewer)
    return client


def url(name, claim):
    return reverse(f"admin:associations_claim_{name}", args=[claim.pk])


def following(user, claim):
    return my_queue.find_next(user, claim, now=timezone.now())


def preceding(user, claim):
    return my_queue.find_previous(user, claim, now=timezone.now())


def test_the_order_is_that_of_the_deadlines_and_goes_round(queue, reviewer):
    first, second, third = queue(mine=3)

    assert [following(reviewer, each) for each in (first, second, third)] == [second, third, first]
    assert [preceding(reviewer, each) for each in (first, second, third)] == [third, first, second]


def test_one_deadline_is_ordered_by_number(queue, reviewer):
    first, second = queue(mine=2)
    Claim.objects.update(due_at=NOW)
    first.due_at = second.due_at = NOW

    assert following(reviewer, first) == second
    assert preceding(reviewer, second) == first


def test_ones_own_come_before_those_without_a_reviewer(queue, reviewer):
    nobodys = queue(nobodys=1)[0]
    mine, other = queue(mine=2)

    assert following(reviewer, mine) == other
    assert following(reviewer, nobodys) == mine


def test_without_ones_own_it_is_the_one_without_a_reviewer_whose_deadline_follows(queue, reviewer):
    (mine,) = queue(mine=1)
    first, second = queue(nobodys=2)
    queue(others=2)

    assert following(reviewer, mine) == first
    assert following(reviewer, first) == mine
    Claim.objects.filter(pk=mine.pk).update(assigned_to=cast.make_reviewer())
    assert following(reviewer, first) == second


def test_what_does_not_wait_for_staff_is_left_out(queue, reviewer):
    (mine,) = queue(mine=1)
    queue(mine=1, status=Status.ACTION_REQUIRED)
    queue(mine=1, status=Status.APPROVED)

    assert following(reviewer, mine) is None
    assert preceding(reviewer, mine) is None


def test_claims_of_ones_own_partner_are_left_out(queue, reviewer):
    mine = queue(mine=2)[0]
    cast.make_member(mine.partner, user=reviewer)

    assert following(reviewer, mine) is None


def test_a_claim_without_a_deadline_leads_to_the_first(queue, reviewer):
    official = queue(mine=1, status=Status.OFFICIAL)[0]
    first, _second = queue(mine=2)
    official.due_at = None

    assert following(reviewer, official) == first


@pytest.mark.parametrize(("way", "found"), [("next", 2), ("previous", 0)])
def test_links_lead_on(queue, desk, way, found):
    claims = queue(mine=3)

    answer = desk.get(url(way, claims[1]))

    assert answer["Location"] == url("change", claims[found])
    assert f'href="{url(way, claims[1])}"' in desk.get(url("change", claims[1])).content.decode()


def test_the_last_one_leads_to_the_queue_with_a_word(queue, desk):
    (mine,) = queue(mine=1)

    answer = desk.get(url("next", mine))

    assert answer["Location"] == reverse("admin:associations_claim_changelist")
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        "No other claim is waiting for you."
    ]


def test_only_reviewers_have_a_queue(queue):
    (claim,) = queue(mine=1)
    client = Client()
    client.force_login(cast.make_staff(SUPPORT))

    assert client.get(url("next", claim)).status_code == 403


def fill(slug, claim):
    kept = list(claim.associations.values_list("pk", flat=True))
    extra = {
        "approve": {"keep": kept},
        "request": {"reasons": ["poe-missing"], "message": "Please."},
        "reject": {"reason": "insufficient-poe", "words": "No."},
        "decide": {"decision": "turn-down", "words": "No."},
    }
    return {"revision": claim.revision, "step": "next", **extra[slug]}


@pytest.mark.parametrize("slug", ["approve", "request", "reject", "decide"])
def test_deciding_can_lead_to_the_next_claim(queue, desk, slug):
    status = Status.DISPUTE if slug == "decide" else Status.UNDER_REVIEW
    _first, second, third = queue(mine=3, status=status)

    answer = desk.post(url(slug, second), fill(slug, second))

    assert answer["Location"] == url("change", third)
    assert Claim.objects.get(pk=second.pk).status != status
    (words,) = get_messages(answer.wsgi_request)
    assert str(words).startswith(f"{second.reference}: ")


def test_a_second_click_leads_on_as_well(queue, desk):
    first, second = queue(mine=2)
    form = fill("reject", first)
    desk.post(url("reject", first), form)

    answer = desk.post(url("reject", first), form)

    assert answer["Location"] == url("change", second)
    assert Claim.objects.get(pk=first.pk).events.filter(to_status="rejected").count() == 1


def test_a_form_with_errors_leads_nowhere(queue, desk):
    first, _second = queue(mine=2)

    answer = desk.post(url("reject", first), {**fill("reject", first), "words": ""})

    assert answer.status_code == 400
    assert Claim.objects.get(pk=first.pk).status == Status.UNDER_REVIEW


def test_deciding_the_last_one_leads_to_the_queue(queue, desk):
    (mine,) = queue(mine=1)

    answer = desk.post(url("reject", mine), fill("reject", mine))

    assert answer["Location"] == reverse("admin:associations_claim_changelist")
