"""Let the shipped groups of an existing site read mediation cases, and the review leads decide them [R33]."""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly
from partners.staff_groups import MEDIATION, extend_staff_groups


def extend(_apps, schema_editor):
    extend_staff_groups(MEDIATION, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("cpor_site", "0006_review_leads"),
        ("associations", "0030_mediation"),
    ]

    operations = [RunPlainly(extend, RunPlainly.noop)]
