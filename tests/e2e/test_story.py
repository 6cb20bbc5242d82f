"""The whole story with real parts: browser, PDF, admin, mail, opt-out, worker, beat, chart.

Only the calendar is helped along: five business days pass by moving the stored deadline to now.
"""

import datetime as dt
import re
import time

import pytest
from django.utils import timezone
from fpdf import FPDF
from playwright.sync_api import expect

from associations.claims.grace import find_latest_closed
from associations.enums import Status
from associations.models import Claim, WorkloadUsage
from tests import cast
from tests.e2e.steps import PASSWORD, follow, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CUSTOMER = "carla@fabrikam.example"


@pytest.fixture
def people(process_env):
    """Ana files, Rita reviews; ``process_env`` keeps the password hasher that the site's process has."""
    partner = cast.make_partner("Contoso Consulting")
    ana = cast.make_member(partner, email="ana@contoso.example", full_name="Ana Prado")
    rita = cast.make_reviewer(email="rita@operator.example", full_name="Rita Review")
    for person in (ana, rita):
        cast.let_sign_in(person, PASSWORD)
    rita.authenticator_secret = cast.give_totp(rita)
    return ana, rita


@pytest.fixture
def tenant():
    tenant = cast.make_tenant("fabrikam.example", name="Fabrikam")
    for months_ago in range(3):
        month = (timezone.now().date().replace(day=1) - dt.timedelta(days=27 * months_ago)).replace(
            day=1
        )
        for code in ("teams", "exchange-online"):
            WorkloadUsage.objects.create(
                tenant=tenant,
                product=cast.product(code),
                month=month,
                active_users=400 + months_ago,
                paid_units=500,
            )
    return tenant


@pytest.fixture
def running(people, smtp_server, site, celery_worker, celery_beat):
    """The site, a worker and beat against PostgreSQL, Redis and a mail server."""
    served = site()
    celery_worker(CPOR_BASE_URL=served.url)
    celery_beat(CPOR_SWEEP_SECONDS="1")
    return served.url


def file_a_claim(page, url, tenant):
    page.goto(f"{url}/claims/new/")
    page.get_by_label("Customer's domain").fill("fabrikam.example")
    page.get_by_label("Tenant ID").first.fill(str(tenant.tenant_id))
    go_on(page)
    page.locator("label[for=id_work_0]").click()
    page.locator("[name=name]").fill("Teams rollout")
    go_on(page)
    page.get_by_label("Teams", exact=True).check()
    page.get_by_label("Exchange Online", exact=True).check()
    go_on(page)
    page.locator("[name=customer_name]").fill("Carla Cliente")
    page.locator("[name=customer_title]").fill("CIO")
    page.locator("[name=customer_email]").fill(CUSTOMER)
    page.locator("[name=customer_language]").select_option("en")
    go_on(page)
    page.locator("[name=files]").set_input_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": make_pdf()}
    )
    go_on(page)
    for name in ("is_true", "is_known", "is_told"):
        page.locator(f"[name={name}]").check()
    follow(page, page.get_by_role("button", name="Submit claim"))
    expect(page.locator("h1")).to_contain_text("Teams rollout")
    return Claim.objects.get(name="Teams rollout")


def make_pdf():
    """A real letter, as a word processor would print it."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.multi_cell(0, 8, "Contoso Consulting helped Fabrikam to use Teams and Exchange Online.")
    return bytes(pdf.output())


def go_on(page):
    follow(page, page.get_by_role("button", name="Save and continue"))


def approve(page, url, claim):
    page.goto(f"{url}/admin/associations/claim/")
    follow(page, page.get_by_role("link", name=re.compile(claim.reference)).first)
    follow(page, page.get_by_role("button", name="Start review"))
    follow(page, page.locator(".action-bar").get_by_role("button", name="Approve"))
    follow(page, page.locator("#decide").get_by_role("button", name="Approve", exact=True))
    expect(page.get_by_text("Approved").first).to_be_visible()


def find_link(text, url):
    return re.search(rf"{re.escape(url)}/opt-out/\S+", text)[0]


def wait_for(smtp_server, address, words, *, seconds=40):
    """The first mail to an address that says these words in its subject."""
    deadline = timezone.now() + dt.timedelta(seconds=seconds)
    while timezone.now() < deadline:
        for mail in smtp_server.messages_to(address):
            if words in mail.subject:
                return mail
        time.sleep(0.1)
    raise AssertionError(
        f"no mail “{words}” to {address}; there are {[m.subject for m in smtp_server.messages]}"
    )


def let_the_window_close(claim):
    claim.refresh_from_db()
    assert claim.status == Status.APPROVED
    assert claim.due_at > timezone.now() + dt.timedelta(days=4)
    Claim.objects.filter(pk=claim.pk).update(due_at=find_latest_closed(timezone.now()))


def test_from_a_form_to_a_chart(running, people, tenant, smtp_server, browser):
    url, (ana, rita) = running, people
    partner, staff, customer = (browser.new_context().new_page() for _ in range(3))
    errors = []
    for page in (partner, staff, customer):
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)

    sign_in(partner, url, ana)
    claim = file_a_claim(partner, url, tenant)
    assert claim.status == Status.SUBMITTED

    sign_in(staff, url, rita)
    approve(staff, url, claim)

    notice = wait_for(smtp_server, CUSTOMER, "wants to be recorded")
    assert "Teams" in notice.text and "Contoso Consulting" in notice.html
    link = find_link(notice.text, url)
    for _ in range(3):
        customer.goto(link)
    customer.get_by_label("I refuse all or some of it").check()
    customer.get_by_label("Exchange Online", exact=True).check()
    follow(customer, customer.get_by_role("button", name="Send my answer"))
    expect(customer.get_by_text("Your refusal is recorded")).to_be_visible()
    assert customer.context.cookies() == []
    wait_for(smtp_server, CUSTOMER, "Your refusal is recorded")
    wait_for(smtp_server, ana.email, "opted out")

    let_the_window_close(claim)
    official = wait_for(smtp_server, ana.email, "is now official")
    assert "Teams" in official.text and "Exchange" not in official.text

    partner.goto(f"{url}/claims/{claim.reference}/")
    expect(partner.get_by_text("Official").first).to_be_visible()
    kept = claim.associations.get(product__code="teams")
    refused = claim.associations.get(product__code="exchange-online")
    response = partner.goto(f"{url}/associations/{kept.reference}/usage/")
    assert response.status == 200
    expect(partner.locator("svg").filter(has=partner.locator("title")).first).to_be_visible()
    response = partner.goto(f"{url}/associations/{refused.reference}/usage/")
    assert response.status == 404

    customer.goto(link)
    expect(customer.locator("body")).to_contain_text("Contoso Consulting")
    assert [text for text in errors if "404" not in text] == []
