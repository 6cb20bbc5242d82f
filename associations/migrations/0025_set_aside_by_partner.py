"""A small index of what is set aside, for the column of the reviewers on a partner's start page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("associations", "0024_contacts_in_search")]
    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("is_parked", True)),
                fields=["partner", "due_at", "id"],
                name="claim_set_aside",
            ),
        ),
    ]
