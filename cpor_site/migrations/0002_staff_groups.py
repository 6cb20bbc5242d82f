"""The staff's groups; see partners/staff_groups.py.

Here and not in ``partners``, because they name permissions of every application. Nothing of those needs
to be there yet but their names: the function makes the permissions itself.
"""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly
from partners.staff_groups import make_staff_groups


def make(_apps, schema_editor):
    make_staff_groups(using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("cpor_site", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [RunPlainly(make, RunPlainly.noop)]
