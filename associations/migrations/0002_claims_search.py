"""What makes the search of the claims list fast on PostgreSQL; SQLite searches without.

Customers by any part of their name (trigrams), claims by the beginning of theirs. The expressions are
those that ``icontains`` and ``istartswith`` ask for.
"""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly

STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX tenant_by_part_of_name ON associations_tenant"
    " USING gin (upper(name::text) gin_trgm_ops)",
    "CREATE INDEX claim_by_start_of_name ON associations_claim"
    " (partner_id, upper(name::text) text_pattern_ops)",
)
BACK = ("DROP INDEX tenant_by_part_of_name", "DROP INDEX claim_by_start_of_name")


def add_indexes(_apps, schema_editor):
    _execute(schema_editor, STATEMENTS)


def remove_indexes(_apps, schema_editor):
    _execute(schema_editor, BACK)


def _execute(schema_editor, statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("associations", "0001_initial")]
    operations = [RunPlainly(add_indexes, remove_indexes)]
