"""A customer's click that waits for the lock and finds, once it has it, that its link is overtaken [R21], [R25]."""

import threading

import pytest
from django.db import transaction
from django.utils import timezone

from associations.claims import lifecycle
from associations.customer import answers, notice_outcomes, notices, optout
from associations.enums import Status
from associations.filing import submission
from associations.models import Association, Claim
from tests import cast

from .racing import race, wait_for_a_waiter, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def actor():
    return cast.make_member(cast.make_partner())


@pytest.fixture
def claim(actor):
    partner = actor.memberships.get().partner
    draft = cast.make_draft(partner, actor, cast.make_tenant())
    claim = cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550", now=timezone.now()
    )
    return Claim.objects.get(pk=claim.pk)


def overtake(claim, *, by, act):
    """Run ``by`` in a transaction that holds the claim, while ``act`` has read and waits for the lock."""
    is_held = threading.Event()

    def hold():
        with transaction.atomic():
            lifecycle.lock_claim(claim.pk)
            is_held.set()
            wait_for_a_waiter(longest=2)
            by()

    def wait():
        assert is_held.wait(10)
        return act()

    _held, outcome = race(hold, wait)
    return outcome


def refuse(claim, token):
    references = list(claim.associations.values_list("reference", flat=True))
    return lambda: optout.opt_out(token, references, at=timezone.now())


OVERTAKING = {
    "a better contact": cast.correct_contact,
    "a withdrawal": lambda claim, actor: submission.withdraw_claim(
        claim, actor=actor, reason="No.", now=timezone.now()
    ),
}


@pytest.mark.parametrize("name", OVERTAKING)
def test_a_link_that_was_overtaken_while_it_waited_refuses_nothing(claim, actor, name):
    token = notices.in_force(claim).get().token

    outcome = overtake(claim, by=lambda: OVERTAKING[name](claim, actor), act=refuse(claim, token))

    assert isinstance(outcome, optout.UnknownLink)
    assert not Association.objects.filter(status="opted-out").exists()


def test_without_the_lock_it_refuses_in_the_name_of_a_contact_who_was_replaced(
    claim, actor, monkeypatch
):
    without_row_locks(monkeypatch)
    token = notices.in_force(claim).get().token

    outcome = overtake(
        claim, by=lambda: cast.correct_contact(claim, actor), act=refuse(claim, token)
    )

    assert isinstance(outcome, optout.Link)


def test_who_said_while_it_waited_that_they_are_not_the_right_person_refuses_nothing(claim, actor):
    cast.correct_contact(claim, actor)
    cast.deliver_notices(claim)
    token = notices.in_force(claim).get().token
    wrong = lambda: answers.decline_as_wrong_person(token, at=timezone.now())  # noqa: E731

    outcome = overtake(claim, by=wrong, act=refuse(claim, token))

    assert isinstance(outcome, optout.LinkGivenUp)
    assert not Association.objects.filter(status="opted-out").exists()
