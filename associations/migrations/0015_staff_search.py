"""What makes staff's search of customers and subscriptions fast on PostgreSQL."""

from django.db import migrations

from cpor_site.postgresql_only import add_trigrams


class Migration(migrations.Migration):
    dependencies = [("associations", "0014_staff_lists")]
    operations = [
        add_trigrams(
            tenant_by_part_of_id=("associations_tenant", "tenant_id"),
            domain_by_part=("associations_tenantdomain", "domain"),
            subscription_by_part_of_id=("associations_subscription", "subscription_id"),
        )
    ]
