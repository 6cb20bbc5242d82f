"""Nothing typed is lost while filing, whichever way a person leaves the page."""

import re

import pytest
from playwright.sync_api import expect

from associations.filing import drafts
from associations.models import Claim
from tests import cast
from tests.e2e.axe import sign_in
from tests.e2e.steps import follow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def admin():
    return cast.make_member(cast.make_partner("Contoso Consulting"), full_name="Ana Prado")


def test_back_after_the_first_page_shows_what_was_saved(page, site, admin):
    tenant = cast.make_tenant(name="Fabrikam")
    url = site().url
    sign_in(page, url, admin)
    page.goto(f"{url}{admin.memberships.get().partner.get_absolute_url()}claims/new/")
    page.get_by_label("Customer's domain").fill("fabrikam.example")
    page.get_by_label("Tenant ID").first.fill(str(tenant.tenant_id))
    follow(page, page.get_by_role("button", name="Save and continue"))

    page.go_back()

    expect(page.get_by_label("Customer's domain")).to_have_value("fabrikam.example")
    follow(page, page.get_by_role("button", name="Save and continue"))
    assert Claim.objects.count() == 1


def test_what_was_typed_is_there_again_after_a_link_of_the_header(page, site, admin):
    draft = cast.make_draft(admin.memberships.get().partner, admin, cast.make_tenant())
    url = site().url
    sign_in(page, url, admin)
    work = f"{url}/claims/{draft.reference}/edit/work/"
    page.goto(work)
    page.locator("[name=name]").fill("Half a na")

    follow(page, page.get_by_role("link", name="Claims", exact=True).first)

    def is_kept():
        page.goto(work)
        return page.locator("[name=name]").input_value() == "Half a na"

    for _look in range(50):  # the browser sends it as the page goes; it arrives when it arrives
        if is_kept():
            break
    assert is_kept()
    assert Claim.objects.get().name == "Rollout"


def test_a_step_at_the_side_saves(page, site, admin):
    draft = cast.make_draft(admin.memberships.get().partner, admin, cast.make_tenant())
    url = site().url
    sign_in(page, url, admin)
    page.goto(f"{url}/claims/{draft.reference}/edit/work/")
    page.locator("[name=name]").fill("Another name")

    follow(page, page.get_by_role("button", name=re.compile("Products")))

    expect(page).to_have_url(re.compile("/edit/products/$"))
    assert Claim.objects.get().name == "Another name"
    assert drafts.keep_typed(draft, actor=admin, page="x", values={}).typed == {}
