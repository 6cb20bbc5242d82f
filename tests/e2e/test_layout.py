"""Pages and emails on phones, tablets, desks and paper, in both languages: nothing cut off, no word broken.

Each page is loaded once for each language; the window then takes every size. All faults are gathered
before a test fails.
"""

import datetime as dt
import uuid

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from associations.customer import notice_outcomes, notices
from associations.enums import Status
from associations.filing import customer_requests, drafts
from associations.lists.columns import Column
from associations.models import Claim, CustomerRequest, RegisteredContact, WorkloadUsage
from notifications import to_look_at
from notifications.enums import LookAtKind
from notifications.words.rendering import render
from partners.audit.access_record import record_sign_in
from partners.enums import Role
from tests import cast
from tests.associations.contests.conftest import Contest
from tests.associations.emails.test_mails import KINDS, LANGUAGES, make_message
from tests.e2e.axe import sign_in
from tests.e2e.layout import find_layout_faults
from tests.e2e.test_accessibility import make_exports, park
from tests.partners.joining_steps import invite

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: Words as long as those of real companies, people and places.
CUSTOMERS = (
    "Tailspin Maschinenbau",
    "Companhia Nordestina de Telecomunicações",
    "Associação Beneficente Santa Terezinha",
    "Lamna Healthcare",
)
#: The widest that an address of an email looks: they may break inside.
LONG_ADDRESS = "maria.fernanda.albuquerque@telecomunicacoes-nordeste.example"
#: Finalising ends every window that is open: what still waits for the customer comes last.
STATUSES = (
    Status.EDITING,
    Status.SUBMITTED,
    Status.UNDER_REVIEW,
    Status.ACTION_REQUIRED,
    Status.OFFICIAL,
    Status.ENDED,
    Status.REJECTED,
    Status.DISPUTE,
    Status.REJECTED_FINAL,
    Status.APPROVED,
)
EMAIL_WIDTHS = (390, 600)


@pytest.fixture
def contoso():
    partner = cast.make_partner("Contoso Consulting International")
    partner.locations.update(name="São Bernardo do Campo")
    cast.LocationFactory(partner=partner, name="Wiesbaden am Rhein")
    return partner


@pytest.fixture
def ana(contoso):
    return cast.make_member(contoso, email=LONG_ADDRESS, full_name="Maria Fernanda Albuquerque")


@pytest.fixture
def rita():
    return cast.make_staff(is_superuser=True, full_name="Rita Vasconcelos de Albuquerque")


@pytest.fixture
def filed(contoso, ana, rita):
    """A claim in every status; one whose notice failed, one set aside, one late, one assigned."""

    def file(number, status):
        tenant = cast.make_tenant(f"customer{number}.example", name=CUSTOMERS[number % 4])
        draft = cast.make_draft(contoso, ana, tenant)
        return cast.walk(draft, status, actor=ana, reviewer=rita)

    parked = file(0, Status.APPROVED)
    park(parked, ["teams"])
    found = {status: file(number, status) for number, status in enumerate(STATUSES, 1)}
    failed = file(len(STATUSES) + 1, Status.APPROVED)
    notice_outcomes.record_failed(
        notices.in_force(failed).get().pk, failure="550 no such user", now=timezone.now()
    )
    yesterday = timezone.now() - dt.timedelta(days=1)
    late = Claim.objects.filter(pk=found[Status.UNDER_REVIEW].pk)
    late.update(due_at=yesterday, assigned_to=rita)
    found |= {"parked": parked, "failed": failed}
    return found


@pytest.fixture
def peopled(contoso, ana, rita):
    """Members, an invitation, and lines of the access record."""
    cast.make_member(contoso, Role.INCENTIVES_USER, locations=list(contoso.locations.all()))
    invite(contoso, ana, email=f"new.{LONG_ADDRESS}")
    record_sign_in(ana)
    return contoso


@pytest.fixture
def kept_by_staff(filed, contoso, ana):
    """A row in those lists of staff that have none yet."""
    to_look_at.report(LookAtKind.EMAIL_REFUSED, key="sender", subject=LONG_ADDRESS)
    tenant = filed[Status.OFFICIAL].tenant
    RegisteredContact.objects.create(tenant=tenant, name="Ana Maria", email=LONG_ADDRESS)
    cast.SubscriptionFactory(tenant=tenant, product=cast.product("power-bi"))
    draft = drafts.start_claim(
        partner=contoso, location=contoso.locations.first(), actor=ana, now=timezone.now()
    )
    customer_requests.ask_for_customer(
        draft,
        actor=ana,
        organisation="Associação Beneficente Santa Terezinha",
        domain="associacao-santa-terezinha.example",
        tenant_id=uuid.uuid4(),
        note="",
        now=timezone.now(),
    )


@pytest.fixture
def case(contoso, ana):
    """A mediation that waits for the decision, with a long statement and words of the customer."""
    contest = Contest(domain="contested.example")
    contest.partners[0], contest.admins[0] = contoso, ana
    contest.submit(0), contest.submit(1)
    contest.hear()
    contest.case.sides.update(statement="Telecomunicações " * 17, stated_at=contest.now)
    return contest.case


def speak(page, url, language):
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url}
    page.context.add_cookies([cookie])


def look_over(page, url, paths):
    """Open each page in both languages and return the faults of all."""
    faults = []
    for language in LANGUAGES:
        speak(page, url, language)
        for path in paths:
            response = page.goto(f"{url}{path}")
            assert (response.status, response.url) == (200, f"{url}{path}")
            assert page.locator("html").get_attribute("lang") == language
            faults += find_layout_faults(page, f"{path} in {language}")
    return faults


def add_usage(claim):
    month = timezone.now().date().replace(day=1)
    for _ in range(13):
        WorkloadUsage.objects.create(
            tenant=claim.tenant,
            product=cast.product("teams"),
            month=month,
            active_users=1_234_400,
            paid_units=2_345_500,
        )
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return claim.associations.get(product__code="teams")


def test_pages_of_partners_hold_together(filed, peopled, ana, site, page):
    usage = add_usage(filed[Status.OFFICIAL])
    every_column = "&".join(f"columns={each}" for each in Column.values)
    url = site().url
    sign_in(page, url, ana)

    faults = look_over(
        page,
        url,
        [
            *(peopled.get_absolute_url() + each for each in ("", "claims/", "members/", "access/")),
            f"{peopled.get_absolute_url()}claims/?{every_column}",
            *(each.get_absolute_url() for each in make_exports(ana)),
            f"{peopled.get_absolute_url()}usage/",
            f"{peopled.get_absolute_url()}search/?q=maria",
            f"{peopled.get_absolute_url()}search/?q=a",
            reverse("associations:usage", args=[usage.reference]),
            *(
                filed[each].get_absolute_url()
                for each in ("failed", Status.OFFICIAL, Status.DISPUTE)
            ),
        ],
    )

    assert not faults, "\n".join(faults)


def test_lists_of_staff_hold_together(filed, peopled, kept_by_staff, rita, site, page):
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    url = site().url
    sign_in(page, url, rita)

    faults = look_over(page, url, ["/admin/", *lists])

    assert not faults, "\n".join(faults)


def test_pages_where_staff_decide_hold_together(
    filed, peopled, kept_by_staff, case, rita, site, page
):
    claim = f"/admin/associations/claim/{filed[Status.UNDER_REVIEW].pk}"
    asked = f"/admin/associations/customerrequest/{CustomerRequest.objects.get().pk}"
    url = site().url
    sign_in(page, url, rita)

    faults = look_over(
        page,
        url,
        [
            *(f"{claim}/change/", f"{claim}/approve/", f"{asked}/change/", f"{asked}/decline/"),
            f"/admin/partners/partner/{peopled.pk}/invite/",
            case.get_admin_url(),
            reverse("admin:associations_mediationcase_ask", args=[case.pk]),
        ],
    )

    assert not faults, "\n".join(faults)


def write_values(message):
    """Give the email values as long as those of real claims, in place of the names of values."""
    words = f"Companhia Nordestina de Telecomunicações e Infraestrutura, {LONG_ADDRESS}"
    link = f"https://partners.northwind.example/opt-out/{'Wq7-x_' * 8}/"
    message.context = {name: link if name.endswith("url") else words for name in message.context}
    return message


@pytest.mark.parametrize("language", LANGUAGES)
def test_emails_hold_together(language, page):
    faults = []
    for kind in KINDS:
        page.set_content(render(write_values(make_message(kind, language))).html)
        faults += find_layout_faults(page, kind, widths=EMAIL_WIDTHS)

    assert not faults, "\n".join(faults)
