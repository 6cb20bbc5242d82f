"""A notice is handled by staff without a stake in its claim [R19], [R21]."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from associations.enums import Actor
from notifications.enums import State
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db

REFUSAL = "You are a member of this claim&#x27;s partner"
ROOT = "superuser of the partner"


@pytest.fixture
def claim(approve):
    """The mail server accepted its notice: the customer's clock runs."""
    claim = approve()
    cast.deliver_notices(claim)
    assert claim.due_at
    return claim


@pytest.fixture
def notice(claim):
    """The mail that carried it."""
    Message.objects.filter(kind="customer_notice").update(state=State.SENT)
    return Message.objects.get(kind="customer_notice")


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(params=["reviewer of the partner", ROOT])
def insider(request, partner):
    person = (
        get_user_model().objects.create_superuser("root@northwind.example", "x")
        if request.param == ROOT
        else cast.make_reviewer()
    )
    return sign_in(cast.make_member(partner, user=person))


def page_of(message):
    return reverse("admin:notifications_message_change", args=[message.pk])


def url(name, message):
    return reverse(f"admin:message-{name}", args=[message.pk])


def test_a_partners_reviewer_stops_no_clock_of_its_claim(notice, claim, insider):
    before = (claim.due_at, claim.turn, claim.history_length)

    page = insider.get(page_of(notice)).content.decode()
    answer = insider.post(url("bounced", notice), {"reason": "they phoned"})

    claim.refresh_from_db()
    notice.refresh_from_db()
    assert answer.status_code == 403
    assert REFUSAL in answer.content.decode()
    assert url("bounced", notice) not in page
    assert (claim.due_at, claim.turn, claim.history_length) == before
    assert notice.state == State.SENT


@pytest.mark.parametrize("way", ["button", "action"])
def test_a_partners_reviewer_has_no_notice_of_its_claim_sent_again(notice, insider, way):
    Message.objects.filter(pk=notice.pk).update(state=State.FAILED)
    page = insider.get(page_of(notice)).content.decode()

    if way == "button":
        answer = insider.post(url("retry", notice))
    else:
        data = {"action": "try_again_now", "_selected_action": [notice.pk]}
        place = reverse("admin:notifications_message_changelist")
        answer = insider.post(place, data, follow=True)

    assert url("retry", notice) not in page
    assert REFUSAL in answer.content.decode()
    assert Message.objects.get(pk=notice.pk).state == State.FAILED


def test_a_reviewer_without_a_stake_marks_and_retries(notice, claim):
    elsewhere = cast.make_partner("Another Consulting")
    client = sign_in(cast.make_member(elsewhere, user=cast.make_reviewer()))

    page = client.get(page_of(notice)).content.decode()
    client.post(url("bounced", notice), {"reason": "they phoned"})
    claim.refresh_from_db()
    bounced = Message.objects.get(pk=notice.pk).state
    Message.objects.filter(pk=notice.pk).update(state=State.FAILED)
    client.post(url("retry", notice))

    assert url("bounced", notice) in page
    assert (bounced, claim.due_at, claim.turn) == (State.BOUNCED, None, Actor.PARTNER)
    assert Message.objects.get(pk=notice.pk).state == State.QUEUED


def test_mails_about_no_claim_are_everybodys_of_the_group(partner):
    cast.make_member(partner, user=(reviewer := cast.make_reviewer()))
    mail = Message.objects.create(
        key="x:1", kind="password_reset", to_address="a@b.example", language="en", context={}
    )
    Message.objects.update(state=State.FAILED)

    sign_in(reviewer).post(url("retry", mail))

    assert Message.objects.get(pk=mail.pk).state == State.QUEUED
