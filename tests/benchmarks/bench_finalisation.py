"""Finalising 100,000 due associations out of 1,000,000, against one hand-written statement.

The database is filled once and copied (CREATE DATABASE … TEMPLATE), so that every run starts from the
same rows. Each run is a process of its own; another one makes opt-outs at the same time.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import psycopg

from tests.benchmarks import Row

TOTAL = int(os.environ.get("CPOR_BENCH_TOTAL", "1000000"))
SHARE_DUE = 10
ROUNDS = int(os.environ.get("CPOR_BENCH_ROUNDS", "3"))
CONTESTED_ONE_IN = 100

#: Bars of the waits are percentages of the giant statement's time over so many due claims: a fixed size,
#: since a chunk takes as long whether many or few are due.
DUE_IN_FULL = 100_000

#: The same work as finalise_due does for claims without an obstacle, in one statement.
GIANT = """
WITH due AS (
  SELECT c.id, c.history_length, c.history_hash, c.reference, c.name, c.tenant_id
  FROM associations_claim c
  WHERE c.status = 'approved' AND NOT c.is_parked AND c.due_at <= %(at)s
    AND EXISTS (SELECT 1 FROM associations_customernotice n
                WHERE n.claim_id = c.id AND n.status = 'sent')
    AND NOT EXISTS (SELECT 1 FROM associations_customernotice n
                    WHERE n.claim_id = c.id AND n.status NOT IN ('sent', 'replaced'))
    AND EXISTS (SELECT 1 FROM associations_association a
                WHERE a.claim_id = c.id AND a.status = 'proposed')
    AND NOT EXISTS (
      SELECT 1 FROM associations_association a
      LEFT JOIN associations_subscription s ON s.id = a.subscription_id
      LEFT JOIN associations_slotholding h ON h.slot_key = a.slot_key
        AND h.released_at IS NULL AND h.partner_id <> a.partner_id
      WHERE a.claim_id = c.id AND a.status = 'proposed'
        AND (h.id IS NOT NULL OR s.state = 'expired'
          OR (s.state <> 'grace' AND s.ends_on <= %(at)s::date)))
    AND NOT EXISTS (
      SELECT 1 FROM associations_contact k JOIN partners_user u ON lower(u.email) = lower(k.email)
      WHERE k.claim_id = c.id AND k.role = 'partner' AND NOT (u.is_active AND EXISTS (
        SELECT 1 FROM partners_membership m WHERE m.user_id = u.id AND m.partner_id = c.partner_id
        AND (m.has_all_locations OR EXISTS (SELECT 1 FROM partners_membership_locations l
          WHERE l.membership_id = m.id AND l.location_id = c.location_id)))))
  FOR UPDATE OF c
), held AS (
  INSERT INTO associations_slotholding (slot_key, partner_id, held_since)
  SELECT DISTINCT a.slot_key, a.partner_id, %(at)s::timestamptz
  FROM associations_association a JOIN due ON due.id = a.claim_id
  WHERE a.status = 'proposed'
), official AS (
  UPDATE associations_association a SET status = 'official', official_at = %(at)s
  FROM due WHERE due.id = a.claim_id AND a.status = 'proposed'
  RETURNING a.id, a.claim_id, a.product_id
), products AS (
  SELECT o.claim_id, string_agg(p.name, E'\\n' ORDER BY o.id) AS names,
    string_agg(p.name, ', ' ORDER BY o.id) AS listed
  FROM official o JOIN associations_product p ON p.id = o.product_id GROUP BY o.claim_id
), history AS (
  INSERT INTO associations_event (claim_id, number, kind, from_status, to_status, actor, actor_id,
    actor_name, at_microseconds, reason_code, reason, subjects, previous_hash, hash)
  SELECT due.id, due.history_length + 1, 'moved', 'approved', 'official', 'system', 0, '', 1, '', '',
    o.names, due.history_hash, encode(sha256(convert_to(
      length(due.id::text) || ':' || due.id || length((due.history_length + 1)::text) || ':'
      || (due.history_length + 1) || '5:moved8:approved8:official6:system1:00:1:10:0:'
      || length(o.names) || ':' || o.names || length(due.history_hash) || ':' || due.history_hash,
      'UTF8')), 'hex')
  FROM due JOIN products o ON o.claim_id = due.id
  RETURNING claim_id, number, hash
), claims AS (
  UPDATE associations_claim c SET status = 'official', status_since = %(at)s, updated_at = %(at)s,
    window_opened_at = NULL, due_at = NULL, due_time_zone = '', turn = '', revision = c.revision + 1,
    history_length = h.number, history_hash = h.hash
  FROM history h WHERE h.claim_id = c.id
)
INSERT INTO notifications_message (key, kind, to_address, to_name, language, context)
SELECT 'claim-official:' || due.id, 'claim_official', k.email, k.name, k.language,
  jsonb_build_object('reference', due.reference, 'claim_name', due.name, 'customer', t.name,
    'products', o.listed, 'url', 'http://127.0.0.1:8000/claims/' || due.reference || '/')
FROM due
JOIN associations_tenant t ON t.id = due.tenant_id
JOIN associations_contact k ON k.claim_id = due.id AND k.role = 'partner'
JOIN products o ON o.claim_id = due.id
"""


def run(database_url: str) -> list[Row]:
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    from tests.benchmarks.finalisation_data import fill

    due = TOTAL // SHARE_DUE
    print(f"    filling {TOTAL:,} associations, {due:,} of them due", flush=True)
    fill(total=TOTAL, due=due)
    connection.close()
    rounds = [measure_round(database_url, due) for _ in range(ROUNDS)]
    rows = [row for number, each in enumerate(rounds, 1) for row in make_rows(number, each)]
    return [*rows, measure_contested(database_url, due)]


@dataclass
class Round:
    """What one round measured, all of it within a minute or two; seconds where no unit is said."""

    giant: float
    one: dict
    two: dict
    waits: list[float]
    due: int

    def share_of_giant(self, quantile: int) -> float:
        """Return a percentile of the waits, in percent of the giant statement's time in full."""
        wait = statistics.quantiles(self.waits, n=100, method="inclusive")[quantile - 1]
        return 100 * wait / (self.giant * DUE_IN_FULL / self.due)


def measure_round(database_url: str, due: int) -> Round:
    giant = measure_giant(database_url)
    one = measure_finalisers(database_url, processes=1)
    waits = measure_finalisers(database_url, processes=1, opt_outs=True)["waits"]
    two = measure_finalisers(database_url, processes=2)
    require_no_double(one, two, due)
    return Round(giant, one, two, waits, due)


def make_rows(number: int, each: Round) -> list[Row]:
    """Return the rows of a round. Every round has to meet every target: none is averaged away."""
    median, late = (
        statistics.quantiles(each.waits, n=100, method="inclusive")[quantile - 1] * 1000
        for quantile in (50, 99)
    )
    print(
        f"    giant {each.giant:.1f} s, chunks {each.one['seconds']:.1f} s,"
        f" two {each.two['seconds']:.1f} s; {len(each.waits)} opt-outs waited"
        f" {median:.0f} ms at the median, {late:.0f} at the 99th percentile",
        flush=True,
    )
    percent, at_most = "% of giant", True
    return [
        Row(f"finalising {number}, of giant's speed", each.giant / each.one["seconds"], 0.85),
        Row(f"opt-outs {number}, median", each.share_of_giant(50), 0.25, percent, at_most),
        Row(f"opt-outs {number}, 99th percentile", each.share_of_giant(99), 0.6, percent, at_most),
        Row(f"finalising {number}, memory", max(each.one["growth"]), 20, "MB", at_most),
        Row(f"two finalisers {number}, of one", each.one["seconds"] / each.two["seconds"], 1.2),
        Row(f"idle beat {number}", each.one["idle_ms"], 1.5, "ms", at_most),
    ]


def measure_contested(database_url: str, due: int) -> Row:
    """Compare with the same claims where one of a hundred takes its slot over from another partner [R35]."""
    from django.db import connection

    from tests.benchmarks.finalisation_data import contest

    plain = measure_finalisers(database_url, processes=1)["seconds"]
    contest(total=TOTAL, due=due, one_in=CONTESTED_ONE_IN)
    connection.close()
    contested = measure_finalisers(database_url, processes=1)
    if contested["official"] != due:
        raise AssertionError(f"{due} were due, but {contested}")
    print(f"    {plain:.1f} s, with handovers {contested['seconds']:.1f} s", flush=True)
    return Row("finalising with 1 % contested, of without", plain / contested["seconds"], 0.5)


def copy_database(database_url: str, name: str) -> str:
    base, _, source = database_url.rpartition("/")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
    with psycopg.connect(f"{base}/{name}", autocommit=True) as copy:
        copy.execute("SELECT count(*) FROM associations_claim")  # warms the cache alike for all
        copy.execute("SELECT count(*) FROM associations_association")
        copy.execute("SELECT count(*) FROM associations_contact")
        copy.execute("CHECKPOINT")
    return f"{base}/{name}"


def measure_giant(database_url: str) -> float:
    from tests.benchmarks.finalisation_data import DUE

    url = copy_database(database_url, "bench_copy")
    with psycopg.connect(url) as connection:
        started = time.perf_counter()
        connection.execute(GIANT, {"at": DUE})
        connection.commit()
        return time.perf_counter() - started


def measure_finalisers(database_url: str, *, processes: int, opt_outs: bool = False) -> dict:
    """Run finalisers (and a customer who refuses) on a fresh copy; each in a process of its own."""
    url = copy_database(database_url, "bench_copy")
    roles = ["finalise"] * processes + ["refuse"] * opt_outs
    children = [start(role, url) for role in roles]
    for child in children:
        assert child.stdout.readline().strip() == "ready"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = [json.loads(child.communicate()[0]) for child in children]
    return merge(answers, url)


def start(role: str, url: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.finalisation_racer", role],
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def merge(answers: list[dict], url: str) -> dict:
    finalisers = [each for each in answers if "official" in each]
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT (SELECT count(*) FROM associations_event WHERE to_status = 'official'),"
            " (SELECT count(*) FROM notifications_message),"
            " (SELECT count(DISTINCT claim_id) FROM associations_event WHERE to_status = 'official')"
        ).fetchone()
    return {
        "seconds": max(each["seconds"] for each in finalisers),
        "growth": [each["growth_mb"] for each in finalisers],
        "idle_ms": min(each["idle_ms"] for each in finalisers),
        "official": sum(each["official"] for each in finalisers),
        "waits": [wait for each in answers for wait in each.get("waits", ())],
        "history_mails_claims": rows,
    }


def require_no_double(one: dict, two: dict, due: int) -> None:
    for outcome in (one, two):
        if outcome["official"] != due or set(outcome["history_mails_claims"]) != {due}:
            raise AssertionError(f"{due} were due, but {outcome}")
