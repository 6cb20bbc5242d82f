"""Give the staff's groups of an existing site their permissions on customers' registered contacts [R57]."""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly
from partners.staff_groups import REGISTERED_CONTACTS, extend_staff_groups


def extend(_apps, schema_editor):
    extend_staff_groups(REGISTERED_CONTACTS, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("cpor_site", "0003_staff_look_at_entries"),
        ("associations", "0009_registered_contacts_and_answers"),
    ]

    operations = [RunPlainly(extend, RunPlainly.noop)]
