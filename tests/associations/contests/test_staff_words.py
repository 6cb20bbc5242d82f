"""What staff write to one partner never tells it who the others in its mediation are [R33]."""

import pytest

from associations.contests.naming import NamesASide
from associations.enums import Actor, InformationReason, RejectionReason, Status
from associations.filing import comments
from associations.models import Comment, Event, MediationCase
from associations.review import decisions

from .conftest import Contest

pytestmark = pytest.mark.django_db


@pytest.fixture
def contest():
    contest = Contest()
    for n in (0, 1):
        contest.submit(n)
        contest.begin(n)
    contest.settle()
    return contest


def comment(contest, words):
    comments.add_comment(
        contest.claims[0], actor=contest.reviewer, side=Actor.STAFF, text=words, now=contest.now
    )


def ask(contest, words):
    reasons = [InformationReason.POE_MISSING]
    decisions.request_information(
        contest.claims[0], actor=contest.reviewer, reasons=reasons, message=words, now=contest.now
    )


def reject(contest, words):
    decisions.reject_claim(
        contest.claims[0],
        actor=contest.reviewer,
        reason=RejectionReason.INSUFFICIENT_POE,
        words=words,
        now=contest.now,
    )


ACTS = [comment, ask, reject]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("is_closed", [False, True])
def test_words_that_name_another_side_are_refused(contest, act, is_closed):
    if is_closed:
        MediationCase.objects.update(closed_at=contest.now, status="closed")
    before = Event.objects.count(), Comment.objects.count()

    for named in (contest.partners[1].name.upper(), contest.claims[1].reference):
        with pytest.raises(NamesASide, match="leave out"):
            act(contest, f"Compare it with {named}.")

    assert contest.read(0).status == Status.UNDER_REVIEW
    assert (Event.objects.count(), Comment.objects.count()) == before


@pytest.mark.parametrize("act", ACTS)
def test_words_about_the_partner_itself_are_sent(contest, act):
    act(contest, f"{contest.partners[0].name}, please look at {contest.claims[0].reference} again.")

    written = [*Comment.objects.values_list("text"), *Event.objects.values_list("reason")]
    assert any("again" in words for (words,) in written)
