"""To accept a dispute is to approve: what the proof does not support may be left out [R16]."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.claims.lifecycle import LifecycleError
from associations.enums import AssociationStatus, EventKind, Status
from associations.models import Claim
from associations.review import decisions
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def disputed(draft, admin, reviewer):
    return cast.walk(draft, Status.DISPUTE, actor=admin, reviewer=reviewer)


@pytest.fixture
def decide(disputed, reviewer):
    """``decide("accept", keep=["teams"])`` sends the form with these products ticked."""
    client = Client()
    client.force_login(reviewer)

    def send(decision, *, keep):
        ticked = disputed.associations.filter(product__code__in=keep)
        return client.post(
            reverse("admin:associations_claim_decide", args=[disputed.pk]),
            {
                "revision": disputed.revision,
                "decision": decision,
                "keep": [each.pk for each in ticked],
                "words": "Page 2 names one.",
            },
        )

    return send


def statuses(claim):
    return dict(claim.associations.values_list("product__code", "status"))


def newest_mail(kind):
    return Message.objects.filter(kind=kind).order_by("-pk").first()


def test_the_page_offers_every_product_ticked(disputed, reviewer):
    client = Client()
    client.force_login(reviewer)

    answer = client.get(reverse("admin:associations_claim_decide", args=[disputed.pk]))

    form = answer.context_data["form"]
    assert [field.name for field in form.list_asked()] == ["decision", "words"]
    page = answer.content.decode()
    products = list(disputed.associations.values_list("pk", flat=True))
    assert len(products) == 2
    for pk in products:
        box = page.partition(f'id="tick-{pk}"')[2].partition(">")[0]
        assert 'name="keep"' in box
        assert "checked" in box
    assert "a cleared product is left out of an approval" in page


def test_all_is_accepted(disputed, decide):
    decide("accept", keep=["teams", "exchange-online"])

    claim = Claim.objects.get(pk=disputed.pk)
    assert claim.status == Status.APPROVED
    assert set(statuses(claim).values()) == {AssociationStatus.PROPOSED}
    assert not claim.events.filter(kind=EventKind.EXCLUDED).exists()


def test_what_is_not_ticked_leaves_the_claim_as_in_an_approval(disputed, decide, reviewer):
    answer = decide("accept", keep=["exchange-online"])

    claim = Claim.objects.get(pk=disputed.pk)
    row = claim.events.get(kind=EventKind.EXCLUDED)
    assert answer.status_code == 302
    assert claim.status == Status.APPROVED
    assert statuses(claim) == {
        "teams": AssociationStatus.EXCLUDED,
        "exchange-online": AssociationStatus.PROPOSED,
    }
    assert (row.subject_names, row.actor_name) == (["Teams"], "Rita Reviewer")
    assert newest_mail("customer_notice").context["products"] == "Exchange Online"
    assert newest_mail("claim_approved").context["products"] == "Exchange Online"


def test_accepting_nothing_is_refused(disputed, decide):
    before = Claim.objects.values().get(pk=disputed.pk)

    answer = decide("accept", keep=[])

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Keep at least one product, or reject the dispute." in page
    assert "Page 2 names one." in page
    assert Claim.objects.values().get(pk=disputed.pk) == before
    assert set(statuses(disputed).values()) == {AssociationStatus.PROPOSED}


@pytest.mark.parametrize("keep", [[], ["teams"], ["teams", "exchange-online"]], ids=len)
def test_turning_down_takes_no_notice_of_the_ticks(disputed, decide, keep):
    answer = decide("turn-down", keep=keep)

    claim = Claim.objects.get(pk=disputed.pk)
    assert (answer.status_code, claim.status) == (302, Status.REJECTED_FINAL)
    assert set(statuses(claim).values()) == {AssociationStatus.PROPOSED}
    assert not claim.events.filter(kind=EventKind.EXCLUDED).exists()


def test_the_domain_refuses_to_leave_nothing(disputed, reviewer):
    every = list(disputed.associations.all())

    with pytest.raises(LifecycleError, match="at least one product"):
        decisions.decide_dispute(
            disputed, actor=reviewer, accept=True, words="-", exclude=every, now=timezone.now()
        )

    assert Claim.objects.get(pk=disputed.pk).status == Status.DISPUTE
