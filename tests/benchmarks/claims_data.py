"""Partners with any number of claims, inserted by the database itself."""

import contextlib

#: Of 100 claims, so many stand at each status: most are settled, as in life.
SHARES = {
    "editing": 3,
    "submitted": 3,
    "under-review": 3,
    "action-required": 2,
    "approved": 10,
    "official": 50,
    "rejected": 14,
    "dispute": 1,
    "rejected-final": 4,
    "ended": 10,
}
WITH_CLOCK = ("submitted", "under-review", "action-required", "approved", "rejected", "dispute")


def set_up() -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    if connection.vendor != "postgresql":
        raise RuntimeError(f"the benchmark runs on PostgreSQL, not {connection.vendor}")


@contextlib.contextmanager
def indexes_built_afterwards():
    """Loading a million rows into their indexes one by one takes minutes; building them, seconds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(PLAIN_INDEXES)
        found = cursor.fetchall()
        cursor.execute(
            "SET session_replication_role = replica"
        )  # no foreign keys row by row either
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in found:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = DEFAULT")


def make_partner(size: int):
    """A partner with ``size`` claims of two products, a customer for each five claims."""
    from tests import cast

    partner = cast.make_partner(f"Partner of {size}")
    user = cast.make_member(partner, email=f"clerk{size}@partner.example")
    execute(TENANTS, size=size)
    execute(
        CLAIMS.format(status=_status_expression()),
        size=size,
        partner=partner.pk,
        place=partner.locations.get().pk,
        user=user.pk,
        clocks=list(WITH_CLOCK),
    )
    for code in ("teams", "exchange-online"):
        execute(ASSOCIATIONS, partner=partner.pk, product=cast.product(code).pk)
    return user


def execute(statement: str, **params) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _status_expression() -> str:
    """The status of the n-th claim, spread so that neighbours differ."""
    branches, below = [], 0
    for status, share in SHARES.items():
        below += share
        branches.append(f"WHEN (n * 37) %% 100 < {below} THEN '{status}'")
    return f"CASE {' '.join(branches)} END"


PLAIN_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid::regclass::text IN ('associations_claim', 'associations_association',
                                   'associations_tenant')
  AND NOT indisunique
"""

TENANTS = """
INSERT INTO associations_tenant (tenant_id, name, country, country_part, time_zone, language)
SELECT gen_random_uuid(), 'Customer ' || md5(n::text) || ' of ' || %(size)s, 'BR', '',
       'America/Sao_Paulo', 'en'
FROM generate_series(1, %(size)s / 5) AS n
"""

CLAIMS = """
WITH last AS (SELECT max(id) AS id FROM associations_tenant), made AS (
    SELECT n, {status} AS status, last.id - n %% (%(size)s / 5) AS tenant_id
    FROM generate_series(1, %(size)s) AS n, last
)
INSERT INTO associations_claim (
    reference, partner_id, location_id, tenant_id, status, customer_domain, solution_area, activity,
    name, solution_seller, revenue_customer_name, isv_product, created_by_id, filing_key, typed,
    revision, created_at, updated_at, submitted_at, due_at, due_time_zone, turn, is_parked, information_reasons,
    reviewer_message, rejection_reason, history_length, history_hash
)
SELECT upper(substr(md5(%(size)s || ' ' || n), 1, 12)), %(partner)s, %(place)s, tenant_id, status,
       'customer.example', 'microsoft-365', 'usage', 'Rollout ' || n, '', '', '', %(user)s,
       gen_random_uuid(), '{{}}', 0, now(), now(), CASE WHEN status <> 'editing' THEN now() END,
       CASE WHEN status = ANY(%(clocks)s) THEN date_trunc('day', now()) + n %% 30 * interval '1 day'
       END,
       CASE WHEN status = ANY(%(clocks)s) THEN 'America/Sao_Paulo' ELSE '' END,
       CASE status WHEN 'approved' THEN 'customer' WHEN 'action-required' THEN 'partner'
           WHEN 'rejected' THEN 'partner' ELSE 'staff' END,
       false, '[]', '', CASE WHEN status = 'rejected' THEN 'insufficient-poe' ELSE '' END, 0, ''
FROM made
"""

ASSOCIATIONS = """
INSERT INTO associations_association
    (reference, claim_id, partner_id, tenant_id, product_id, slot_key, status, parked_reason)
SELECT upper(substr(md5(id || ' ' || %(product)s), 1, 12)), id, partner_id, tenant_id, %(product)s,
       tenant_id || '/' || %(product)s || '/' || id, 'proposed', ''
FROM associations_claim WHERE partner_id = %(partner)s
"""


def analyze() -> None:
    """As autovacuum does in life."""
    execute("VACUUM ANALYZE")
