"""A large table of claims for the finaliser's benchmark and fault tests, made by SQL in the database."""

import datetime as dt

from django.db import connection

from associations.filing.catalogue import load_catalogue
from partners.models import User
from tests import cast

#: Every claim of the data is of this window: those with a number up to ``due`` are due at DUE.
DUE = dt.datetime(2026, 5, 6, 3, 0, tzinfo=dt.UTC)
#: When the finaliser comes: the grace after the deadline is over, whatever it is set to [R31].
SWEPT = DUE + dt.timedelta(hours=1)

TENANTS = """
    INSERT INTO associations_tenant (id, tenant_id, name, country, country_part, time_zone,
      language)
    SELECT n, gen_random_uuid(), 'Customer ' || n, 'BR', '', 'America/Sao_Paulo', 'en'
    FROM generate_series(1, %(total)s / 18 + 1) n
"""

#: A tenth is due, a tenth approved and open, the rest official.
CLAIMS = """
    INSERT INTO associations_claim (id, reference, partner_id, location_id, status, tenant_id,
      customer_domain, solution_area, activity, name, solution_seller, revenue_customer_name,
      isv_product, created_by_id, filing_key, typed, revision, created_at, updated_at, submitted_at,
      status_since, window_opened_at, due_at, due_time_zone, turn, is_parked, information_reasons,
      reviewer_message, rejection_reason, history_length, history_hash)
    SELECT n, 'R' || n, %(partner)s, %(location)s,
      CASE WHEN n <= %(due)s * 2 THEN 'approved' ELSE 'official' END, n / 18 + 1,
      'c.example', 'microsoft-365', 'usage', 'Claim ' || n, '', '', '', %(user)s, gen_random_uuid(),
      '{}', 3, %(at)s, %(at)s, %(at)s, %(at)s,
      CASE WHEN n <= %(due)s * 2 THEN %(at)s::timestamptz END,
      CASE WHEN n <= %(due)s THEN %(at)s::timestamptz
           WHEN n <= %(due)s * 2 THEN %(at)s::timestamptz + interval '10 years' END,
      'America/Sao_Paulo', 'customer', false, '[]', '', '', 1,
      encode(sha256(n::text::bytea), 'hex')
    FROM generate_series(1, %(total)s) n
"""

ASSOCIATIONS = """
    INSERT INTO associations_association (id, reference, claim_id, partner_id, tenant_id, product_id,
      slot_key, status, parked_reason)
    SELECT c.id, 'A' || c.id, c.id, c.partner_id, c.tenant_id, p.id,
      'workload:' || t.tenant_id || ':' || p.code,
      CASE WHEN c.status = 'official' THEN 'official' ELSE 'proposed' END, ''
    FROM associations_claim c
    JOIN associations_tenant t ON t.id = c.tenant_id
    JOIN associations_product p ON p.solution_area = 'microsoft-365' AND p.position = c.id %% 18 + 1
"""

HISTORY = """
    INSERT INTO associations_event (claim_id, number, kind, from_status, to_status, actor, actor_id,
      actor_name, at_microseconds, reason_code, reason, subjects, previous_hash, hash)
    SELECT id, 1, 'created', '', 'editing', 'partner', 1, 'P', 1, '', '', '', '', history_hash
    FROM associations_claim
"""

HOLDINGS = """
    INSERT INTO associations_slotholding (slot_key, partner_id, held_since)
    SELECT slot_key, partner_id, %(at)s FROM associations_association WHERE status = 'official'
"""

CONTACTS = """
    INSERT INTO associations_contact (claim_id, role, name, title, email, language)
    SELECT id, 'partner', 'Paul Partner', '', 'paul@partner.example', 'en' FROM associations_claim
"""

NOTICES = """
    INSERT INTO associations_customernotice (claim_id, role, name, email, language, token, status,
      created_at, sent_at, failure, subject, text, html)
    SELECT id, 'customer', 'Carla', 'carla@c.example', 'en', 'token-' || id, 'sent', %(at)s, %(at)s,
      '', '', '', ''
    FROM associations_claim WHERE status = 'approved'
"""

#: For one due claim in so many: another partner holds its slot, and lost the mediation about it.
FORMER_HOLDERS = """
    INSERT INTO associations_claim (id, reference, partner_id, location_id, status, tenant_id,
      customer_domain, solution_area, activity, name, solution_seller, revenue_customer_name,
      isv_product, created_by_id, filing_key, typed, revision, created_at, updated_at, submitted_at,
      status_since, due_time_zone, turn, is_parked, information_reasons,
      reviewer_message, rejection_reason, history_length, history_hash)
    SELECT c.id + %(total)s, 'H' || c.id, %(partner)s, %(location)s, 'official', c.tenant_id,
      'c.example', 'microsoft-365', 'usage', 'Holder ' || c.id, '', '', '', %(user)s,
      gen_random_uuid(), '{}', 3, %(at)s, %(at)s, %(at)s, %(at)s, '', '', false, '[]', '', '', 0, ''
    FROM associations_claim c WHERE c.id <= %(due)s AND c.id %% %(one_in)s = 0
"""
FORMER_ASSOCIATIONS = """
    INSERT INTO associations_association (id, reference, claim_id, partner_id, tenant_id, product_id,
      slot_key, status, parked_reason)
    SELECT a.id + %(total)s, 'H' || a.id, a.id + %(total)s, %(partner)s, a.tenant_id, a.product_id,
      a.slot_key, 'official', ''
    FROM associations_association a WHERE a.id <= %(due)s AND a.id %% %(one_in)s = 0
"""
FORMER_HOLDINGS = """
    INSERT INTO associations_slotholding (slot_key, partner_id, held_since)
    SELECT slot_key, partner_id, %(at)s FROM associations_association WHERE partner_id = %(partner)s
"""
FORMER_CONTACTS = """
    INSERT INTO associations_contact (claim_id, role, name, title, email, language)
    SELECT id, 'partner', 'Hal Holder', '', 'hal@holder.example', 'en'
    FROM associations_claim WHERE partner_id = %(partner)s
"""
CASES = """
    INSERT INTO associations_mediationcase (id, slot_key, tenant_id, product_id, status, revision,
      opened_at, window_opened_at, winner_id, decided_at, decider, reason, outcome)
    SELECT a.id, a.slot_key, a.tenant_id, a.product_id, 'handover', 4, %(at)s, %(at)s, a.partner_id,
      %(at)s, 'staff', 'By the proof.', ''
    FROM associations_association a WHERE a.id <= %(due)s AND a.id %% %(one_in)s = 0
"""
SIDES = """
    INSERT INTO associations_caseside (case_id, partner_id, claim_id, joined_at, statement, dispute)
    SELECT m.id, a.partner_id, a.claim_id, %(at)s, '', ''
    FROM associations_mediationcase m JOIN associations_association a ON a.slot_key = m.slot_key
"""

SEQUENCES = ("claim", "association", "tenant", "mediationcase")


def contest(*, total: int, due: int, one_in: int) -> None:
    """Let one of so many claims that are due take its slot over from another partner [R35]."""
    partner = cast.make_partner("Former holder")
    params = {
        "total": total,
        "due": due,
        "one_in": one_in,
        "partner": partner.pk,
        "location": partner.locations.get().pk,
        "user": cast.make_member(partner).pk,
        "at": DUE,
    }
    parts = (FORMER_HOLDERS, FORMER_ASSOCIATIONS, FORMER_HOLDINGS, FORMER_CONTACTS, CASES, SIDES)
    with connection.cursor() as cursor:
        for statement in parts:
            cursor.execute(statement, params)
    finish()


def fill(*, total: int, due: int) -> None:
    """Make ``total`` associations, one a claim: ``due`` of them due at DUE, as many still open."""
    load_catalogue()
    partner = cast.make_partner()
    user = cast.make_member(partner)
    params = {
        "total": total,
        "due": due,
        "partner": partner.pk,
        "location": partner.locations.get().pk,
        "user": User.objects.get(pk=user.pk).pk,
        "at": DUE,
    }
    with connection.cursor() as cursor:
        for statement in (TENANTS, CLAIMS, ASSOCIATIONS, HISTORY, HOLDINGS, CONTACTS, NOTICES):
            cursor.execute(statement, params)
    finish()


def finish() -> None:
    """Let new rows continue after those of the data, and the planner know them."""
    with connection.cursor() as cursor:
        for name in SEQUENCES:
            table = f"associations_{name}"
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        if not connection.in_atomic_block:
            cursor.execute("VACUUM ANALYZE")
