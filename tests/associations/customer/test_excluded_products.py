"""What the reviewer excluded is no business of the customer's: not shown, not told, not to be chosen [R19]."""

import pytest
from django.utils import timezone

from associations.claims.lifecycle import LifecycleError
from associations.customer import answers, notices, optout
from associations.enums import AssociationStatus, EventKind, Status
from associations.models import Claim
from associations.review import decisions
from notifications.models import Message
from notifications.words.rendering import render
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(draft, admin, reviewer):
    """Approved but for Exchange Online, and its notice delivered."""
    claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)
    excluded = claim.associations.get(product__code="exchange-online")
    decisions.approve_claim(claim, actor=reviewer, exclude=[excluded], now=timezone.now())
    cast.deliver_notices(claim)
    return Claim.objects.get(pk=claim.pk)


@pytest.fixture
def token(claim):
    return notices.in_force(claim).get().token


def reference_of(claim, code):
    return claim.associations.get(product__code=code).reference


def statuses(claim):
    return dict(claim.associations.values_list("product__code", "status"))


def test_the_page_shows_what_is_asked_alone(claim, client, token):
    page = client.get(f"/opt-out/{token}/", follow=True).text

    assert reference_of(claim, "teams") in page
    assert reference_of(claim, "exchange-online") not in page
    assert "Exchange Online" not in page


def test_nor_does_the_page_of_what_is_official(claim, client, token):
    cast._STEPS["finalise"](claim, None, None)

    page = client.get(f"/opt-out/{token}/", follow=True).text

    assert "Teams" in page
    assert reference_of(claim, "exchange-online") not in page
    assert "Exchange Online" not in page


def test_the_notice_names_what_is_asked_alone(claim):
    words = render(Message.objects.get(kind="customer_notice"))

    assert "Teams" in words.text
    assert "Teams" in words.html
    assert "Exchange Online" not in words.text + words.html + words.subject


def test_it_can_not_be_refused_alone(claim, token):
    with pytest.raises(LifecycleError):
        optout.opt_out(token, [reference_of(claim, "exchange-online")], at=timezone.now())

    assert statuses(claim)["exchange-online"] == AssociationStatus.EXCLUDED


def test_nor_with_another(claim, token):
    both = [reference_of(claim, code) for code in ("teams", "exchange-online")]

    optout.opt_out(token, both, at=timezone.now())

    assert statuses(claim) == {"teams": "opted-out", "exchange-online": "excluded"}
    assert claim.events.get(kind=EventKind.OPTED_OUT).subject_names == ["Teams"]


def test_nor_taken_back(claim, token):
    both = [reference_of(claim, code) for code in ("teams", "exchange-online")]
    optout.opt_out(token, both, at=timezone.now())

    optout.take_back(token, both, at=timezone.now())

    assert statuses(claim) == {"teams": "proposed", "exchange-online": "excluded"}


def test_nor_is_it_what_the_customer_calls_right(claim, token):
    answers.confirm(token, at=timezone.now())

    assert claim.events.get(kind=EventKind.CONFIRMED).subject_names == ["Teams"]


def test_nor_does_it_become_official_or_end(claim, token):
    cast._STEPS["finalise"](claim, None, None)
    assert statuses(claim) == {"teams": "official", "exchange-online": "excluded"}

    both = [reference_of(claim, code) for code in ("teams", "exchange-online")]
    optout.end_associations(token, both, at=timezone.now())

    assert statuses(claim) == {"teams": "ended", "exchange-online": "excluded"}
    assert Claim.objects.get(pk=claim.pk).status == Status.ENDED
