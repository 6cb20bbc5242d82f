"""Staff's lists, the dashboard and the members page look their rows up by an index [R46].

Tables of a test are small, and small tables are soonest read whole. So the planner is told to do that
only where it has no other way; what it then chooses is what it chooses among many rows.
tests/benchmarks/bench_staff_lists.py measures.
"""

import hashlib
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import cast
from tests.many_rows import Crowd

pytestmark = pytest.mark.plans
SIZE = 6_000
QUERIES_MAX = 12
NAME = hashlib.md5(b"7", usedforsecurity=False).hexdigest()[:12]
QUEUE, ACCESS = "/admin/associations/claim/", "/admin/partners/accessrecord/"
EMAILS, CUSTOMERS = "/admin/notifications/message/", "/admin/associations/tenant/"
SUBSCRIPTIONS, PEOPLE = "/admin/associations/subscription/", "/admin/partners/user/"

#: Address, query and an index that one of its queries must use ("" where the order by key will do).
STAFF_PAGES = [
    (QUEUE, {}, "claim_review_queue"),
    (QUEUE, {"competing": "yes"}, "association_by_slot"),
    (QUEUE, {"competing": "yes", "status": "all"}, "association_by_slot"),
    (QUEUE, {"parked": "yes"}, "association_parked"),
    (QUEUE, {"program": "none", "status": "all"}, "claim_revenue"),
    (QUEUE, {"status": "approved"}, "claim_approved"),
    (QUEUE, {"status": "action-required"}, "claim_due_partner"),
    (QUEUE, {"status": "ended"}, "claim_settled"),
    (QUEUE, {"status": "rejected-final"}, "claim_settled"),
    (QUEUE, {"turn": "partner"}, "claim_by_turn"),
    (QUEUE, {"q": NAME}, "tenant_by_part_of_name"),
    (QUEUE, {"q": "c7.crowd.example"}, "claim_by_customer"),
    (QUEUE, {"q": "20000017"}, "claim_list_by_place"),
    (QUEUE, {"q": "customer"}, ""),
    (ACCESS, {}, ""),
    (ACCESS, {"p": "older-900"}, ""),
    (ACCESS, {"kind__exact": "usage_exported"}, "access_by_kind_everywhere"),
    (ACCESS, {"q": NAME}, "access_by_part_of_subject"),
    (ACCESS, {"q": "person17@crowd"}, "user_by_part_of_email"),
    (EMAILS, {}, ""),
    (EMAILS, {"p": "older-900"}, ""),
    (EMAILS, {"q": "person77@mail"}, "message_by_part_of_address"),
    (EMAILS, {"q": NAME}, "message_by_part_of_name"),
    (EMAILS, {"q": "crowd:77"}, "message_key_once"),
    (EMAILS, {"state__exact": "failed"}, "message_not_sent"),
    (EMAILS, {"kind__exact": "password_reset"}, "message_by_kind"),
    (EMAILS, {"language": "pt-br"}, "message_by_language"),
    (CUSTOMERS, {}, "tenant_by_name"),
    (CUSTOMERS, {"q": NAME}, "tenant_by_part_of_name"),
    (CUSTOMERS, {"q": "c77.crowd"}, "domain_by_part"),
    (CUSTOMERS, {"language__exact": "pt-br"}, "tenant_by_language"),
    (SUBSCRIPTIONS, {"q": NAME}, "tenant_by_part_of_name"),
    (SUBSCRIPTIONS, {"state__exact": "expired"}, "subscription_by_state"),
    (PEOPLE, {"q": "person17@crowd"}, "user_by_part_of_email"),
    (PEOPLE, {"is_staff__exact": "1"}, "user_of_staff"),
]
MEMBER_PAGES = [
    ("", {}, "claim_open_turns"),
    ("members/", {}, ""),
    ("members/", {"page": "2"}, ""),
    ("access/", {}, ""),
    ("usage/", {}, ""),
    ("search/", {"q": NAME}, ""),
]


@pytest.fixture(scope="module")
def crowd(django_db_setup, django_db_blocker):
    """Made once for the module, and taken back afterwards."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        made = Crowd.make()
        made.grow(SIZE)
        root = cast.UserFactory(is_staff=True, is_superuser=True)
        yield made, sign_in(root), sign_in(made.person)
        transaction.set_rollback(True)


def sign_in(user):
    client = Client()
    client.force_login(user)
    if user.is_staff:
        session = client.session
        cast.prove_second_factor(session, user)
        session.save()
    return client


def capture(client, address, query):
    """The queries of a page that was opened before, as one is after a start."""
    client.get(address, query)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, query)
    assert response.status_code == 200
    return [each["sql"] for each in captured if each["sql"].startswith(("SELECT", "("))]


def find_indexes(sql):
    """The indexes that the plan of a query names."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql)
        (plan,) = cursor.fetchone()
    return set(re.findall(r"'Index Name': '(\w+)'", str(plan)))


def check(client, address, query, index):
    queries = capture(client, address, query)

    assert len(queries) <= QUERIES_MAX
    assert not index or index in set().union(*map(find_indexes, queries))


@pytest.mark.parametrize(("address", "query", "index"), STAFF_PAGES)
def test_a_list_of_staff_looks_up_what_it_shows(crowd, db, address, query, index):
    check(crowd[1], address, query, index)


@pytest.mark.parametrize(("address", "query", "index"), MEMBER_PAGES)
def test_a_page_of_a_partner_looks_up_what_it_shows(crowd, db, address, query, index):
    check(crowd[2], crowd[0].partner.get_absolute_url() + address, query, index)


def test_a_missing_index_is_seen(crowd, db):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX tenant_by_part_of_name")

    with pytest.raises(AssertionError):
        check(crowd[1], CUSTOMERS, {"q": NAME}, "tenant_by_part_of_name")


@pytest.mark.parametrize("model", ["partner", "user"])
def test_a_page_of_staff_asks_few_questions_however_many_rows(crowd, db, model):
    made, client, _member = crowd
    of = {"partner": made.partner, "user": made.person}[model]
    address = f"/admin/partners/{model}/{of.pk}/change/"

    queries = capture(client, address, {})

    assert len(queries) <= QUERIES_MAX
    assert len(client.get(address).content) < 300_000


def test_a_search_that_finds_nearly_all_walks_the_list(crowd, db):
    """Rows that have a word in them are taken for few, and all of them would be gathered and sorted."""
    plans = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("SELECT") and "LIMIT 101" in sql:
            with connection.connection.cursor() as cursor:
                plans.append(str(cursor.execute(f"EXPLAIN {sql}", params).fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        crowd[1].get(EMAILS, {"q": "person"})

    assert len(plans) == 1
    assert "Index Scan Backward using notifications_message_pkey" in plans[0]
    assert "Sort" not in plans[0]
