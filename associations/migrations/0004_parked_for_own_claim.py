from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("associations", "0003_usage_access_joins_record")]

    # Its wording and choices are in the definition of the field by now: no database changed.
    operations = []
