from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0016_draft_warning'),
    ]

    # Its wording and choices are in the definition of the field by now: no database changed.
    operations = []
