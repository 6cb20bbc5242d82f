"""The members page and what can be done from it, in the browser's place [R41], [R42], [R43], [R45]."""

import datetime as dt
import re
import uuid
from html import unescape

import pytest
from django.urls import reverse

from notifications.models import Message
from partners.enums import InvitationState
from partners.models import Invitation, Membership
from partners.people.seats import Seat, read_seat
from tests import cast

from ..joining_steps import ADMIN, USER, chosen, invite, membership_of

pytestmark = pytest.mark.django_db

MEMBERS = f"{cast.HERE}members/"
INVITE = f"{MEMBERS}invite/"
LEAVE = f"{MEMBERS}leave/"


@pytest.fixture
def partner():
    return cast.make_partner("Contoso", key=cast.KEY)


@pytest.fixture
def places(partner):
    return [partner.locations.get(), cast.LocationFactory(partner=partner, name="Berlin")]


@pytest.fixture
def ana(partner, client):
    person = cast.make_member(partner, full_name="Ana", email="ana@contoso.example")
    client.force_login(person)
    return person


@pytest.fixture
def ben(partner):
    person = cast.make_member(partner, USER, full_name="Ben", email="ben@contoso.example")
    return membership_of(person, partner)


def words(response):
    text = unescape(re.sub(r"<[^>]*>", " ", response.content.decode()))
    return " ".join(text.split())


def url(name, *args):
    return reverse(f"partners:{name}", args=[cast.KEY, *args])


# --- The list ------------------------------------------------------------------------------------


def test_the_page_lists_members_and_open_invitations_of_this_partner_only(
    client, partner, ana, ben, places
):
    invite(partner, ana, seat=chosen(places[1]))
    other = cast.make_partner("Litware")
    rival = cast.make_member(other, full_name="Lina Rival", email="lina@litware.example")
    invite(other, rival, email="marker@litware.example")

    page = client.get(MEMBERS)

    text = words(page)
    for part in ("Ana (you)", "ben@contoso.example", "nora@contoso.example", "Berlin"):
        assert part in text
    for part in ("Lina Rival", "litware.example", "Litware"):
        assert part not in text


def test_times_are_those_of_the_readers_first_location(client, partner, ana, places):
    invite(partner, ana)
    Invitation.objects.update(expires_at=dt.datetime(2026, 12, 1, 3, 30, tzinfo=dt.UTC))
    partner.locations.update(name="Zurich")
    cast.LocationFactory(partner=partner, name="Austin", time_zone="America/Chicago")

    text = words(client.get(MEMBERS))

    assert "30 Nov 2026, 21:30" in text
    assert "Times are shown in Chicago time." in text


def test_one_that_ran_out_or_came_back_says_so(client, partner, ana):
    invitation = invite(partner, ana)
    Invitation.objects.update(expires_at=invitation.invited_at, is_undelivered=True)

    text = words(client.get(MEMBERS))

    assert "Expired: send it again" in text
    assert "couldn't be delivered" in text


def test_the_header_leads_admins_there_and_no_one_else(client, partner, ana, ben):
    assert f'href="{MEMBERS}"' in client.get(cast.HERE).content.decode()
    client.force_login(ben.user)
    assert f'href="{MEMBERS}"' not in client.get(cast.HERE).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_three_as_for_one(
    client, partner, ana, places, django_assert_num_queries, number
):
    for n in range(number):
        cast.make_member(partner, USER, locations=places)
        invite(partner, ana, email=f"n{n}@contoso.example", seat=chosen(*places))
    client.get(MEMBERS)

    with django_assert_num_queries(10):
        client.get(MEMBERS)


# --- Who may -------------------------------------------------------------------------------------


def addresses(member, invitation):
    return [
        MEMBERS,
        INVITE,
        url("member", member.key),
        url("member-remove", member.key),
        url("invitation-revoke", invitation.key),
    ]


def test_a_user_sees_who_can_do_it_and_changes_nothing(client, partner, ana, ben):
    invitation = invite(partner, ana)
    client.force_login(ben.user)

    looks = [client.get(each) for each in addresses(ben, invitation)]
    acts = [*addresses(ben, invitation)[1:], url("invitation-resend", invitation.key)]

    for page in [*looks, *(client.post(each) for each in acts)]:
        assert page.status_code == 403
        assert "ana@contoso.example" in words(page)
    assert Invitation.objects.get().is_in_force
    assert Message.objects.count() == 1


def test_a_strangers_member_or_invitation_is_not_there(client, partner, ana):
    other = cast.make_partner("Litware")
    rival = cast.make_member(other)
    theirs = invite(other, rival)

    for address in addresses(membership_of(rival, other), theirs)[2:]:
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    resend = client.post(url("invitation-resend", theirs.key), {"sendings": 1})
    assert resend.status_code == 404
    assert (Membership.objects.count(), Message.objects.count()) == (2, 1)


def test_addresses_tell_no_one_how_many_members_and_invitations_there_are(
    client, partner, ana, ben
):
    invitation = invite(partner, ana)

    page = client.get(MEMBERS)

    for key in (ben.key, invitation.key):
        assert f"/{key}/" in page.text
    for number in (ben.pk, invitation.pk):
        assert not re.search(rf"/members/(invited/)?{number}/", page.text)
        assert client.get(f"{MEMBERS}{number}/").status_code == 404
        assert client.get(f"{MEMBERS}invited/{number}/revoke/").status_code == 404


def test_a_member_that_never_was_is_not_there(client, ana):
    assert client.get(f"{MEMBERS}{uuid.uuid4()}/").status_code == 404


def test_someone_of_no_partner_finds_nothing(client):
    client.force_login(cast.UserFactory())

    assert [client.get(each).status_code for each in (MEMBERS, INVITE, LEAVE)] == [404, 404, 404]


def test_reading_pages_changes_nothing(client, partner, ana, ben):
    invitation = invite(partner, ana)

    for address in [*addresses(ben, invitation), LEAVE]:
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200

    assert client.get(url("invitation-resend", invitation.key)).status_code == 405
    assert Membership.objects.count() == 2
    assert Invitation.objects.get().sendings == 1


# --- Inviting ------------------------------------------------------------------------------------


def test_someone_is_invited_for_chosen_locations(client, partner, ana, places):
    data = {
        "email": " Nora+sales@Contoso.example ",
        "language": "pt-br",
        "role": USER,
        "reach": "chosen",
        "locations": [places[1].pk],
    }

    response = client.post(INVITE, data, follow=True)

    invitation = Invitation.objects.get()
    assert invitation.email == "Nora+sales@contoso.example"
    assert read_seat(invitation) == chosen(places[1])
    assert Message.objects.get().language == "pt-br"
    assert "on its way to Nora+sales@contoso.example" in words(response)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "", "Enter the email address of the person you're inviting."),
        ("email", "nora", "Enter an email address such as name@contoso.com."),
        ("email", "nora@contoso.example, ben@contoso.example", "enter one email address"),
        ("email", "n\u00f3ra@contoso.example", "without accents"),
        ("email", "\u212aim@contoso.example", "without accents"),
        ("email", "BEN@contoso.example", "is already a member of Contoso"),
        ("role", "", "Choose a role."),
        ("role", "owner", "Select a valid choice"),
        ("reach", "", "Choose the locations this role applies to."),
        ("reach", "chosen", "Choose at least one location."),
    ],
)
def test_a_bad_invitation_says_what_is_wrong_and_keeps_what_was_typed(
    client, partner, ana, ben, field, value, message
):
    good = {"email": "nora@contoso.example", "language": "en", "role": USER, "reach": "all"}

    page = client.post(INVITE, {**good, field: value})

    assert page.status_code in (400, 409)
    assert message in words(page)
    assert page.context["form"][field].value() == value
    assert not Invitation.objects.exists()


def test_a_strangers_location_cannot_be_given(client, partner, ana):
    stranger = cast.LocationFactory(name="Marker place")
    data = {"email": "nora@contoso.example", "language": "en", "role": USER, "reach": "chosen"}

    page = client.post(INVITE, {**data, "locations": [stranger.pk]})

    assert page.status_code == 400
    assert "Marker place" not in words(page)
    assert not Invitation.objects.exists()


def test_an_address_invited_twice_is_said_at_the_field(client, partner, ana):
    invite(partner, ana)
    data = {"email": "NORA@contoso.example", "language": "en", "role": USER, "reach": "all"}

    page = client.post(INVITE, data)

    assert page.status_code == 409
    assert "has already been invited" in page.context["form"].errors["email"][0]


def test_sending_again_by_a_double_click_sends_one_mail(client, partner, ana):
    invitation = invite(partner, ana)
    address = url("invitation-resend", invitation.key)

    client.post(address, {"sendings": 1})
    page = client.post(address, {"sendings": 1}, follow=True)

    assert Message.objects.count() == 2
    assert "A new link has just been sent" in words(page)


@pytest.mark.parametrize("sendings", ["", "x", "-1", "9" * 30])
def test_a_damaged_resend_form_sends_nothing(client, partner, ana, sendings):
    invitation = invite(partner, ana)

    client.post(url("invitation-resend", invitation.key), {"sendings": sendings})

    assert Message.objects.count() == 1


def test_revoking_asks_first(client, partner, ana):
    invitation = invite(partner, ana)
    address = url("invitation-revoke", invitation.key)

    assert "nora@contoso.example" in words(client.get(address))
    client.post(address)
    again = client.post(address, {}, follow=True)

    assert Invitation.objects.get().state == InvitationState.REVOKED
    assert "no longer open" in words(again)


# --- Changing, removing, leaving -----------------------------------------------------------------


def test_a_role_is_changed_as_the_page_showed_it(client, partner, ana, ben, places):
    address = url("member", ben.key)
    shown = client.get(address).context["form"]["shown"].value()
    data = {"shown": shown, "role": ADMIN, "reach": "chosen", "locations": [places[0].pk]}

    client.post(address, data)
    late = client.post(address, {**data, "role": USER}, follow=True)

    assert read_seat(Membership.objects.get(pk=ben.pk)) == chosen(places[0], role=ADMIN)
    assert "Someone else has changed this" in words(late)


def test_the_last_admin_is_told_why_not(client, partner, ana, ben):
    mine = membership_of(ana, partner)
    data = {"shown": read_seat(mine).code, "role": USER, "reach": "all"}

    change = client.post(url("member", mine.key), data)
    leave = client.post(LEAVE)

    for page in (change, leave):
        assert page.status_code == 409
        assert "The last Incentives admin for all locations cannot" in words(page)
    assert membership_of(ana, partner).role == ADMIN
    assert "Leave</button>" not in client.get(LEAVE).content.decode()


def test_who_gives_up_the_role_is_led_to_the_dashboard(client, partner, ana):
    cast.make_member(partner)
    mine = membership_of(ana, partner)
    data = {"shown": read_seat(mine).code, "role": USER, "reach": "all"}

    response = client.post(url("member", mine.key), data)

    assert response.url == cast.HERE
    assert client.get(MEMBERS).status_code == 403


def test_removing_asks_and_ends_access_at_the_next_request(client, partner, ana, ben):
    from django.test import Client

    theirs = Client()
    theirs.force_login(ben.user)
    draft = cast.make_draft(partner, ben.user, cast.make_tenant())
    assert theirs.get(draft.get_absolute_url()).status_code == 200

    assert "Remove Ben" in words(client.get(url("member-remove", ben.key)))
    client.post(url("member-remove", ben.key))

    assert theirs.get(draft.get_absolute_url()).status_code == 404
    assert theirs.get(cast.HERE).status_code == 404
    typed = theirs.post(f"{cast.HERE}claims/new/", {"location": 1})
    assert typed.status_code == 404
    assert client.get(draft.get_absolute_url()).status_code == 200


def test_removing_someone_twice_finds_no_one(client, partner, ana, ben):
    client.post(url("member-remove", ben.key))

    assert client.post(url("member-remove", ben.key)).status_code == 404


def test_removing_oneself_is_leaving(client, partner, ana):
    mine = membership_of(ana, partner)

    assert client.get(url("member-remove", mine.key)).url == LEAVE


def test_anybody_may_leave_and_is_told_what_ends(client, partner, ana, ben):
    client.force_login(ben.user)

    assert "Leave Contoso" in words(client.get(LEAVE))
    page = client.post(LEAVE, follow=True)

    assert "You are no longer a member of Contoso." in words(page)
    assert membership_of(ben.user, partner) is None
    assert membership_of(ana, partner) is not None


def test_leaving_one_partner_leaves_the_other(client, partner):
    other = cast.make_partner("Zephyr")
    sam = cast.make_member(partner, USER)
    cast.make_member(other, USER, user=sam)
    client.force_login(sam)

    client.post(LEAVE)

    assert [each.partner for each in sam.memberships.all()] == [other]


# --- An admin for chosen locations ---------------------------------------------------------------


def test_an_admin_for_chosen_locations_sees_all_and_manages_theirs(client, partner, ana, places):
    gerd = cast.make_member(partner, ADMIN, locations=[places[1]], full_name="Gerd")
    inside = cast.make_member(partner, USER, locations=[places[1]])
    everywhere = invite(partner, ana)
    client.force_login(gerd)

    page = client.get(MEMBERS)

    listed = {each.user: each.may_manage for each in page.context["members"]["rows"]}
    assert listed == {ana: False, gerd: True, inside: True}
    beyond = client.get(url("member", membership_of(ana, partner).key))
    assert beyond.status_code == 403
    assert "ana@contoso.example" in words(beyond)
    assert "Gerd" not in beyond.context["people"]
    refused = client.post(url("invitation-revoke", everywhere.key))
    assert refused.status_code == 403
    assert Invitation.objects.get().is_in_force


def test_an_admin_for_chosen_locations_is_offered_no_more(client, partner, ana, places):
    client.force_login(cast.make_member(partner, ADMIN, locations=[places[1]]))
    data = {"email": "nora@contoso.example", "language": "en", "role": USER}

    form = client.get(INVITE).context["form"]
    forged = client.post(INVITE, {**data, "reach": "all"})
    wider = client.post(INVITE, {**data, "locations": [places[0].pk]})

    assert "reach" not in form.fields
    assert list(form.fields["locations"].queryset) == [places[1]]
    assert (forged.status_code, wider.status_code) == (400, 400)
    client.post(INVITE, {**data, "locations": [places[1].pk]})
    assert read_seat(Invitation.objects.get()) == chosen(places[1])


def test_seats_say_whom_they_reach():
    assert Seat(ADMIN).may_manage(Seat(ADMIN))
    assert not Seat(USER).may_manage(Seat(USER))
    assert not Seat(ADMIN, frozenset({1})).may_manage(Seat(USER))
    assert Seat(ADMIN, frozenset({1, 2})).may_manage(Seat(ADMIN, frozenset({2})))


@pytest.mark.parametrize("sendings", ["", "-1", "²", "9" * 5000], ids=["none", "-1", "²", "long"])
def test_a_number_of_sendings_that_is_none_sends_nothing(client, partner, ana, sendings):
    invitation = invite(partner, ana, email="nina@partner.example")
    client.force_login(ana)

    answer = client.post(url("invitation-resend", invitation.key), {"sendings": sendings})

    invitation.refresh_from_db()
    assert answer.url == MEMBERS
    assert invitation.sendings == 1
