"""What makes staff's search of partners and people fast on PostgreSQL."""

from django.db import migrations

from cpor_site.postgresql_only import add_trigrams


class Migration(migrations.Migration):
    dependencies = [("partners", "0009_staff_lists")]
    operations = [
        add_trigrams(
            user_by_part_of_email=("partners_user", "email"),
            user_by_part_of_name=("partners_user", "full_name"),
            partner_by_part_of_name=("partners_partner", "name"),
            partner_domain_by_part=("partners_partnerdomain", "domain"),
            location_by_part_of_name=("partners_location", "name"),
            location_by_part_of_code=("partners_location", "partner_code"),
            invitation_by_part_of_email=("partners_invitation", "email"),
            access_by_part_of_subject=("partners_accessrecord", "subject"),
        )
    ]
