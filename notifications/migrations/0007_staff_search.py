"""What makes staff's search of emails fast on PostgreSQL.

Only what is settled: finalising queues a hundred thousand rows in a few seconds, and must not wait for
an index of each three letters of them. By day a few pages suffice, since rows come in order of time.
"""

from django.db import migrations

from cpor_site.postgresql_only import run_on_postgresql

PART = "CREATE INDEX {name} ON notifications_message USING gin (upper({column}::text) gin_trgm_ops)"
SETTLED = " WHERE state IN ('sent', 'failed', 'bounced', 'cancelled')"
BY_DAY = (
    "CREATE INDEX message_by_day ON notifications_message"
    " USING brin (created_at) WITH (autosummarize = on)"
)
NAMES = ("message_by_part_of_address", "message_by_part_of_name", "message_by_day")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_staff_lists")]
    operations = [
        run_on_postgresql(
            [
                "CREATE EXTENSION IF NOT EXISTS pg_trgm",
                PART.format(name=NAMES[0], column="to_address") + SETTLED,
                PART.format(name=NAMES[1], column="to_name") + SETTLED,
                BY_DAY,
            ],
            [f"DROP INDEX {name}" for name in NAMES],
        )
    ]
