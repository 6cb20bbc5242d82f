"""A mediation in the browser: both sides' pages and the customer's in every state, by axe and by measure; a statement
with its counter, and the customer's answer without scripts."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from associations.customer.questions import answer_question
from associations.enums import CaseChoice
from partners.enums import Role
from tests import cast
from tests.associations.contests.conftest import Contest
from tests.associations.contests.pages import ask
from tests.associations.emails.test_mails import LANGUAGES
from tests.e2e.axe import look_at, sign_in, submit, visit
from tests.e2e.layout import find_layout_faults
from tests.e2e.steps import follow
from tests.e2e.test_layout import look_over

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

STATEMENT = (
    "We introduced Teams in March and trained 400 people; our letter of 12 March names the project."
)


@pytest.fixture
def contest():
    found = Contest()
    found.partners[0].name = "Companhia Nordestina de Telecomunicações"
    found.partners[0].save()
    found.tenant.name = "Associação Beneficente Santa Terezinha"
    found.tenant.save()
    return found


class Visitor:
    """Opens the pages of one side after the other, and gathers what is wrong with them."""

    def __init__(self, contest, page, url):
        self.contest, self.page, self.url = contest, page, url
        self.faults = []

    def find_page(self, n):
        claim = self.contest.read(n)
        product = claim.associations.get(product__code="teams").reference
        return reverse("associations:claim-mediation", args=[claim.reference, product])

    def look(self, n, *paths, person=None):
        self.page.context.clear_cookies()
        sign_in(self.page, self.url, person or self.contest.admins[n])
        paths = [self.find_page(n), self.contest.read(n).get_absolute_url(), *paths]
        self.faults += look_over(self.page, self.url, paths)
        self.faults += visit(self.page, [f"{self.url}{each}" for each in paths])

    def look_all(self):
        for n in (0, 1):
            home = self.contest.partners[n].get_absolute_url()
            self.look(n, home, f"{home}claims/")

    def look_as_customer(self, question):
        path = reverse("associations:case-question", args=[question.token])
        self.page.context.clear_cookies()
        for language in LANGUAGES:
            self.page.goto(f"{self.url}{path}?lang={language}")
            self.faults += look_at(self.page, f"question in {language}")
            self.faults += find_layout_faults(self.page, f"question in {language}")


def test_every_state_is_accessible_and_holds_together(contest, site, page):
    contest.make_official(0)
    contest.codes = ("teams", "exchange-online")
    contest.submit(1)
    contest.settle()
    visitor = Visitor(contest, page, site().url)
    user = cast.make_member(contest.partners[0], Role.INCENTIVES_USER)

    visitor.look_all()
    visitor.look(0, person=user)
    visitor.page.goto(f"{visitor.url}{visitor.find_page(0)}")
    visitor.faults += submit(page, ".action-page button[type=submit]", status=400)
    contest.hear()
    visitor.look(0)
    question = ask(contest)
    visitor.look_as_customer(question)
    visitor.faults += submit(page, "form.decide button[type=submit]", status=400)
    chosen = contest.partners[1].pk
    answer_question(question.token, choice=CaseChoice.PARTNER, partner_id=chosen, at=contest.now)
    visitor.look_as_customer(question)
    contest.pass_limit()
    visitor.look_as_customer(question)
    visitor.look_all()
    contest.dispute(0, STATEMENT)
    visitor.look_all()
    contest.begin(1)
    contest.decide(1)
    contest.settle()
    visitor.look_all()

    assert visitor.faults == []


def test_a_statement_is_counted_as_it_is_typed_and_kept(contest, site, page):
    contest.submit(0)
    contest.submit(1)
    contest.settle()
    url = site().url
    sign_in(page, url, contest.admins[0])
    page.goto(f"{url}{contest.read(0).get_absolute_url()}")
    follow(page, page.get_by_role("link", name="Give your statement on Teams"))
    count = page.locator(".mediation-count [aria-hidden]")

    expect(count).to_have_text("0 of 300 characters")
    page.get_by_label("Your statement").fill(f"{STATEMENT} 🙂")
    expect(count).to_have_text(f"{len(STATEMENT) + 2} of 300 characters")
    page.get_by_label("Your statement").fill("x" * 301)
    assert follow(page, page.get_by_role("button", name="Save statement")).status == 400
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary a").click()
    expect(page.get_by_label("Your statement")).to_be_focused()
    page.get_by_label("Your statement").fill(STATEMENT)
    follow(page, page.get_by_role("button", name="Save statement"))

    expect(page.get_by_text("Your statement has been saved.")).to_be_visible()
    expect(page.get_by_label("Your statement")).to_have_value(STATEMENT)


def test_the_customer_answers_without_scripts_or_cookies(contest, site, browser):
    contest.submit(0)
    contest.submit(1)
    contest.hear()
    question = ask(contest)
    path = reverse("associations:case-question", args=[question.token])
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{site().url}{path}")

    assert follow(page, page.get_by_role("button", name="Send my answer")).status == 400
    expect(page.get_by_text("You chose nothing.").first).to_be_visible()
    page.get_by_label("None of them").check()
    follow(page, page.get_by_role("button", name="Send my answer"))

    expect(page.get_by_text("Your answer is recorded")).to_be_visible()
    expect(page.get_by_label("None of them")).not_to_be_checked()
    assert page.context.cookies() == []
    assert question.answers.get().choice == CaseChoice.NEITHER
