"""Give the staff's groups of an existing site what the list *To look at* asks for [R59]."""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly
from partners.staff_groups import LOOK_AT, extend_staff_groups


def extend(_apps, schema_editor):
    extend_staff_groups(LOOK_AT, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("cpor_site", "0002_staff_groups"),
        ("notifications", "0003_entries_to_look_at"),
    ]

    operations = [RunPlainly(extend, RunPlainly.noop)]
