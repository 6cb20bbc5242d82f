"""axe over the pages about people: members, invitations, signing in, and what staff have for them."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.utils import timezone
from playwright.sync_api import expect

from partners.audit.access_record import record_sign_in
from partners.enums import Role
from partners.models import Invitation, Partner
from partners.people.invitations import revoke_invitation
from tests import cast
from tests.e2e.axe import look_at, look_at_heading, sign_in, submit, visit
from tests.e2e.steps import PASSWORD, enter_password, follow
from tests.partners.joining_steps import invite, link_of, membership_of
from tests.servers.processes import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SEND = "main form.seat-form button[type=submit]"
ACCOUNT = "form.account-form button[type=submit]"


@pytest.fixture
def contoso(process_env):
    """``process_env`` keeps the password hasher that the site's process has."""
    partner = cast.make_partner("Contoso Consulting")
    cast.LocationFactory(partner=partner, name="Berlin")
    return partner


@pytest.fixture
def ana(contoso):
    return cast.make_member(contoso, email="ana@contoso.example", full_name="Ana Prado")


def run_out(invitation):
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=timezone.now() - dt.timedelta(days=1), is_undelivered=True
    )


def test_pages_of_members(contoso, ana, site, page):
    ben = cast.make_member(
        contoso, Role.INCENTIVES_USER, locations=[contoso.locations.first()], full_name="Ben"
    )
    run_out(invite(contoso, ana, email="late@contoso.example"))
    invitation = invite(contoso, ana)
    record_sign_in(ana)
    url = site().url
    start, his = f"{url}{contoso.get_absolute_url()}", membership_of(ben, contoso).key
    members = f"{start}members"
    sign_in(page, url, ana)

    faults = visit(
        page,
        [
            *(f"{members}/", f"{members}/{his}/", f"{members}/{his}/remove/", f"{members}/leave/"),
            f"{members}/invited/{invitation.key}/revoke/",
            *(f"{start}access/", f"{start}access/?kind=claims_exported"),
            f"{members}/invite/",
        ],
    )
    faults += submit(page, SEND, status=400)

    assert faults == []


def test_pages_for_those_whose_role_or_partner_is_another(contoso, ana, site, page):
    place = contoso.locations.first()
    ben = cast.make_member(contoso, Role.INCENTIVES_USER, locations=[place])
    lia = cast.make_member(contoso, locations=[place])
    other = cast.make_partner("Aurora Soluções")
    cast.make_member(other, user=ana)
    url = site().url
    members = f"{url}{contoso.get_absolute_url()}members"

    sign_in(page, url, ben)
    faults = visit(page, [f"{members}/", f"{url}/admin/login/?next=/admin/"], status=403)
    sign_in(page, url, lia)
    faults += visit(page, [f"{members}/{membership_of(ana, contoso).key}/"], status=403)
    sign_in(page, url, ana)
    faults += visit(page, [f"{url}/", f"{url}/?next=/claims/"])
    page.locator("details.menu summary").click()
    faults += look_at(page, "the menu of someone at two partners")
    follow(page, page.get_by_role("link", name="Aurora Soluções", exact=True))
    expect(page.locator(".page-kicker")).to_have_text("Aurora Soluções")
    page.goto(f"{members}/invite/")
    membership_of(ana, contoso).delete()
    faults += submit(page, SEND, status=404)

    assert faults == []


def test_pages_of_an_invitation(contoso, ana, site, page):
    zoe = cast.UserFactory(email="zoe@contoso.example")
    found = {name: invite(contoso, ana, email=f"{name}@contoso.example") for name in ("new", "zoe")}
    for name in ("late", "revoked"):
        found[name] = invite(contoso, ana, email=f"{name}@contoso.example")
    run_out(found["late"])
    revoke_invitation(found["revoked"], actor=ana)
    url = site().url
    links = {name: url + link_of(each) for name, each in found.items()}

    faults = visit(page, [links["late"], links["revoked"]], status=410)
    faults += visit(page, [f"{url}/invitations/unknown/"], status=404)
    faults += visit(page, [links["zoe"], links["new"]])
    faults += submit(page, ACCOUNT, status=400)
    sign_in(page, url, ana)
    faults += visit(page, [links["zoe"]], status=403)
    sign_in(page, url, zoe)
    faults += visit(page, [links["zoe"]])
    follow(page, page.get_by_role("button", name="Accept the invitation"))
    page.context.clear_cookies()
    faults += visit(page, [links["zoe"]], status=410)
    guesses = (f"{url}/invitations/unknown-{number}/" for number in range(90))
    assert any(page.request.get(each).status == 429 for each in guesses)  # counted by the minute
    faults += visit(page, [f"{url}/invitations/unknown/"], status=429)

    assert faults == []


def test_pages_of_second_factors_and_sessions(contoso, ana, site, page):
    url = site().url
    factors = f"{url}/accounts/2fa"
    sign_in(page, url, ana)

    faults = visit(page, [f"{factors}/", f"{factors}/webauthn/", f"{factors}/webauthn/add/"])
    faults += visit(page, [f"{factors}/totp/activate/"])
    faults += submit(page, ACCOUNT, status=200)
    faults += visit(page, [f"{url}/accounts/reauthenticate/"])
    cast.give_totp(ana)
    passkey = cast.give_passkey(ana)
    RecoveryCodes.activate(ana)
    own = ("", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "reauthenticate/")
    faults += visit(page, [f"{factors}/{each}" for each in own])
    key = f"keys/{passkey.pk}"
    kept = ("", f"{key}/edit/", f"{key}/remove/", "reauthenticate/")
    faults += visit(page, [f"{factors}/webauthn/{each}" for each in kept])

    assert faults == []


def test_pages_between_the_password_and_being_in(contoso, ana, site, page):
    cast.let_sign_in(ana, PASSWORD)
    cast.give_totp(ana)
    cast.give_passkey(ana)
    rita = cast.let_sign_in(cast.make_reviewer(), PASSWORD)
    new = cast.UserFactory()
    cast.let_sign_in(new, PASSWORD)
    EmailAddress.objects.filter(user=new).update(verified=False)
    key = EmailConfirmationHMAC(EmailAddress.objects.get(user=new)).key
    url = site(
        OIDC_SERVER_URL=f"http://127.0.0.1:{free_port()}",
        OIDC_CLIENT_ID="cpor",
        OIDC_CLIENT_SECRET="shared secret",
        OIDC_NAME="Contoso ID",
    ).url

    enter_password(page, url, ana)
    faults = look_at_heading(page, "Second step")
    page.locator("[name=code]").fill("000000")
    faults += submit(page, ACCOUNT, status=200)
    page.context.clear_cookies()
    enter_password(page, url, rita)
    faults += look_at_heading(page, "Sign-in and security")
    faults += visit(page, [f"{url}/accounts/sessions/"])
    assert page.locator("main tbody tr").count() == 1
    page.context.clear_cookies()
    enter_password(page, url, new)
    faults += look_at_heading(page, "Confirm your address")
    confirm = f"{url}/accounts/confirm-email"
    faults += visit(page, [f"{confirm}/{key}/", f"{confirm}/unknown/"])
    faults += visit(page, [f"{url}/accounts/login/"])
    follow(page, page.get_by_role("button", name="Sign in with Contoso ID"))
    faults += look_at_heading(page, "You were not signed in")

    assert faults == []


def test_pages_about_people_for_staff(contoso, ana, site, page):
    invitation = invite(contoso, ana)
    record_sign_in(ana)
    root = cast.make_staff(is_superuser=True)
    new = Partner.objects.create(name="Newcomer")
    url = site().url
    admin, partners = f"{url}/admin", f"{url}/admin/partners"
    sign_in(page, url, root)

    faults = visit(
        page,
        [
            *(f"{admin}/", f"{partners}/partner/{new.pk}/change/", f"{partners}/invitation/"),
            *(f"{partners}/invitation/{invitation.pk}/change/", f"{partners}/accessrecord/"),
            *(f"{admin}/auth/group/", f"{partners}/secondfactor/"),
            f"{partners}/partner/{new.pk}/invite/",
        ],
    )
    faults += submit(page, "form.panel button[type=submit]", status=400)
    sign_in(page, url, cast.make_reviewer())
    faults += visit(page, [f"{partners}/secondfactor/"], status=403)

    assert faults == []
