"""Migration statements for PostgreSQL only; SQLite works without what they add."""

from collections.abc import Sequence

from cpor_site.migration_steps import RunPlainly


def run_on_postgresql(forwards: Sequence[str], backwards: Sequence[str]) -> RunPlainly:
    """Return an operation that runs these statements on PostgreSQL, and nothing elsewhere."""

    def run(statements):
        def execute(_apps, schema_editor):
            if schema_editor.connection.vendor == "postgresql":
                for statement in statements:
                    schema_editor.execute(statement)

        return execute

    return RunPlainly(run(forwards), run(backwards))


def add_trigrams(**columns: tuple[str, str]) -> RunPlainly:
    """Return an operation that adds trigram indexes for ``icontains``: name → (table, column)."""
    add = [
        f"CREATE INDEX {name} ON {table} USING gin (upper({column}::text) gin_trgm_ops)"
        for name, (table, column) in columns.items()
    ]
    remove = [f"DROP INDEX {name}" for name in columns]
    return run_on_postgresql(["CREATE EXTENSION IF NOT EXISTS pg_trgm", *add], remove)
