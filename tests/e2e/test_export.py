"""An export of the claims list with real parts: button, worker, progress, file, email [R46]."""

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests import cast
from tests.e2e.axe import sign_in
from tests.e2e.steps import follow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ana(process_env):
    partner = cast.make_partner("Contoso Consulting")
    person = cast.make_member(partner, email="ana@contoso.example", full_name="Ana Prado")
    for name in ("Fabrikam", "Adatum"):
        tenant = cast.make_tenant(f"{name.lower()}.example", name=name)
        cast.make_draft(partner, person, tenant)
    return person


def test_a_filtered_list_is_exported_by_a_button(
    ana, smtp_server, site, celery_worker, celery_beat, page
):
    url = site().url
    celery_worker(CPOR_BASE_URL=url)
    celery_beat(CPOR_SWEEP_SECONDS="1")
    sign_in(page, url, ana)
    page.goto(f"{url}{ana.memberships.get().partner.get_absolute_url()}claims/?q=fabrikam")

    follow(page, page.get_by_role("button", name="Export as XLSX"))
    expect(page.get_by_role("heading", name="Your file is ready")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the file").click()

    with download.value.path().open("rb") as file:
        sheet = load_workbook(file).active
    assert [row[3].value for row in sheet.iter_rows()] == ["Customer", "Fabrikam"]
    (mail,) = smtp_server.wait_for_messages(1)
    assert page.url in mail.text
