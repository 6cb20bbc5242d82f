"""The key "/" leads to the search box: never while typing, never with another key, never if switched off (WCAG 2.1.4)."""

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.e2e.axe import sign_in
from tests.e2e.steps import follow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana():
    partner = cast.make_partner("Contoso Consulting", key=cast.KEY)
    return cast.make_member(partner, email="ana@contoso.example", full_name="Ana Prado")


def test_the_key_leads_to_the_box_and_can_be_switched_off(ana, site, page):
    url = site().url
    sign_in(page, url, ana)
    page.goto(f"{url}{cast.HERE}members/invite/")
    box, email = page.get_by_label("Reference, customer or person"), page.get_by_label("Email")

    email.click()
    page.keyboard.press("/")
    expect(email).to_have_value("/")
    expect(email).to_be_focused()

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+/")
    expect(box).not_to_be_focused()

    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("ana")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Results for “ana”")

    page.goto(f"{url}/accounts/time-zone/")
    page.get_by_label("Jump to the search box with the / key").uncheck()
    follow(page, page.get_by_role("button", name="Save", exact=True))
    page.goto(f"{url}{cast.HERE}")
    page.keyboard.press("/")
    expect(page.get_by_label("Reference, customer or person")).not_to_be_focused()
