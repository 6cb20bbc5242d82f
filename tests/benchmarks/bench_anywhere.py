"""The search of the header and the usage overview: a partner of 1,000,000 claims against one of 1,000.

    python -m tests.benchmarks --only anywhere

Measured as the claims list is, with its claims; here the official ones hold their slots and have figures, and
every claim has words and a contact to be found by.
"""

import datetime as dt
import hashlib

from tests.benchmarks import Row, claims_data
from tests.benchmarks.bench_claims_list import LARGE, SMALL, compare
from tests.benchmarks.claims_data import execute

CEILING, SEARCH_QUERIES, OVERVIEW_QUERIES = 1.5, 12, 13
MONTHS = 4


def run(database_url: str) -> list[Row]:
    """Measure on an empty PostgreSQL that the settings lead to already."""
    claims_data.set_up()
    with claims_data.indexes_built_afterwards():
        people = {size: claims_data.make_partner(size) for size in (LARGE, SMALL)}
    _make_findable()
    _make_official()
    claims_data.analyze()
    rows = []
    for name, query_of in _find_searches(people).items():
        page = {"page": "search/", "mark": b"row-list", "max_queries": SEARCH_QUERIES}
        rows += compare(name, query_of, people, ceiling=CEILING, **page)
    for name, query_of in _find_overviews(people).items():
        page = {"page": "usage/", "mark": b"sparkline", "max_queries": OVERVIEW_QUERIES}
        rows += compare(name, query_of, people, ceiling=CEILING, **page)
    return rows


def _find_searches(people: dict) -> dict[str, dict]:
    """Name → for each partner the query of the address."""
    one = hashlib.md5(b"7", usedforsecurity=False).hexdigest()  # both have a customer named so
    terms = {
        "one customer": one,
        "every customer": "customer",
        "one claim": "rollout 77",
        "every claim": "rollout",
        "one contact": "contact77@",
        "every contact": "carla",
        "nothing but a few": "rollout 7 teams",
    }
    return {
        f"search anywhere for {title}": {size: {"q": term} for size in people}
        for title, term in terms.items()
    }


def _find_overviews(people: dict) -> dict[str, dict]:
    from tests import cast

    one = hashlib.md5(b"7", usedforsecurity=False).hexdigest()
    queries = {
        "first page": {},
        "needing attention": {"attention": "yes"},
        "one product": {"product": cast.product("teams").pk},
        "one customer": {"q": one},
        "every customer": {"q": "customer"},
    }
    views = {
        f"usage overview, {title}": dict.fromkeys(people, query) for title, query in queries.items()
    }
    for title, share in (("middle", 0.5), ("last", 1)):
        views[f"usage overview, {title} page"] = {
            size: _cursor_at(user, share) for size, user in people.items()
        }
    return views


def _cursor_at(user, share: float) -> dict[str, str]:
    """The query of the page that lies at this share of all products."""
    from associations.models import Association
    from associations.usage import overview

    partner = user.memberships.get().partner
    official = Association.objects.filter(partner=partner, status="official")
    rows = official.order_by(overview.make_attention_key(), "id")
    place = max(int(rows.count() * share) - overview.PAGE_SIZE, 0)
    association = rows[place]
    day = association.needs_attention_from or overview.NO_ATTENTION
    return {"after": str(overview.Cursor(association.reference, day))}


def _make_findable() -> None:
    execute(TEXTS)
    execute(CONTACTS)


def _make_official() -> None:
    """Official products hold their slots; every tenth needs attention, and all customers have figures."""
    execute(OFFICIAL)
    execute(HOLDINGS)
    month = dt.datetime.now(tz=dt.UTC).date().replace(day=1)
    for back in range(1, MONTHS + 1):
        first = (month - dt.timedelta(days=30 * back)).replace(day=1)
        execute(USAGE, month=first)


TEXTS = """
INSERT INTO associations_claimtext (claim_id, partner_id, text, people)
SELECT id, partner_id, name || ' Teams Exchange Online',
       'Carla Cliente contact' || id %% 100000 || '@customer.example'
FROM associations_claim
"""

CONTACTS = """
INSERT INTO associations_contact (claim_id, role, name, title, email, language)
SELECT id, 'customer', 'Carla Cliente', '', 'contact' || id %% 100000 || '@customer.example', 'en'
FROM associations_claim
"""

OFFICIAL = """
UPDATE associations_association a SET status = 'official', official_at = now(),
  needs_attention_from = CASE WHEN a.id %% 10 = 0 THEN date '2000-01-01' ELSE date '9999-01-01' END
FROM associations_claim c WHERE c.id = a.claim_id AND c.status = 'official'
"""

HOLDINGS = """
INSERT INTO associations_slotholding (slot_key, partner_id, held_since)
SELECT slot_key, partner_id, now() FROM associations_association WHERE status = 'official'
"""

USAGE = """
INSERT INTO associations_workloadusage (tenant_id, product_id, month, active_users, paid_units)
SELECT DISTINCT tenant_id, product_id, %(month)s, 60, 100
FROM associations_association WHERE status = 'official'
ON CONFLICT DO NOTHING
"""
