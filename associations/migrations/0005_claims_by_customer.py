import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """An index on the customer alone becomes one on customer and partner, for the list's search."""

    dependencies = [("associations", "0004_parked_for_own_claim")]

    operations = [
        migrations.AlterField(
            model_name="claim",
            name="tenant",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="associations.tenant",
                verbose_name="customer",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["tenant", "partner"], name="claim_by_customer"),
        ),
    ]
