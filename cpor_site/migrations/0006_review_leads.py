"""Create the group of the review leads on an existing site [R62]."""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly
from partners.staff_groups import REVIEW_LEAD, make_staff_groups


def make(_apps, schema_editor):
    make_staff_groups((REVIEW_LEAD,), using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("cpor_site", "0005_staff_customer_requests"),
        ("associations", "0028_review_leads"),
    ]

    operations = [RunPlainly(make, RunPlainly.noop)]
