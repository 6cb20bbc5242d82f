"""The demo's database: brought up to date, or created in one go if there is none.

Migrations replay the whole history of the tables, which would be most of the waiting time. An empty
database gets the current tables from the models instead, and the migrations are recorded as applied;
later ones then run as usual. A test ensures that both ways have the same result.
"""

from django.apps import apps
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

OURS = ("cpor_site", "partners", "notifications", "associations")


def prepare_database() -> None:
    """Bring an existing database up to date, or create a new one."""
    if connection.introspection.table_names():
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    else:
        make_at_once()


def make_at_once() -> None:
    """Create all tables of an empty SQLite database and record every migration as applied."""
    loader = MigrationLoader(connection)
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
    with connection.schema_editor() as editor:  # once indexes exist, which prevent duplicate rows
        _run_code(loader, editor)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.migration_qs.bulk_create(
        recorder.Migration(app=app, name=name) for app, name in loader.graph.nodes
    )
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)


def _run_code(loader: MigrationLoader, editor) -> None:
    """Run what our own migrations do besides creating tables.

    Those of packages only move old rows, and so do our elidable ones.
    """
    for (label, _name), migration in loader.disk_migrations.items():
        if label in OURS:
            for operation in migration.operations:
                if isinstance(operation, RunPython) and not operation.elidable:
                    # There are only the current models.
                    operation.code(apps, editor)  # type: ignore[arg-type]  # typed for old models
