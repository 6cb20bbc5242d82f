"""An empty site is opened by imports and pages alone, up to its first official association (`make soak`).

Nothing is put into the database by the test: a superuser is created on the command line, as docs/operations.md
says, and everything else happens on pages. Only the calendar is helped along: finalising is told the time.
"""

import csv
import io
import re

import pytest
from django.core.management import call_command
from openpyxl import Workbook
from playwright.sync_api import expect

from associations.enums import Status
from associations.models import Claim, Subscription, Tenant
from partners.models import Location, User
from tests import cast
from tests.e2e.steps import PASSWORD, enter_code, follow
from tests.e2e.test_story import approve, make_pdf, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

TENANT = "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913"
TERM = {"starts_on": "2020-07-01", "ends_on": "2099-06-30"}
PLACE = {"country": "US", "time_zone": "America/New_York"}
PARTNERS = [
    {
        "partner": "Contoso Consulting",
        "partner_domains": "contoso.example",
        "location": "New York",
        "partner_id": "4567001",
        "program": program,
        **PLACE,
        **TERM,
    }
    for program in ("osu-microsoft-365", "osa-sell")
]
CUSTOMERS = [
    {
        "tenant_id": TENANT,
        "name": "Fabrikam",
        "domains": "fabrikam.example",
        "language": "en",
        "contact_name": "Rosa Registered",
        "contact_title": "CIO",
        "contact_email": "rosa@fabrikam.example",
        **PLACE,
    }
]
SUBSCRIPTIONS = [
    {
        "subscription_id": "c4d0a7b2-91e3-4f58-8a6d-07b5e2f1c934",
        "tenant_id": TENANT,
        "product": "sales",
        "channel": "web-direct",
        "state": "active",
        "sold_seats": "40",
        "ends_on": "2099-06-30",
    }
]
PEOPLE = [{"partner_id": "4567001", "email": "ana@contoso.example", "language": "en"}]
CLAIMS = [
    {
        "partner_id": "4567001",
        "customer_domain": "fabrikam.example",
        "tenant_id": TENANT,
        "solution_area": "microsoft-365",
        "activity": "usage",
        "name": "Teams rollout",
        "products": "teams exchange-online",
        "customer_name": "Carla Cliente",
        "customer_title": "CIO",
        "customer_email": "carla@fabrikam.example",
    }
]
USAGE = [
    {
        "month": "2026-01",
        "tenant_id": TENANT,
        "product": "teams",
        "active_users": "7",
        "paid_units": "9",
    }
]


@pytest.fixture
def url(process_env, smtp_server, site, celery_worker, celery_beat):
    """The site, a worker and beat against PostgreSQL, Redis and a mail server."""
    served = site()
    celery_worker(CPOR_BASE_URL=served.url)
    celery_beat(CPOR_SWEEP_SECONDS="1")
    return served.url


def as_csv(rows, *, more=()):
    """A file for the browser's field; ``more`` columns are empty, which the format asks for."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0], *more], restval="")
    writer.writeheader()
    writer.writerows(rows)
    return {"name": "table.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}


def as_xlsx(rows):
    workbook, content = Workbook(), io.BytesIO()
    workbook.active.append(list(rows[0]))
    for row in rows:
        workbook.active.append(list(row.values()))
    workbook.save(content)
    return {"name": "table.xlsx", "mimeType": "application/zip", "buffer": content.getvalue()}


def open_admin(page, url):
    """The superuser of the command line signs in and sets up the second factor, which staff need."""
    call_command(
        "createsuperuser", email="olga@operator.example", full_name="Olga", interactive=False
    )
    olga = User.objects.get()
    olga.set_password(PASSWORD)
    olga.save()
    page.goto(f"{url}/accounts/login/?next=/admin/")
    page.locator("[name=login]").fill(olga.email)
    page.locator("[name=password]").fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Sign in", exact=True))
    follow(page, page.get_by_role("link", name="Set up an app"))
    page.locator("[name=password]").fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Confirm", exact=True))
    enter_code(page, cast.totp_code(page.locator("code.secret").inner_text()), "Set up the app")
    follow(page, page.get_by_role("link", name="I've saved them. Continue"))


def import_file(page, url, code, file, *, rows):
    """From the set-up list: upload, look at the preview, import."""
    page.goto(f"{url}/admin/")
    follow(page, page.locator(f"#setting-up ~ ol a[href$='/new/{code}/']").first)
    page.locator("[name=file]").set_input_files(file)
    follow(page, page.get_by_role("button", name="Check file"))
    expect(page.locator("#outcome")).to_contain_text("nothing has been imported yet")
    follow(page, page.get_by_role("button", name=re.compile(f"Import {rows} row")))
    expect(page.locator("#outcome")).to_contain_text("Loaded without errors")


def join(page, url, smtp_server):
    mail = wait_for(smtp_server, "ana@contoso.example", "Contoso Consulting")
    page.goto(url + re.search(r"(/invitations/[\w-]+/)", mail.text)[1])
    page.get_by_label("Your name").fill("Ana Prado")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password_again]").fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Create account and join"))


def file_claims(page, url):
    """Ana files a claim from a file, adds its proof, and submits it from the list of drafts."""
    home = f"{url}{Location.objects.get().partner.get_absolute_url()}"
    page.goto(f"{home}claims/import/")
    page.locator("[name=file]").set_input_files(as_csv(CLAIMS))
    follow(page, page.get_by_role("button", name="Check file"))
    make = page.get_by_role("button", name="Make 1 draft")
    expect(make).to_be_visible(timeout=60_000)  # the page refreshes until a worker has checked it
    follow(page, make)
    see = page.get_by_role("link", name="See the drafts")
    expect(see).to_be_visible(timeout=60_000)
    follow(page, see)
    claim = Claim.objects.get()
    page.goto(f"{url}/claims/{claim.reference}/edit/proof/")
    page.locator("[name=files]").set_input_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": make_pdf()}
    )
    follow(page, page.get_by_role("button", name="Save and continue"))
    page.goto(f"{home}claims/drafts/")
    page.get_by_label(re.compile(f"Choose {claim.reference}")).check()
    follow(page, page.get_by_role("button", name="Submit the chosen drafts"))
    for name in ("is_true", "is_known", "is_told"):
        page.locator(f"[name={name}]").check()
    follow(page, page.get_by_role("button", name="Submit 1 claim"))
    expect(page.locator("h1")).to_have_text("1 claim submitted")
    return claim


def load_usage(page, url):
    page.goto(f"{url}/admin/associations/importfile/new/usage/")
    columns = ("subscription_id", "sold_seats", "assigned_seats", "active_seats")
    page.locator("[name=file]").set_input_files(as_csv(USAGE, more=columns))
    follow(page, page.get_by_role("button", name="Load file"))
    expect(page.locator("#outcome")).to_contain_text("Loaded without errors")


def test_an_empty_site_reaches_its_first_official_association(url, smtp_server, browser):
    staff, partner = (browser.new_context().new_page() for _ in range(2))
    open_admin(staff, url)
    import_file(staff, url, "partners", as_csv(PARTNERS), rows=2)
    import_file(staff, url, "customers", as_xlsx(CUSTOMERS), rows=1)
    import_file(staff, url, "subscriptions", as_xlsx(SUBSCRIPTIONS), rows=1)
    import_file(staff, url, "people", as_csv(PEOPLE), rows=1)
    assert Tenant.objects.get().registered_contacts.get().name == "Rosa Registered"
    assert Subscription.objects.get().product.code == "sales"

    join(partner, url, smtp_server)
    claim = file_claims(partner, url)
    approve(staff, url, claim)
    wait_for(smtp_server, "carla@fabrikam.example", "wants to be recorded")
    wait_for(smtp_server, "rosa@fabrikam.example", "wants to be recorded")
    load_usage(staff, url)

    claim.refresh_from_db()
    call_command("finalize_associations", now=cast.over(claim).isoformat())

    claim.refresh_from_db()
    assert claim.status == Status.OFFICIAL
    kept = claim.associations.get(product__code="teams")
    response = partner.goto(f"{url}/associations/{kept.reference}/usage/")
    assert response.status == 200
    expect(partner.locator("main")).to_contain_text("7")
