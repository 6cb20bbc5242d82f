"""axe over every page of admin, Django's own forms among them, in light and in dark.

The pages are read from the registry, so that a model registered later is looked at too.
"""

import re

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from tests.e2e.axe import look_at, sign_in, submit, visit
from tests.matrix.world import build_world
from tests.soak import choose

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def list_model_pages(root):
    """Yield the address of each list, and of each model's form to add and to change a row."""
    request = RequestFactory().get("/")
    request.user = root
    for model, pages in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if pages.has_add_permission(request):
            yield reverse(f"{name}_add")
        row = pages.get_queryset(request).first()
        assert row is not None, f"{name} has no row to look at."
        yield reverse(f"{name}_change", args=[row.pk])


def list_other_pages(values):
    """Yield the address of each kind of page that is not a list or a form of a model."""
    for name, *keys in (
        ("index",),
        ("app_list", "app"),
        ("associations_registeredcontact_delete", "registeredcontact"),
        ("partners_partner_history", "rival-partner"),
        ("auth_user_password_change", "user"),
        ("partners_partner_invite", "newcomer"),
        ("associations_customerrequest_decline", "customerrequest"),
        ("associations_claim_approve", "in-review-pk"),
        ("associations_claim_decide", "in-dispute-pk"),
        ("associations_claim_confirm", "in-unconfirmed-pk"),
        ("associations_claim_colleague", "in-submitted-pk"),
        ("associations_claim_ageing",),
        ("associations_mediationcase_ask", "mediationcase"),
        ("message-retry", "message"),
        ("message-bounced", "message"),
    ):
        yield reverse(f"admin:{name}", args=[{**values, "app": "partners"}[key] for key in keys])


def use_pages(page, url):
    """Return the faults of what pages show once they are used: errors, added rows, choices, a calendar."""
    page.goto(f"{url}{reverse('admin:associations_registeredcontact_add')}")
    faults = submit(page, "[name=_save]", status=200)
    page.goto(f"{url}{reverse('admin:partners_partner_add')}")
    for add in page.locator(".add-row a").all():
        add.click()
    faults += look_at(page, "a partner with added rows")
    page.locator("#memberships-group .select2-selection").first.click()
    page.locator(".select2-results__option[role=option]").first.wait_for()
    faults += look_at(page, "people to choose from")
    page.goto(f"{url}{reverse('admin:partners_enrollment_add')}")
    page.locator(".datetimeshortcuts .date-icon").first.click()
    return faults + look_at(page, "the calendar")


def test_every_page_of_admin(site, page):
    world = build_world()
    root = world.people["root"]
    url = site().url
    sign_in(page, url, root)

    # The frame is the same on each page; the rest of the time goes to what differs.
    faults = visit(page, [f"{url}{reverse('admin:partners_partner_changelist')}"])
    pages = [*list_model_pages(root), *list_other_pages(world.values)]
    chosen = choose(pages, one_in=2, by=lambda address: re.sub(r"\d+", "", address))
    faults += visit(page, [f"{url}{each}" for each in chosen], part="main")
    faults += use_pages(page, url)

    assert len(pages) > 60
    assert faults == [], "\n".join(faults)
