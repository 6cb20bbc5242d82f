"""An answer after its time is no answer, whether or not the sweep has been there [R4]."""

import datetime as dt

import pytest
from django.utils import timezone

from associations.claims.lifecycle import LifecycleError
from associations.display import turns
from associations.enums import EventKind, RejectionReason, Status, SubscriptionState
from associations.filing import completeness, submission
from associations.models import Claim, Subscription
from associations.tasks import close_unanswered_claims
from notifications.models import Message
from partners.models import Enrollment
from tests import cast

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)
WORDS = "It is on page 2."
TOO_LATE = "The deadline to answer has passed."


@pytest.fixture
def asked(draft, admin, reviewer):
    return cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)


@pytest.fixture
def signed_in(client, admin):
    client.force_login(admin)
    return client


def state_of(claim):
    fresh = Claim.objects.get(pk=claim.pk)
    kinds = list(fresh.events.values_list("kind", flat=True))
    return fresh.status, fresh.revision, fresh.due_at, kinds, Message.objects.count()


def test_up_to_the_instant_it_counts(asked, admin):
    with cast.at(asked.due_at - SECOND):
        submission.answer_request(asked, actor=admin, answer=WORDS, now=timezone.now())

    assert Claim.objects.get(pk=asked.pk).status == Status.UNDER_REVIEW


def test_from_the_instant_on_it_changes_nothing(asked, admin):
    before = state_of(asked)

    with cast.at(asked.due_at), pytest.raises(LifecycleError, match=TOO_LATE):
        submission.answer_request(asked, actor=admin, answer=WORDS, now=timezone.now())

    assert state_of(asked) == before


def test_the_sweep_then_rejects_and_the_partner_may_dispute(asked, admin):
    with cast.at(asked.due_at):
        with pytest.raises(LifecycleError):
            submission.answer_request(asked, actor=admin, answer=WORDS, now=timezone.now())
        close_unanswered_claims()

    fresh = Claim.objects.get(pk=asked.pk)
    assert (fresh.status, fresh.rejection_reason) == (
        Status.REJECTED,
        RejectionReason.NO_PARTNER_RESPONSE,
    )
    assert fresh.events.filter(kind=EventKind.MOVED, to_status=Status.REJECTED).count() == 1


def test_the_claims_page_offers_no_answer_and_says_why(signed_in, asked):
    address = f"/claims/{asked.reference}/"
    with cast.at(asked.due_at - SECOND):
        before = signed_in.get(address).text
    with cast.at(asked.due_at):
        after = signed_in.get(address).text

    assert f"{address}answer/" in before
    assert TOO_LATE not in before
    assert f"{address}answer/" not in after
    assert TOO_LATE in after
    assert "An Incentives admin of your company sends the answer" not in after
    assert "then answer. If you don't answer" not in after


def test_the_answer_page_leads_back_and_says_why(signed_in, asked):
    with cast.at(asked.due_at):
        page = signed_in.get(f"/claims/{asked.reference}/answer/", follow=True)

    assert page.redirect_chain[-1][0] == f"/claims/{asked.reference}/"
    assert [str(each).startswith(TOO_LATE) for each in page.context["messages"]] == [True]


def test_a_form_sent_too_late_keeps_its_words_and_offers_no_second_try(signed_in, asked):
    before = state_of(asked)

    with cast.at(asked.due_at):
        page = signed_in.post(
            f"/claims/{asked.reference}/answer/", {"revision": asked.revision, "words": WORDS}
        )

    assert page.status_code == 409
    assert "Nothing was changed" in page.text
    assert TOO_LATE in page.text
    assert WORDS in page.text
    assert "Send answer" not in page.text
    assert state_of(asked) == before


def test_no_one_has_to_do_anything_until_the_sweep_comes(asked):
    assert not turns.is_settled_by_a_sweep(asked, now=asked.due_at - SECOND)
    assert turns.is_settled_by_a_sweep(asked, now=asked.due_at)


@pytest.mark.parametrize("lapses", ["enrollment", "subscription"])
def test_what_lapsed_after_submission_does_not_block_the_answer(
    partner, admin, tenant, reviewer, lapses
):
    """The partner could not cure it, and the sweep would then say that no one answered."""
    draft = cast.make_draft(partner, admin, tenant, codes=["sales"])
    asked = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    if lapses == "enrollment":
        Enrollment.objects.update(ends_on=dt.date(2020, 6, 30))
    else:
        Subscription.objects.update(state=SubscriptionState.EXPIRED)

    submission.answer_request(asked, actor=admin, answer=WORDS, now=timezone.now())

    assert Claim.objects.get(pk=asked.pk).status == Status.UNDER_REVIEW


def test_it_still_blocks_the_submission(partner, admin, tenant):
    draft = cast.make_draft(partner, admin, tenant)
    Enrollment.objects.update(ends_on=dt.date(2020, 6, 30))

    with pytest.raises(completeness.ClaimIncomplete) as refused:
        submission.submit_claim(draft, actor=admin, now=timezone.now())

    assert list(refused.value.missing) == ["work"]


def test_a_lapsed_location_may_stay_on_a_submitted_claim(signed_in, asked):
    Enrollment.objects.update(ends_on=dt.date(2020, 6, 30))
    fields = {"revision": asked.revision, "action": "continue", "location": asked.location_id}

    answer = signed_in.post(f"/claims/{asked.reference}/edit/customer/", fields)

    assert answer.status_code == 302
