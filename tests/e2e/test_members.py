"""An admin invites someone, who joins from the mail, is given less and removed: in Chromium, without scripts."""

import re

import pytest
from playwright.sync_api import expect

from notifications.delivery import deliver_due
from partners.models import Membership, Partner
from tests import cast
from tests.e2e.steps import PASSWORD, follow, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana(process_env):
    """``process_env`` keeps the password hasher that the site's process has."""
    partner = cast.make_partner("Contoso Consulting")
    cast.LocationFactory(partner=partner, name="Berlin")
    person = cast.make_member(partner, email="ana@contoso.example", full_name="Ana Prado")
    return cast.let_sign_in(person, PASSWORD)


@pytest.fixture
def served(ana, smtp_server, site):
    return site()


@pytest.fixture
def visit(browser):
    """A browser of its own for each person, 390 pixels wide and without scripts."""
    contexts = []

    def open_page():
        context = browser.new_context(
            viewport={"width": 390, "height": 800}, java_script_enabled=False
        )
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def invite(page, url):
    page.goto(f"{url}{Partner.objects.get().get_absolute_url()}members/")
    follow(page, page.get_by_role("link", name="Invite someone"))
    page.get_by_label("Email").fill("nora+berlin@contoso.example")
    page.get_by_label("Incentives admin: also").check()
    page.get_by_label("Only chosen locations").check()
    page.get_by_label("Berlin").check()
    follow(page, page.get_by_role("button", name="Send the invitation"))
    expect(page.locator("main")).to_contain_text("on its way to nora+berlin@contoso.example")


def read_link(smtp_server, url):
    """The link of the mail, at the address where the site of this test is."""
    deliver_due()
    return url + re.search(r"(/invitations/[\w-]+/)", smtp_server.messages[-1].text)[1]


def join(page, link):
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Join Contoso Consulting")
    page.get_by_label("Your name").fill("Nora New")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password_again]").fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Create account and join"))
    expect(page.locator("main")).to_contain_text("You are a member of Contoso Consulting now.")


def remove(page, url):
    page.goto(f"{url}{Partner.objects.get().get_absolute_url()}members/")
    follow(page, page.get_by_role("link", name=re.compile("Remove.*Nora New")))
    follow(page, page.get_by_role("button", name="Remove member"))
    expect(page.locator("main")).to_contain_text("Nora New is no longer a member.")


def test_someone_is_invited_joins_and_is_removed(visit, served, ana, smtp_server):
    boss, nora = visit(), visit()
    sign_in(boss, served.url, ana)
    invite(boss, served.url)
    link = read_link(smtp_server, served.url)

    join(nora, link)
    follow(nora, nora.get_by_role("link", name="Members"))
    expect(nora.locator("main")).to_contain_text("Nora New (you)")
    member = Membership.objects.get(user__full_name="Nora New")
    assert [place.name for place in member.locations.all()] == ["Berlin"]

    boss.goto(link)
    expect(boss.locator("h1")).to_have_text("This invitation is for another address")
    remove(boss, served.url)
    nora.reload()
    expect(nora.locator("h1")).to_have_text("Page not found")
    assert not Membership.objects.filter(pk=member.pk).exists()
