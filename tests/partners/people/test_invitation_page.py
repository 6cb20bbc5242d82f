"""The page of an invitation's link: GET changes nothing, one clear page for each case [R42]."""

import datetime as dt
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Invitation, Membership, User
from partners.people.invitations import resend_invitation, revoke_invitation
from partners.people.joining import accept_as_new
from partners.people.seats import Seat, read_seat
from tests import cast

from ..joining_steps import (
    ADMIN,
    PASSWORD,
    USER,
    invite,
    is_confirmed,
    join_form,
    link_of,
    membership_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner():
    return cast.make_partner("Contoso", key=cast.KEY)


@pytest.fixture
def ana(partner):
    return cast.make_member(partner, full_name="Ana", email="ana@contoso.example")


@pytest.fixture
def invitation(partner, ana):
    return invite(partner, ana)


@pytest.fixture
def link(invitation):
    return link_of(invitation)


def words(response):
    text = unescape(re.sub(r"<[^>]*>", " ", response.content.decode()))
    return " ".join(text.split())


def nothing_changed(invitation):
    """The invitation can still be used, and no one new is a member."""
    return (
        Invitation.objects.get(pk=invitation.pk).is_in_force
        and Membership.objects.filter(partner=invitation.partner).count() == 1
    )


# --- Without an account --------------------------------------------------------------------------


def test_someone_without_an_account_joins_and_is_signed_in(client, partner, invitation, link):
    page = client.get(link)
    assert "Join Contoso" in words(page)
    assert "nora@contoso.example" in page.content.decode()

    done = client.post(link, join_form(language="pt-br"), follow=True)

    nora = User.objects.get(email="nora@contoso.example")
    assert (nora.full_name, nora.language, nora.check_password(PASSWORD)) == (
        "Nora New",
        "pt-br",
        True,
    )
    assert read_seat(membership_of(nora, partner)) == Seat(USER)
    assert is_confirmed(nora)
    assert done.wsgi_request.user == nora
    assert done.redirect_chain == [(cast.HERE, 302)]


def test_who_joined_signs_in_with_the_chosen_password(client, link):
    client.post(link, join_form())
    client.logout()

    client.post("/accounts/login/", {"login": "NORA@contoso.example", "password": PASSWORD})

    assert client.session["_auth_user_id"] == str(User.objects.get(full_name="Nora New").pk)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"full_name": "  "}, "Enter your name."),
        ({"password": "1234", "password_again": "1234"}, "too short"),
        ({"password": "nora@contoso", "password_again": "nora@contoso"}, "too similar"),
        ({"password_again": "another one 77 x"}, "The passwords don't match."),
        ({"password_again": ""}, "Enter the password again."),
        ({"language": "xx"}, "Select a valid choice"),
    ],
)
def test_a_bad_form_says_what_is_wrong_and_makes_no_one(client, invitation, link, fields, message):
    page = client.post(link, join_form(**fields))

    assert page.status_code == 400
    assert message in words(page)
    assert PASSWORD not in page.content.decode()
    assert nothing_changed(invitation)
    assert User.objects.count() == 1


def test_each_line_of_the_summary_names_its_field_once(client, link):
    wrong = {"full_name": "", "language": "xx", "password": "1234", "password_again": "1234"}

    page = client.post(link, join_form(**wrong))

    lines = re.findall(r'<li><a href="#id_\w+">(.*?)</a></li>', page.text)
    assert lines == [
        "Enter your name.",
        "Language for pages and emails: Select a valid choice. xx is not one of the available choices.",
        "This password is too short. It must contain at least 8 characters.",
        "This password is too common.",
        "This password is entirely numeric.",
    ]


def test_the_address_cannot_be_chosen(client, link):
    client.post(link, join_form(email="other@elsewhere.example"))

    assert User.objects.get(full_name="Nora New").email == "nora@contoso.example"


def test_the_page_speaks_the_mails_language_unless_told_otherwise(client, partner, ana):
    link = link_of(invite(partner, ana, email="zoe@contoso.example", language="pt-br"))

    assert 'lang="pt-br"' in client.get(link).content.decode()
    client.cookies["django_language"] = "en"
    assert 'lang="en"' in client.get(link).content.decode()


# --- With an account -----------------------------------------------------------------------------


def test_someone_with_an_account_signs_in_comes_back_and_accepts(client, partner, invitation, link):
    nora = cast.UserFactory(email="Nora@contoso.example".lower())
    cast.let_sign_in(nora, PASSWORD)
    page = client.get(link)
    sign_in = re.search(r'href="(/accounts/login/\?next=[^"]+)"', page.content.decode())[1]
    assert nothing_changed(invitation)

    back = client.post(sign_in, {"login": nora.email, "password": PASSWORD})
    assert back.url == link
    asking = client.get(link)
    assert "Accept the invitation" in words(asking)
    assert nothing_changed(invitation)
    client.post(link)

    assert membership_of(nora, partner).role == USER


def test_without_signing_in_the_form_of_a_known_address_makes_nothing(client, invitation, link):
    nora = cast.let_sign_in(cast.UserFactory(email=invitation.email), "her own 77 pass")

    page = client.post(link, join_form())

    nora.refresh_from_db()
    assert "there is already an account for your address" in words(page)
    assert nora.check_password("her own 77 pass")
    assert nothing_changed(invitation)
    assert "_auth_user_id" not in client.session


def test_accepting_leads_to_the_new_partner(client, partner, invitation, link):
    aurora = cast.make_partner("Aurora")
    nora = cast.make_member(aurora, user=cast.UserFactory(email=invitation.email))
    client.force_login(nora)

    done = client.post(link, follow=True)

    assert done.redirect_chain == [(cast.HERE, 302)]
    assert "You are a member of Contoso now." in words(done)


def test_someone_else_sees_that_it_is_for_another_address(client, partner, invitation, link):
    eve = cast.make_member(cast.make_partner("Litware"), email="eve@litware.example")
    client.force_login(eve)

    for page in (client.get(link), client.post(link), client.post(link, join_form())):
        assert page.status_code == 403
        assert "n•••@contoso.example" in words(page)
        assert "nora@contoso.example" not in page.content.decode()
        assert partner.name not in page.content.decode()
    assert nothing_changed(invitation)


def test_signing_out_leads_back_to_the_invitation(client, invitation, link):
    client.force_login(cast.UserFactory())

    out = client.post("/accounts/logout/", {"next": link})

    assert out.url == link
    assert "Create account and join" in words(client.get(link))


def test_a_closed_account_is_told_so(client, invitation, link):
    cast.UserFactory(email=invitation.email, is_active=False)

    page = client.get(link)

    assert page.status_code == 403
    assert "This account is closed" in words(page)
    assert nothing_changed(invitation)


# --- Links that do nothing -----------------------------------------------------------------------


def test_reading_changes_nothing_however_often(client, invitation, link):
    before = Invitation.objects.values().get()

    for _ in range(3):
        assert client.get(link).status_code == client.head(link).status_code == 200
    assert client.put(link).status_code == 405

    assert Invitation.objects.values().get() == before
    assert "sessionid" not in client.cookies


def _expire(invitation, ana):
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def _revoke(invitation, ana):
    revoke_invitation(invitation, actor=ana)


def _use(invitation, ana):
    accept_as_new(invitation, person=User(full_name="Nora"))


def _send_again(invitation, ana):
    resend_invitation(invitation, sendings=1, actor=ana)


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    ("happen", "status", "message"),
    [
        (_expire, 410, "This invitation has expired"),
        (_revoke, 410, "This invitation was revoked"),
        (_use, 410, "This invitation has already been used"),
        (_send_again, 404, "We don't recognise this invitation"),
    ],
)
def test_a_dead_link_says_what_it_is_and_does_nothing(
    client, ana, invitation, link, happen, status, message, signed_in
):
    partner = invitation.partner
    happen(invitation, ana)
    if signed_in and happen is not _use:
        client.force_login(cast.UserFactory(email=invitation.email))
    before = Membership.objects.count(), User.objects.count()

    for page in (client.get(link), client.post(link, join_form())):
        assert page.status_code == status
        assert message in words(page)
        assert partner.name not in page.content.decode()
    assert (Membership.objects.count(), User.objects.count()) == before


@pytest.mark.parametrize(("happen", "helps"), [(_expire, False), (_revoke, False), (_use, True)])
def test_a_dead_link_offers_to_sign_in_only_where_that_helps(
    client, ana, invitation, link, happen, helps
):
    happen(invitation, ana)

    page = client.get(link).content.decode()

    main = page[page.index("<main") : page.index("</main>")]
    assert (f'href="{reverse("account_login")}"' in main) == helps


@pytest.mark.parametrize("token", ["x", "a" * 3000, "%00", "..%2f..", "\u00e9"])
def test_an_unknown_key_is_answered_in_words(client, token):
    page = client.get(f"/invitations/{token}/")

    assert page.status_code == 404
    assert "Traceback" not in page.content.decode()


def test_a_second_click_of_who_accepted_goes_on(client, invitation, link):
    client.post(link, join_form())

    assert client.post(link, join_form()).url == cast.HERE
    assert client.get(link).url == cast.HERE
    assert User.objects.filter(email=invitation.email).count() == 1


def test_two_tabs_make_one_account(invitation, link):
    one, two = Client(), Client()
    one.get(link)
    two.get(link)

    first, second = one.post(link, join_form()), two.post(link, join_form())

    assert (first.status_code, second.status_code) == (302, 410)
    assert User.objects.filter(email=invitation.email).count() == 1
    assert "_auth_user_id" not in two.session


def test_pages_with_the_key_are_kept_by_no_one(client, link):
    page = client.get(link)

    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_the_key_is_not_in_the_logs():
    from cpor_site.logs import hide_keys

    lines = [
        "GET /invitations/secret-key_1/",
        "/login/?next=/invitations/secret/",
        "/login/?next=%2Finvitations%2Fsecret-key_1%2F&process=login",
        "/login/?next=%2Faccounts%2Fpassword%2freset%2fkey%2f3-secret%2f",
    ]

    hidden = [hide_keys(None, "info", line) for line in lines]

    assert "secret" not in str(hidden)
    assert hidden[2] == "/login/?next=%2Finvitations%2F••••••%2F&process=login"


def test_an_invited_admin_may_invite_at_once(client, partner, ana):
    link = link_of(invite(partner, ana, email="boss@contoso.example", seat=Seat(ADMIN)))

    client.post(link, join_form())

    assert client.get(f"{cast.HERE}members/").status_code == 200
