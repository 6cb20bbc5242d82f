"""Steps that the browser tests share: what leads to another page, and signing in."""

import re

from playwright.sync_api import expect

from tests import cast

PASSWORD = "correct horse battery"


def follow(page, control):
    """Press a link or a button and wait for the page that it leads to; return its answer.

    Pressing alone waits only for what the browser begins at once: after a script that asks something first, a
    later ``goto`` would race against the form that the script sends.
    """
    with page.expect_navigation() as reached:
        control.click()
    return reached.value


def enter_password(page, url, person):
    """The first step of signing in; what comes next is up to the person's second factor."""
    page.goto(f"{url}/accounts/login/")
    page.locator("[name=login]").fill(person.email)
    page.locator("[name=password]").fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Sign in", exact=True))


def enter_code(page, code, button="Sign in"):
    """A code of an authenticator app, or a recovery code; the page comes back where it is wrong."""
    page.get_by_label("Code").fill(code)
    follow(page, page.get_by_role("button", name=button, exact=True))


def sign_in(page, url, person):
    """The whole sign-in, to the dashboard or the admin; staff need ``person.authenticator_secret``."""
    enter_password(page, url, person)
    if person.is_staff:
        enter_code(page, cast.totp_code(person.authenticator_secret))
    expect(page).to_have_url(re.compile(re.escape(url) + r"/(admin/|p/\w+/)?$"))
