"""The list of mediation cases, and the links to it from other pages of admin."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from associations.contests import settling
from associations.customer import questions
from associations.enums import CaseStatus
from associations.models import MediationCase
from cpor_site.web import admin_lists
from tests import cast

from .boards import LIST, sign_in, text_of
from .conftest import MINUTE, Contest

QUEUE = reverse("admin:associations_claim_changelist")
DAY = dt.timedelta(days=1)


@pytest.fixture
def lead(contest):
    return sign_in(contest.lead)


@pytest.fixture
def open_case(contest):
    """``open_case(status)`` makes a case of a customer of its own."""

    def make(status=CaseStatus.HEARING, *, after=dt.timedelta(0), **facts):
        number = MediationCase.objects.count()
        one = Contest(domain=f"customer{number}.example")
        one.now = contest.now + after
        for name, value in facts.items():
            setattr(one.tenant, name, value)
        one.tenant.save()
        one.submit(0), one.submit(1)
        one.case_pk = MediationCase.objects.order_by("-pk")[0].pk
        settling.settle_case(one.case_pk, now=one.now)
        if status != CaseStatus.HEARING:
            pass_limit(one)
        if status in (CaseStatus.DECIDED, CaseStatus.CLOSED):
            one.decide(0)
        if status == CaseStatus.CLOSED:
            pass_limit(one)
        return one

    def pass_limit(one):
        """Let the limit of this case alone pass."""
        one.now = cast.over(one.case.due_at) + MINUTE
        settling.settle_case(one.case_pk, now=one.now)

    return make


def listed(client, **params):
    return [row["case"].pk for row in client.get(LIST, params).context["cl"].rows]


def test_it_shows_open_cases_oldest_deadline_first(open_case, lead):
    third = open_case(after=4 * DAY)
    first = open_case()
    untold = open_case()
    MediationCase.objects.filter(pk=untold.case_pk).update(due_at=None)
    second = open_case(CaseStatus.DECIDING)
    MediationCase.objects.filter(pk=second.case_pk).update(due_at=first.case.due_at)
    MediationCase.objects.filter(pk=first.case_pk).update(due_at=first.now - 9 * DAY)
    closed = open_case(CaseStatus.CLOSED)

    found = listed(lead)

    assert found[0] == first.case_pk
    assert found[-1] == untold.case_pk
    assert set(found[1:-1]) == {second.case_pk, third.case_pk}
    assert closed.case_pk not in found


def test_a_row_says_what_it_is_about_and_until_when(open_case, lead):
    one = open_case(CaseStatus.DECIDING, name="Fourth Coffee")

    page = text_of(lead.get(LIST)).partition("<tbody>")[2]

    for words in ("Fourth Coffee", "Teams", *(each.name for each in one.partners)):
        assert words in page
    assert "Waiting for the decision" in page
    assert "(Los Angeles time) · " in page
    assert "On time" in page


def test_the_customers_deadline_is_in_the_customers_zone(open_case, lead):
    one = open_case(CaseStatus.DECIDING)
    questions.ask_customer(one.case, actor=one.lead, now=one.now)

    page = text_of(lead.get(LIST))

    assert "Waiting for the customer" in page
    assert "(São Paulo time)" in page


@pytest.mark.parametrize(
    ("status", "is_late"),
    [(CaseStatus.DECIDING, True), (CaseStatus.HEARING, False), (CaseStatus.DECIDED, False)],
)
def test_only_what_staff_must_decide_is_late(open_case, lead, status, is_late):
    one = open_case(status)
    MediationCase.objects.filter(pk=one.case_pk).update(due_at=timezone.now() - MINUTE)

    assert listed(lead, sla="late") == ([one.case_pk] if is_late else [])
    page = text_of(lead.get(LIST)).partition("<tbody>")[2]
    start = text_of(lead.get("/admin/"))

    assert ("flag-late" in page) == is_late
    assert "deadline passed" in page
    assert ("?sla=late" in start.partition('id="cases-ahead"')[2].partition("</section>")[0]) == (
        is_late
    )


@pytest.mark.parametrize(
    ("choice", "statuses"),
    [
        ("open", {CaseStatus.HEARING, CaseStatus.DECIDING, CaseStatus.DECIDED}),
        ("closed", {CaseStatus.CLOSED}),
        ("deciding", {CaseStatus.DECIDING}),
        ("decided", {CaseStatus.DECIDED}),
        ("nonsense", None),
        ("all", None),
    ],
)
def test_the_status_filter(open_case, lead, choice, statuses):
    every = {CaseStatus.HEARING, CaseStatus.DECIDING, CaseStatus.DECIDED, CaseStatus.CLOSED}
    for status in every:
        open_case(status)

    page = lead.get(LIST, {"status": choice})

    assert {row["case"].status for row in page.context["cl"].rows} == (statuses or every)


def test_search_finds_by_claim_customer_and_partner_also_what_is_closed(open_case, lead):
    one = open_case(CaseStatus.CLOSED, name="Fourth Coffee")
    open_case()
    one.partners[1].name = "Wingtip Consulting"
    one.partners[1].save()

    for words in (
        one.claims[1].reference,
        "fourth cof",
        "wingtip",
        one.partners[0].locations.get().partner_code,
        str(one.tenant.tenant_id),
    ):
        assert listed(lead, q=words) == [one.case_pk], words
    assert listed(lead, q="nothing of the kind") == []
    assert listed(lead, q=one.claims[1].reference, status="open") == []


def test_empty_lists_say_what_would_be_there(contest, lead):
    assert "No mediation is open" in text_of(lead.get(LIST))
    assert "No cases found" in text_of(lead.get(LIST, {"status": "closed"}))


def test_counts_stop_at_the_limit(open_case, lead, monkeypatch):
    monkeypatch.setattr(admin_lists, "COUNT_LIMIT", 1)
    open_case(), open_case()

    page = lead.get(LIST)

    assert page.context["cl"].result_count == 1
    assert "Showing the first 1 cases" in text_of(page)


def count_queries(client, address, **params):
    with CaptureQueriesContext(connection) as captured:
        client.get(address, params)
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(open_case, lead):
    open_case(CaseStatus.DECIDING)
    lead.get(LIST)
    one = count_queries(lead, LIST)
    open_case(), open_case(CaseStatus.DECIDED)

    assert len(listed(lead)) == 3
    assert count_queries(lead, LIST) == one
    assert one <= 12


def test_a_search_asks_few_questions(open_case, lead):
    open_case()

    assert count_queries(lead, LIST, q="fabrikam") <= 13


# --- Links from other pages ----------------------------------------------------------------------


def test_the_queue_marks_what_waits_for_a_decision_in_one_query(open_case, contest):
    client = sign_in(contest.reviewer)
    open_case()
    client.get(QUEUE)
    one = count_queries(client, QUEUE)
    open_case(CaseStatus.DECIDED)
    alone = cast.make_draft(
        contest.partners[0], contest.admins[0], contest.tenant, codes=("teams",)
    )
    cast.walk(alone, "submitted", actor=contest.admins[0], reviewer=contest.reviewer)

    page = client.get(QUEUE)

    assert text_of(page).count("Waiting for mediation") == 2
    assert LIST in text_of(page)
    assert len(page.context["cl"].result_list) == 5
    assert count_queries(client, QUEUE) == one
    assert one <= 13


def test_members_of_a_side_see_no_mark_in_the_queue(open_case, contest):
    one = open_case()
    cast.make_member(one.partners[0], user=contest.reviewer)

    assert "Waiting for mediation" not in text_of(sign_in(contest.reviewer).get(QUEUE))


def test_the_claims_page_leads_to_its_mediation(heard):
    page = text_of(sign_in(heard.reviewer).get(heard.claims[0].get_admin_url()))

    assert "Mediation: Teams – Waiting for the decision" in page
    assert heard.case.get_admin_url() in page


@pytest.mark.parametrize("n", [0, 1])
def test_the_claims_page_says_nothing_of_it_to_members_of_a_side(heard, n):
    cast.make_member(heard.partners[n], user=heard.reviewer)

    for claim in heard.claims.values():
        page = text_of(sign_in(heard.reviewer).get(claim.get_admin_url()))
        assert heard.case.get_admin_url() not in page
        assert "Open the mediation" not in page


def test_the_start_page_counts_what_waits_for_a_decision(open_case, lead):
    open_case(CaseStatus.DECIDING), open_case()

    assert "1 case is waiting for a decision" in text_of(lead.get("/admin/"))
