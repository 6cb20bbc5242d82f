"""Invitations fill no one's mailbox, no matter who sends them and how often [R42]."""

import pytest
from django.urls import reverse

from cpor_site.web import counters
from notifications.models import Message
from partners.enums import AccessKind, InvitationState
from partners.models import AccessRecord, Invitation
from partners.people.invitation_limits import BY_ADDRESS, BY_PARTNER
from partners.staff_groups import PROGRAMME_MANAGER
from tests import cast

from ..joining_steps import invite

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    """The clock of the limits, which a test turns; a quarter of an hour has gone by."""
    now = [1_800_000_000.0 + 15 * 60]
    monkeypatch.setattr(counters, "time", lambda: now[0])
    return now


def send(client, email, *, start=cast.HERE):
    form = {"email": email, "language": "pt-br", "role": "incentives_user", "reach": "all"}
    return client.post(f"{start}members/invite/", form)


def resend(client, invitation):
    invitation.refresh_from_db()
    return client.post(
        reverse("partners:invitation-resend", args=[cast.KEY, invitation.key]),
        {"sendings": invitation.sendings},
    )


def test_a_partner_writes_to_so_many_strangers_an_hour(client, partner, ana, at_noon):
    client.force_login(ana)
    answers = [send(client, f"guest{n}@guests.example") for n in range(BY_PARTNER)]

    refused = send(client, "one-more@guests.example")

    assert {answer.status_code for answer in answers} == {302}
    assert (refused.status_code, refused["Retry-After"]) == (429, str(45 * 60))
    assert "Contoso has reached its hourly limit" in refused.context["form"].errors["email"][0]
    assert "Try again in 45 minutes." in refused.text
    assert 'value="one-more@guests.example"' in refused.text
    assert Message.objects.count() == Invitation.objects.count() == BY_PARTNER
    at_noon[0] += 45 * 60
    assert send(client, "one-more@guests.example").status_code == 302


def test_one_address_is_written_to_so_often_an_hour(client, partner, ana, at_noon):
    client.force_login(ana)
    invitation = invite(partner, ana, email="nora@guests.example")
    answers = [resend(client, invitation) for _each in range(BY_ADDRESS - 1)]
    link = Invitation.objects.get().key_digest

    refused = resend(client, invitation)

    assert {answer.status_code for answer in answers} == {302}
    assert (refused.status_code, refused["Retry-After"]) == (429, str(45 * 60))
    assert "No more invitations can be sent to nora@guests.example right now" in refused.text
    assert "Try again in 45 minutes." in refused.text
    assert Message.objects.count() == BY_ADDRESS
    assert Invitation.objects.get().key_digest == link  # what was mailed goes on working
    resent = AccessRecord.objects.filter(kind=AccessKind.INVITATION_RESENT)
    assert resent.count() == BY_ADDRESS - 1
    at_noon[0] += 45 * 60
    assert resend(client, invitation).status_code == 302


def test_several_partners_together_write_to_an_address_no_oftener(client):
    refused = []
    for number in range(BY_ADDRESS + 1):
        partner = cast.make_partner(f"Partner {number}")
        client.force_login(cast.make_member(partner))
        email = ("nora@guests.example", "NORA@Guests.example")[number % 2]
        answer = send(client, email, start=partner.get_absolute_url())
        refused.append(answer.status_code == 429)

    assert refused == [False] * BY_ADDRESS + [True]
    assert Message.objects.count() == BY_ADDRESS


def test_revoking_and_inviting_again_does_not_get_around_it(client, partner, ana):
    client.force_login(ana)
    for _each in range(BY_ADDRESS + 2):
        answer = send(client, "nora@guests.example")
        for invitation in Invitation.objects.unsettled():
            address = reverse("partners:invitation-revoke", args=[cast.KEY, invitation.key])
            client.post(address)

    assert answer.status_code == 429
    assert Message.objects.count() == BY_ADDRESS


def test_anyone_who_may_not_invite_uses_up_nothing(client, partner, ana):
    client.force_login(cast.make_member(partner, "incentives_user"))
    for _each in range(BY_ADDRESS + 1):
        assert send(client, "nora@guests.example").status_code == 403

    assert invite(partner, ana, email="nora@guests.example").is_in_force


def test_no_one_is_held_up_by_another_partners_invitations(partner, ana):
    other = cast.make_partner("Litware")
    for number in range(BY_PARTNER):
        invite(partner, ana, email=f"guest{number}@guests.example")

    assert invite(other, cast.make_member(other)).is_in_force


def test_staff_invite_a_first_admin_so_often_an_hour(client):
    client.force_login(cast.make_staff(PROGRAMME_MANAGER))
    partner = cast.make_partner("Contoso")
    address = reverse("admin:partners_partner_invite", args=[partner.pk])
    form = {"email": "nora@guests.example", "language": "en"}
    answers = [client.post(address, form) for _each in range(BY_ADDRESS)]

    refused = client.post(address, form)

    assert {answer.status_code for answer in answers} == {302}
    assert (refused.status_code, refused["Retry-After"]) == (429, str(45 * 60))
    assert "Try again in 45 minutes." in refused.text
    assert 'value="nora@guests.example"' in refused.text
    assert Message.objects.count() == BY_ADDRESS
    assert Invitation.objects.filter(state=InvitationState.OPEN).count() == 1


@pytest.mark.parametrize(("gone", "words"), [(59 * 60, "in 1 minute."), (3599.5, "in 1 minute.")])
def test_the_last_minute_is_one(client, partner, ana, at_noon, gone, words):
    at_noon[0] = 1_800_000_000.0 + gone
    client.force_login(ana)
    for _each in range(BY_ADDRESS):
        Invitation.objects.unsettled().delete()
        send(client, "nora@guests.example")
    Invitation.objects.unsettled().delete()

    assert words in send(client, "nora@guests.example").text
