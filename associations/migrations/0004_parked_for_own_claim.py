from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("associations", "0003_usage_access_joins_record")]

    operations = [
        migrations.AlterField(
            model_name="association",
            name="parked_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("slot-held", "Another partner is on record for this product"),
                    ("own-claim", "This partner is on record for this product by another claim"),
                    ("subscription-ended", "The subscription has ended"),
                    ("fault", "A fault kept this product from becoming official"),
                ],
                editable=False,
                max_length=20,
                verbose_name="parked because",
            ),
        )
    ]
