"""The review queue in admin: what is in it, in which order, with which flags, at what cost [R15]."""

import datetime as dt
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from associations.admin.review import queue
from associations.admin.review.sla import Sla, SlaClock
from associations.claims.history import SYSTEM
from associations.enums import ParkedReason, Status
from associations.finalisation import parking
from associations.models import Claim
from associations.review import assignment
from cpor_site.web import admin_lists
from tests import cast

pytestmark = pytest.mark.django_db

QUEUE = "admin:associations_claim_changelist"
DAY = dt.timedelta(days=1)


@pytest.fixture
def staff_client(client, reviewer):
    client.force_login(reviewer)
    return client


@pytest.fixture
def file(partner, admin, reviewer):
    """``file(status, at=…)`` makes a claim of a customer of its own."""

    def make(status=Status.SUBMITTED, *, at=cast.MONDAY, domain=None, by=(partner, admin), **facts):
        codes = facts.pop("codes", ("teams", "exchange-online"))
        activity = facts.pop("activity", "usage")
        work = facts.pop("work", {})
        with time_machine.travel(at, tick=False):
            tenant = facts.pop("tenant", None) or cast.make_tenant(
                domain or f"c{Claim.objects.count()}.example", **facts
            )
            draft = cast.make_draft(*by, tenant, codes=codes, activity=activity, **work)
            return cast.walk(draft, status, actor=by[1], reviewer=reviewer)

    return make


def listed(client, **params):
    """References in the order of the page."""
    page = client.get(reverse(QUEUE), params)
    return [claim.reference for claim in page.context["cl"].result_list]


def row_of(client, claim, **params):
    page = client.get(reverse(QUEUE), params)
    return next(each for each in page.context["cl"].result_list if each.pk == claim.pk)


def test_it_shows_what_waits_for_staff_oldest_deadline_first(file, staff_client):
    third = file(at=cast.MONDAY + 3 * DAY)
    first = file(at=cast.MONDAY)
    second = file(Status.UNDER_REVIEW, at=cast.MONDAY + DAY)
    fourth = file(Status.DISPUTE, at=cast.MONDAY + 4 * DAY)
    for status in (Status.EDITING, Status.ACTION_REQUIRED, Status.APPROVED, Status.REJECTED):
        file(status)

    assert listed(staff_client) == [each.reference for each in (first, second, third, fourth)]


def test_a_row_names_deadline_zone_and_turn(file, staff_client):
    file(name="Fabrikam", country="AE")

    page = " ".join(staff_client.get(reverse(QUEUE)).content.decode().split())

    for words in ("Fabrikam", "AE", "OSU-Microsoft 365", "Contoso Consulting", "No one"):
        assert words in page
    assert "until the end of Mon 9 Mar 2026 (Los Angeles time)" in page
    assert page.count("<span>You</span>") == 1
    assert "waiting for" not in page.lower().partition("<tbody>")[2]


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC), Sla.ON_TIME),  # Thursday before
        (dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC), Sla.DUE_SOON),  # Friday: one business day left
        (dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC), Sla.DUE_SOON),  # Monday, the last day
        (dt.datetime(2026, 3, 10, 7, tzinfo=dt.UTC), Sla.LATE),  # midnight in Los Angeles
    ],
)
def test_the_state_of_the_time_limit_and_its_filter_agree(file, staff_client, moment, state):
    claim = file()

    with time_machine.travel(moment, tick=False):
        row = row_of(staff_client, claim)
        found = {each for each in Sla if claim.reference in listed(staff_client, sla=each)}

    assert row.sla == state
    assert found == {state}


def test_a_claim_that_does_not_wait_for_staff_has_no_such_state(file):
    asked = file(Status.ACTION_REQUIRED)

    assert SlaClock.read().state_of(asked) is None


def test_age_counts_from_the_submission(file, staff_client):
    claim = file()

    with time_machine.travel(cast.MONDAY + 3 * DAY, tick=False):
        assert row_of(staff_client, claim).age == "3 days"


def test_competing_claims_are_flagged_and_found(file, staff_client):
    alone = file()
    claim = file()
    rival_partner = cast.make_partner("Rival")
    rival = file(by=(rival_partner, cast.make_member(rival_partner)), tenant=claim.tenant)

    flags = {each: row_of(staff_client, each).is_contested for each in (alone, claim, rival)}

    assert flags == {alone: False, claim: True, rival: True}
    assert set(listed(staff_client, competing="yes")) == {claim.reference, rival.reference}


def test_a_rejected_claim_competes_with_no_one(file, staff_client):
    rejected = file(Status.REJECTED)
    rival_partner = cast.make_partner("Rival")
    file(by=(rival_partner, cast.make_member(rival_partner)), tenant=rejected.tenant)

    assert not row_of(staff_client, rejected, status="rejected").is_contested
    assert listed(staff_client, competing="yes") == []


def test_parked_claims_are_found_whatever_their_status(file, staff_client):
    parked, other = file(Status.APPROVED), file(Status.APPROVED)
    parking.park(
        parked, {parked.associations.first(): ParkedReason.FAULT}, by=SYSTEM, now=timezone.now()
    )

    assert listed(staff_client, parked="yes") == [parked.reference]
    assert other.reference in listed(staff_client, status="approved")


def test_filters_narrow(file, staff_client, reviewer):
    mine = file(Status.UNDER_REVIEW, country="BR")
    unplaced = file(country="AE")
    dynamics = file(codes=("sales",), activity="presales")
    work = {"solution_seller": "Sven", "revenue_customer_name": "Fab", "isv_product": "Painter"}
    revenue = file(codes=("finance",), activity="revenue", work=work)
    colleagues = file()
    assignment.assign_claim(colleagues, actor=cast.make_reviewer(), now=timezone.now())

    def found(**params):
        return set(listed(staff_client, **params))

    assert found(reviewer="me") == {mine.reference}
    assert found(reviewer="others") == {colleagues.reference}
    assert unplaced.reference in found(reviewer="nobody")
    assert found(country="AE") == {unplaced.reference}
    assert found(program="osa-sell") == {dynamics.reference}
    assert found(program="none") == {revenue.reference}
    assert found(status="under-review") == {mine.reference}
    assert found(turn="staff") == found()
    assert found(turn="partner") == set()


def test_a_choice_that_does_not_exist_is_ignored(file, staff_client):
    claim = file()

    assert listed(staff_client, sla="never", country="XX", reviewer="x") == [claim.reference]


@pytest.mark.parametrize("status", [each for each in Status if each != Status.EDITING])
def test_every_status_can_be_listed_but_drafts(file, staff_client, status):
    claim, draft = file(status), file(Status.EDITING)

    assert listed(staff_client, status=status) == [claim.reference]
    assert listed(staff_client, status="all") == [claim.reference]
    assert draft.reference not in listed(staff_client, status="editing")


def test_a_search_looks_in_every_status(file, staff_client, partner):
    official = file(Status.OFFICIAL, name="Woodgrove Bank", domain="woodgrove.example")
    other_partner = cast.make_partner("Elsewhere")
    file(by=(other_partner, cast.make_member(other_partner)))
    words = (
        *(official.reference, official.reference.lower(), "woodgrove", "woodgrove.example"),
        *(str(official.tenant.tenant_id), "contoso", partner.locations.get().partner_code),
    )

    for each in words:
        assert listed(staff_client, q=each) == [official.reference], each
    assert listed(staff_client, q="nobody of that name") == []


def test_an_empty_queue_says_what_will_come(staff_client):
    page = staff_client.get(reverse(QUEUE)).content.decode()

    assert "Nothing is waiting for staff" in page
    assert "changelist-form" not in page


def test_a_filter_without_a_match_says_so(file, staff_client):
    file()

    page = staff_client.get(reverse(QUEUE), {"competing": "yes"}).content.decode()

    assert "No claims found" in page


def count_queries(client, **params):
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(QUEUE), params)
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(file, staff_client, reviewer):
    assignment.assign_claim(file(), actor=reviewer, now=timezone.now())
    staff_client.get(reverse(QUEUE))
    one = count_queries(staff_client)
    for _each in range(2):
        assignment.assign_claim(
            file(codes=("sales",), activity="presales"), actor=reviewer, now=timezone.now()
        )

    assert len(listed(staff_client)) == 3
    assert count_queries(staff_client) == one
    assert one <= 12


def test_counts_stop_at_the_limit(file, staff_client, monkeypatch):
    monkeypatch.setattr(admin_lists, "COUNT_LIMIT", 2)
    for _each in range(3):
        file()

    page = staff_client.get(reverse(QUEUE))

    assert page.context["cl"].result_count == 2
    assert "Showing the first 2 claims" in page.content.decode()


def test_the_default_view_reads_the_partial_index(file, staff_client):
    if connection.vendor != "postgresql":
        assert queue.order_for({}) == ["due_at", "id"]
        return
    file()
    with CaptureQueriesContext(connection) as captured:
        staff_client.get(reverse(QUEUE))
    sql = next(q["sql"] for q in captured if "ORDER BY" in q["sql"] and "due_at" in q["sql"])
    with connection.cursor() as cursor:
        # A table of one row tempts the planner; without its short cuts only an index can give the order.
        for short_cut in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{short_cut} = off")
        cursor.execute("EXPLAIN " + sql)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "claim_review_queue" in plan


def tick(client, *claims, **params):
    data = {
        "index": 0,
        "action": "assign_to_me",
        "_selected_action": [claim.pk for claim in claims],
    }
    return client.post(reverse(QUEUE), data, follow=True, query_params=params)


def test_ticked_claims_are_assigned(file, staff_client, reviewer):
    ticked, left = file(), file()

    page = tick(staff_client, ticked)

    assert Claim.objects.get(pk=ticked.pk).assigned_to == reviewer
    assert Claim.objects.get(pk=left.pk).assigned_to is None
    assert "1 claim is yours." in page.content.decode()


def test_ones_own_partners_claim_cannot_be_ticked_along(file, staff_client, partner, reviewer):
    own, other_partner = file(), cast.make_partner("Elsewhere")
    other = file(by=(other_partner, cast.make_member(other_partner)))
    cast.make_member(partner, user=reviewer)

    page = tick(staff_client, own, other).content.decode()

    assert Claim.objects.get(pk=own.pk).assigned_to is None
    assert Claim.objects.get(pk=other.pk).assigned_to == reviewer
    assert f"{own.reference}: You are a member" in page


def tick_all(client, **params):
    data = {"index": 0, "action": "assign_to_me", "_selected_action": ["0"], "select_across": "1"}
    return client.post(f"{reverse(QUEUE)}?{urlencode(params)}", data, follow=True)


def test_all_that_the_filters_find_and_one_may_review_can_be_taken(
    file, staff_client, partner, reviewer
):
    elsewhere = cast.make_partner("Elsewhere")
    people = (elsewhere, cast.make_member(elsewhere))
    cast.make_member(partner, user=reviewer)
    own, draft = file(), file(Status.EDITING, by=people)
    found, other = file(by=people), file(Status.UNDER_REVIEW, by=people)
    other_owner = Claim.objects.get(pk=other.pk).assigned_to

    page = tick_all(staff_client, status=Status.SUBMITTED.value).content.decode()

    owners = dict(Claim.objects.values_list("pk", "assigned_to"))
    assert owners == {
        own.pk: None,
        draft.pk: None,
        found.pk: reviewer.pk,
        other.pk: other_owner and other_owner.pk,
    }
    assert "1 claim is yours." in page
    assert own.reference not in page.partition("messagelist")[2].partition("</ul>")[0]


def test_more_claims_than_the_list_counts_are_not_taken_at_once(file, staff_client, monkeypatch):
    monkeypatch.setattr("associations.admin.review.assigning.COUNT_LIMIT", 1)
    claims = [file(), file()]

    page = tick_all(staff_client).content.decode()

    assert "More than 1 claims match these filters. Narrow them first." in page
    assert not Claim.objects.filter(pk__in=[each.pk for each in claims]).exclude(assigned_to=None)


@pytest.mark.parametrize("tick", ["a\x00b", "abc", "٣", "9" * 30, "9" * 5000, "", "1' OR 1=1"])
def test_ticks_that_are_no_rows_number_tick_nothing(file, staff_client, tick):
    claim = file()
    data = {"index": 0, "action": "assign_to_me", "_selected_action": [tick, str(claim.pk)]}

    answer = staff_client.post(reverse(QUEUE), data)

    assert answer.status_code == 302
    assert Claim.objects.get(pk=claim.pk).assigned_to is not None


def test_drafts_cannot_be_assigned_by_their_number(file, staff_client):
    draft, waiting = file(Status.EDITING), file()

    tick(staff_client, draft, waiting)

    assert Claim.objects.get(pk=draft.pk).assigned_to is None


def test_a_claim_of_today_is_less_than_a_day_old(file, staff_client):
    claim = file(at=cast.MONDAY)

    with time_machine.travel(cast.MONDAY + dt.timedelta(hours=23), tick=False):
        assert row_of(staff_client, claim).age == "less than a day"
    with time_machine.travel(cast.MONDAY + DAY, tick=False):
        assert row_of(staff_client, claim).age == "1 day"
