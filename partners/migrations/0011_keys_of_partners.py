"""Partners get a key that stands for them in addresses, old ones too."""

from django.db import migrations, models

from partners.models.partner import make_key

BATCH = 1000


def give_keys(apps, schema_editor):
    """A key for each row from before; one default for all would be the same key."""
    rows = apps.get_model("partners", "Partner").objects.using(schema_editor.connection.alias)
    numbers = list(rows.filter(key=None).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), BATCH):
        batch = [rows.model(pk=pk, key=make_key()) for pk in numbers[start : start + BATCH]]
        rows.bulk_update(batch, ["key"])


class Migration(migrations.Migration):
    dependencies = [("partners", "0010_staff_search")]
    operations = [
        migrations.AddField(
            "partner", "key", models.CharField(editable=False, max_length=8, null=True)
        ),
        # Elidable: where there are no old rows there is nothing to fill.
        migrations.RunPython(give_keys, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            "partner",
            "key",
            models.CharField(default=make_key, editable=False, max_length=8, unique=True),
        ),
    ]
