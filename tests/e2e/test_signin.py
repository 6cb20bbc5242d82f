"""Signing in with a browser: passkeys on a virtual device, authenticator app, sessions, company account [R44]."""

import re

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.e2e.steps import PASSWORD, enter_code, enter_password, follow
from tests.servers.openid import OpenIdProvider

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SECURITY = "/accounts/2fa/"
QUEUE = "/admin/associations/claim/"


@pytest.fixture
def ana(process_env):
    person = cast.make_member(cast.make_partner("Contoso Consulting"), email="ana@contoso.example")
    return cast.let_sign_in(person, PASSWORD)


@pytest.fixture
def rita(process_env):
    return cast.let_sign_in(cast.make_reviewer(email="rita@operator.example"), PASSWORD)


@pytest.fixture
def open_page(browser):
    """Pages in contexts of their own; what the browser complains about fails the test."""
    complaints = []

    def make(url, **device):
        page = browser.new_context(base_url=url, **device).new_page()
        page.on("console", lambda line: note(line, url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    def note(line, url):
        is_ours = line.location["url"].startswith(url)  # the company's pages are its own affair
        if line.type == "error" and is_ours and "status of 403" not in line.text:
            complaints.append(line.text)

    yield make
    assert complaints == []


@pytest.fixture
def url(site):
    """By this name, since browsers know no passkeys for an address in figures."""
    return site().url.replace("127.0.0.1", "localhost")


def add_device(page, **options):
    """A device in the browser that keeps passkeys and knows its person."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **options,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    return session, made["authenticatorId"]


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def confirm_password(page):
    page.get_by_label("Password").fill(PASSWORD)
    follow(page, button(page, "Confirm"))


def sign_out(page):
    page.locator("details.menu summary, #logout-form").first.click()
    follow(page, button(page, "Sign out"))
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def begin_passkey(page, name):
    page.goto(SECURITY)
    follow(page, page.get_by_role("link", name="Add a passkey"))
    if "reauthenticate" in page.url:
        confirm_password(page)
    page.get_by_label("Name").fill(name)


def add_passkey(page, name):
    begin_passkey(page, name)
    follow(page, button(page, "Add the passkey"))


def test_a_passkey_is_made_and_signs_in_without_a_password(ana, url, open_page):
    page = open_page(url, viewport={"width": 390, "height": 800})
    add_device(page)
    enter_password(page, url, ana)
    add_passkey(page, "Telephone")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator(".code-list li")).to_have_count(10)
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("row", name=re.compile("Telephone"))).to_be_visible()
    sign_out(page)

    page.goto("/accounts/login/?next=/claims/")
    follow(page, button(page, "Sign in with a passkey"))

    page.wait_for_url("**/claims/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_staff_make_a_passkey_before_the_admin_opens(rita, url, open_page):
    page = open_page(url)
    add_device(page)
    enter_password(page, url, rita)
    expect(page.get_by_text("Staff need two-step sign-in")).to_be_visible()
    page.goto(QUEUE)
    page.wait_for_url(f"**{SECURITY}")

    add_passkey(page, "Key")
    follow(page, page.get_by_role("link", name="I've saved them. Continue"))
    page.wait_for_url("**/admin/")
    page.goto("/accounts/logout/")
    follow(page, button(page, "Sign out"))

    page.goto("/accounts/login/?next=" + QUEUE)
    follow(page, button(page, "Sign in with a passkey"))
    page.wait_for_url(f"**{QUEUE}")


def test_a_passkey_is_the_second_step_after_a_password(ana, url, open_page):
    page = open_page(url)
    add_device(page)
    enter_password(page, url, ana)
    add_passkey(page, "Laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)

    enter_password(page, url, ana)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    follow(page, button(page, "Use a passkey"))

    page.wait_for_url(re.compile(r"/p/\w+/$"))


def test_a_passkey_of_someone_else_is_said_to_be_none(ana, url, open_page):
    page = open_page(url)
    add_device(page)

    page.goto("/accounts/login/")
    button(page, "Sign in with a passkey").click()

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("No passkey was used")
    expect(alert).to_be_focused()


def test_a_device_that_does_not_know_its_person_makes_no_passkey(ana, url, open_page):
    page = open_page(url)
    add_device(page, isUserVerified=False)
    enter_password(page, url, ana)

    begin_passkey(page, "Found in the street")
    button(page, "Add the passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("No passkey was created")
    expect(page.get_by_label("Name")).to_have_value("Found in the street")


def test_without_passkeys_the_page_offers_an_app(ana, url, open_page):
    page = open_page(url, java_script_enabled=False)
    enter_password(page, url, ana)
    page.goto(SECURITY)
    follow(page, page.get_by_role("link", name="Add a passkey"))
    confirm_password(page)

    expect(page.get_by_text("This browser doesn't support passkeys")).to_be_visible()
    expect(page.get_by_role("button", name="Add the passkey")).to_be_hidden()
    follow(page, page.get_by_role("link", name="Set up an authenticator app"))
    expect(page.locator("img.qr")).to_be_visible()


def test_staff_set_up_an_app_and_sign_in_with_its_code(rita, url, open_page):
    page = open_page(url)
    enter_password(page, url, rita)
    follow(page, page.get_by_role("link", name="Set up an app"))
    confirm_password(page)
    secret = page.locator("code.secret").inner_text()
    enter_code(page, "123", "Set up the app")
    expect(page.get_by_role("alert").first).to_contain_text("That code is wrong")
    assert page.locator("code.secret").inner_text() == secret
    enter_code(page, cast.totp_code(secret), "Set up the app")
    code = page.locator(".code-list li").first.inner_text()
    follow(page, page.get_by_role("link", name="I've saved them. Continue"))
    page.wait_for_url("**/admin/")
    page.goto("/accounts/logout/")
    follow(page, button(page, "Sign out"))

    enter_password(page, url, rita)
    enter_code(page, "000000")
    expect(page.get_by_role("alert").first).to_be_visible()
    enter_code(page, code)  # one of the recovery codes, the telephone being elsewhere

    page.wait_for_url("**/admin/")


def test_a_lost_laptop_is_signed_out_from_elsewhere(ana, url, open_page):
    laptop, desk = open_page(url), open_page(url)
    enter_password(laptop, url, ana)
    laptop.wait_for_url(re.compile(r"/p/\w+/$"))
    enter_password(desk, url, ana)
    desk.goto(SECURITY)
    follow(desk, desk.get_by_role("link", name="See sessions"))
    expect(desk.locator("tbody tr")).to_have_count(2)

    follow(desk, button(desk, "Sign out everywhere else"))

    expect(desk.locator("tbody tr")).to_have_count(1)
    laptop.goto("/claims/")
    laptop.wait_for_url("**/accounts/login/**")


def test_a_company_account_signs_in(ana, site, open_page):
    with OpenIdProvider() as provider:
        url = site(
            OIDC_SERVER_URL=provider.url,
            OIDC_CLIENT_ID="cpor",
            OIDC_CLIENT_SECRET="shared secret",
            OIDC_NAME="Contoso ID",
        ).url
        provider.knows("ana", email=ana.email, email_verified=True)
        provider.knows("eve", email="eve@contoso.example", email_verified=True)
        page = open_page(url)

        for subject in ("eve", "ana"):
            page.goto("/accounts/login/?next=/claims/")
            follow(page, button(page, "Sign in with Contoso ID"))
            page.wait_for_url(f"{provider.url}/**")
            page.locator("[name=sub]").first.fill(subject)
            follow(page, page.locator("button[type=submit]").first)
            page.wait_for_url(f"{url}/**")
            if subject == "eve":
                expect(page.get_by_text("there is no account for it here")).to_be_visible()

    page.wait_for_url("**/claims/")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(ana, url, open_page, width):
    page = open_page(url, viewport={"width": width, "height": 800})
    add_device(page)
    enter_password(page, url, ana)
    add_passkey(page, "A passkey with a very long name, as people give to things")
    addresses = ("", "webauthn/", "webauthn/add/", "totp/activate/", "recovery-codes/")
    for address in [*(SECURITY + each for each in addresses), "/accounts/sessions/"]:
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, address
