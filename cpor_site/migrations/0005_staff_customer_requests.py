"""Give the programme managers of an existing site the customers that partners ask for [R58]."""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly
from partners.staff_groups import CUSTOMER_REQUESTS, extend_staff_groups


def extend(_apps, schema_editor):
    extend_staff_groups(CUSTOMER_REQUESTS, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("cpor_site", "0004_registered_contacts"),
        ("associations", "0011_customers_asked_for"),
    ]

    operations = [RunPlainly(extend, RunPlainly.noop)]
