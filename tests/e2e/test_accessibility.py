"""axe over every kind of page, in light and in dark: nothing grave of WCAG 2.1 A and AA.

Each test gathers what is wrong on all its pages before it fails, a line for each element.
"""

import datetime as dt
import re
import uuid

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.utils import timezone

from associations.customer import notice_outcomes, notices, optout
from associations.enums import Activity, Status
from associations.finalisation import sweep
from associations.lists.columns import Column
from associations.models import Claim, ClaimsExport, SlotHolding, WorkloadUsage
from notifications.models import Message
from partners.enums import Role
from tests import cast
from tests.e2e.axe import find_faults, look_at, sign_in, submit, visit
from tests.e2e.steps import follow
from tests.servers.demo import Demo

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: What has the focus, by the name one reads or the name of its field, and the line around it.
FOCUSED = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const name = (one.name || one.innerText || one.id).trim();
    return [name.split("\\n")[0], getComputedStyle(one).outlineStyle];
}"""
DECIDING = ["action", "products", "products", "products", "reason", "Send my answer"]
#: Five steps at the side and the way back to the claim are buttons that save, before the form's own two.
FILING = [*["action"] * 6, "work", "name", "action", "action"]


@pytest.fixture
def make_claim():
    """A function that makes a claim in a status, of a new customer each."""
    partner = cast.make_partner("Contoso Consulting")
    actor = cast.make_member(partner, email="ana@contoso.example", full_name="Ana Prado")
    reviewer = cast.make_reviewer(email="rita@operator.example", full_name="Rita Review")

    def make(status, domain, **work):
        tenant = cast.make_tenant(domain, name=domain.partition(".")[0].title())
        draft = cast.make_draft(partner, actor, tenant, **work)
        return cast.walk(draft, status, actor=actor, reviewer=reviewer)

    make.partner, make.actor, make.reviewer = partner, actor, reviewer
    return make


def park(claim, codes):
    """Let another partner hold some of the products when the window closes."""
    rival = cast.make_partner("Litware")
    for each in claim.associations.filter(product__code__in=codes):
        SlotHolding.objects.create(slot_key=each.slot_key, partner=rival, held_since=claim.due_at)
    sweep.finalise_due(at=cast.over(claim))


def make_customer_claims(make_claim):
    """A claim in every stage of the customer's page, by name."""
    with cast.at(timezone.now() - dt.timedelta(days=30)):
        found = {"held": make_claim(Status.APPROVED, "held.example")}
        park(found["held"], ["teams", "exchange-online"])
        found["partly-held"] = make_claim(Status.APPROVED, "partly.example")
        park(found["partly-held"], ["teams"])
        found["official"] = make_claim(Status.OFFICIAL, "official.example")
        found["ended"] = make_claim(Status.ENDED, "ended.example")
        found["closing"] = make_claim(Status.APPROVED, "closing.example")
    found["open"] = make_claim(Status.APPROVED, "open.example", codes=("sales", "power-bi"))
    found["refused"] = make_claim(Status.APPROVED, "refused.example")
    chosen = found["refused"].associations.values_list("reference", flat=True)[:1]
    optout.opt_out(
        notices.in_force(found["refused"]).first().token,
        list(chosen),
        reason="No.",
        at=timezone.now(),
    )
    return found


def test_pages_for_everybody_and_for_customers(make_claim, site, page):
    found = make_customer_claims(make_claim)
    url = site().url
    links = {
        stage: f"{url}/opt-out/{notices.in_force(claim).first().token}/"
        for stage, claim in found.items()
    }

    faults = visit(page, [f"{url}/", f"{url}/accounts/login/", f"{url}/accounts/password/reset/"])
    faults += visit(page, [f"{url}/about-cpor/", *links.values(), f"{links['official']}end/"])
    faults += submit(page, "button[value=end]", status=422)
    faults += visit(page, [f"{url}/nothing/", f"{url}/opt-out/{'x' * 32}/"], status=404)
    page.goto(f"{url}/accounts/login/")
    page.locator("[name=login]").fill("nobody@nowhere.example")
    page.locator("[name=password]").fill("wrong")
    faults += submit(page, "form.account-form button[type=submit]", status=200)

    assert faults == []


def add_usage(claim):
    """A year of figures, so that the page draws its chart."""
    month = timezone.now().date().replace(day=1)
    for _ in range(12):
        WorkloadUsage.objects.create(
            tenant=claim.tenant,
            product=cast.product("teams"),
            month=month,
            active_users=400,
            paid_units=500,
        )
        month = (month - dt.timedelta(days=1)).replace(day=1)


def make_exports(person):
    """An export of the claims list in every state, for the person who asked."""
    partner = person.memberships.get().partner
    facts = {"partner": partner, "requested_by": person, "rows_total": 5000, "rows_done": 1500}
    return [
        ClaimsExport.objects.create(state=state, failure="gave-up", **facts)
        for state in ClaimsExport.State
    ]


def usage_address(url, claim, code):
    return f"{url}/associations/{claim.associations.get(product__code=code).reference}/usage/"


def test_pages_for_partners(make_claim, site, page):
    draft, other = (
        make_claim(Status.EDITING, "draft.example"),
        make_claim(Status.EDITING, "other.example", codes=("sales",), activity=Activity.USAGE),
    )
    rejected = make_claim(Status.REJECTED, "rejected.example")
    asked = make_claim(Status.ACTION_REQUIRED, "asked.example")
    official = make_claim(Status.OFFICIAL, "official.example")
    waiting = make_claim(Status.APPROVED, "waiting.example")
    failed = make_claim(Status.APPROVED, "failed.example")
    notice_outcomes.record_failed(
        notices.in_force(failed).get().pk, failure="550 no such user", now=timezone.now()
    )
    add_usage(official)
    url = site().url
    sign_in(page, url, make_claim.actor)
    claims, home = f"{url}/claims", f"{url}{make_claim.partner.get_absolute_url()}"

    exports = [f"{url}{each.get_absolute_url()}" for each in make_exports(make_claim.actor)]

    faults = visit(page, [home, f"{home}claims/", f"{home}claims/?q=nothing+like+it", *exports])
    every = "&".join(f"columns={each}" for each in Column.values)
    faults += visit(page, [f"{home}claims/?{every}"])
    faults += visit(page, [f"{home}usage/", f"{home}usage/?q=nothing", f"{home}search/?q=example"])
    faults += visit(
        page,
        [f"{claims}/{each.reference}/" for each in (draft, rejected, asked, official, failed)],
    )
    filing = ("customer", "work", "products", "contacts", "proof", "review")
    faults += visit(page, [f"{claims}/{draft.reference}/edit/{each}/" for each in filing])
    faults += visit(
        page,
        [f"{claims}/{other.reference}/edit/products/", f"{home}claims/new/{uuid.UUID(int=1)}/"],
    )
    faults += submit(page, "button[value=continue]", status=200)
    faults += visit(
        page,
        [
            f"{claims}/{draft.reference}/discard/",
            f"{claims}/{waiting.reference}/withdraw/",
            f"{claims}/{asked.reference}/answer/",
            f"{claims}/{failed.reference}/contact/customer/",
            usage_address(url, official, "teams"),
            usage_address(url, official, "exchange-online"),
            f"{claims}/{rejected.reference}/dispute/",
        ],
    )
    faults += submit(page, "main button[type=submit]", status=400)

    assert faults == []


def test_pages_for_those_who_have_nothing_or_may_not(make_claim, site, page):
    waiting = make_claim(Status.APPROVED, "waiting.example")
    ben = cast.make_member(make_claim.partner, Role.INCENTIVES_USER)
    second = cast.make_partner("Newcomer")
    newcomer = cast.make_member(second)
    url = site().url

    sign_in(page, url, ben)
    faults = visit(page, [f"{url}/claims/{waiting.reference}/withdraw/"], status=403)
    sign_in(page, url, newcomer)
    home = f"{url}{second.get_absolute_url()}"
    faults += visit(page, [home, f"{home}claims/"])
    faults += visit(page, [f"{url}/claims/{waiting.reference}/"], status=404)
    faults += visit(page, [f"{url}/claims/{waiting.reference}/comment/"], status=405)
    cast.make_member(second, user=ben)
    sign_in(page, url, ben)
    faults += visit(page, [f"{url}/", home])  # a list of partners, and one of them
    sign_in(page, url, cast.UserFactory())
    faults += visit(page, [f"{url}/"])

    assert faults == []


def test_pages_for_staff(make_claim, site, page):
    claim = make_claim(Status.UNDER_REVIEW, "review.example")
    approved = make_claim(Status.APPROVED, "approved.example")
    Claim.objects.filter(pk=claim.pk).update(due_at=timezone.now() - dt.timedelta(days=1))
    make_claim.reviewer.is_superuser = True
    make_claim.reviewer.save()
    url = site().url
    sign_in(page, url, make_claim.reviewer)
    admin, claims = f"{url}/admin", f"{url}/admin/associations/claim"

    faults = visit(page, [f"{admin}/", f"{claims}/", f"{claims}/?q=nothing+like+it"])
    faults += visit(page, [f"{claims}/{approved.pk}/change/", f"{claims}/{claim.pk}/change/"])
    for action in ("Approve", "Reject", "Request information"):
        page.goto(f"{claims}/{claim.pk}/change/")
        follow(page, page.locator(".action-bar").get_by_role("button", name=action))
        faults += look_at(page, action)
    faults += submit(page, "#decide .panel-foot button:not([name])", status=400)
    faults += visit(
        page,
        [
            f"{admin}/associations/importfile/new/usage/",
            f"{admin}/notifications/message/",
            f"{admin}/notifications/message/{Message.objects.first().pk}/change/",
            f"{admin}/associations/timelimit/",
            f"{admin}/partners/partner/",
            f"{admin}/associations/product/add/",
        ],
    )

    assert faults == []


def test_pages_and_mails_of_the_demo(tmp_path, page):
    (tmp_path / "data").mkdir()
    demo = Demo(tmp_path / "data").start()
    try:
        faults = visit(page, [f"{demo.url}/demo/", f"{demo.url}/demo/mail/"])
        kinds = {}
        for row in page.locator("tbody tr").all():
            kind = row.locator("td").nth(1).inner_text()
            kinds.setdefault(kind, row.get_by_role("link").get_attribute("href"))
        faults += visit(page, [f"{demo.url}{next(iter(kinds.values()))}"])
        for kind, address in kinds.items():
            html = page.request.get(f"{demo.url}{address}html/").text()
            page.goto("about:blank")  # else the policy of the page before forbids the mail's styles
            page.set_content(html)
            faults += look_at(page, f"the mail “{kind}”")
    finally:
        demo.process.stop()

    assert len(kinds) > 10
    assert faults == []


def walk_by_keyboard(page):
    """Press Tab through the whole page; for each stop, its name and whether one sees the focus."""
    stops = []
    while True:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or (stops and stop == stops[0]):
            return stops
        stops.append(stop)


def test_the_keyboard_reaches_everything_and_one_sees_where_it_is(make_claim, site, page):
    asked = make_claim(Status.APPROVED, "asked.example")
    draft = make_claim(Status.EDITING, "draft.example")
    url = site().url
    page.goto(f"{url}/opt-out/{notices.in_force(asked).first().token}/")
    by_customer = walk_by_keyboard(page)
    sign_in(page, url, make_claim.actor)
    page.goto(f"{url}/claims/{draft.reference}/edit/work/")
    by_partner = walk_by_keyboard(page)

    for stops in (by_customer, by_partner):
        assert stops[0] == ["Skip to the content", "solid"]
        assert [name for name, outline in stops if outline == "none"] == []
    assert [name for name, _ in by_customer if name in DECIDING] == DECIDING
    assert [name for name, _ in by_partner if name in FILING] == FILING

    page.goto(f"{url}/claims/{draft.reference}/edit/work/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ('<img src="data:,">', "image-alt"),
        ('<p style="color: #999; background: #aaa">Pale words</p>', "color-contrast"),
        ('<input name="nameless">', "label"),
    ],
)
def test_a_planted_fault_is_found(page, planted, rule):
    page.set_content(f"<!DOCTYPE html><html lang=en><title>Planted</title><main>{planted}</main>")

    page.evaluate(AXE_SCRIPT)
    faults = find_faults(page)

    assert [re.match(r"[a-z-]+", fault)[0] for fault in faults] == [rule]
