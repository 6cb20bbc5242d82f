"""Members and invitations get a key that stands for them in addresses, old ones too."""

import uuid

from django.db import migrations, models

BATCH = 1000
MODELS = ('membership', 'invitation')


def give_keys(apps, schema_editor):
    """A key for each row from before; one default for all would be the same key."""
    using = schema_editor.connection.alias
    for name in MODELS:
        rows = apps.get_model('partners', name).objects.using(using)
        numbers = list(rows.filter(key=None).order_by('pk').values_list('pk', flat=True))
        for start in range(0, len(numbers), BATCH):
            batch = [rows.model(pk=pk, key=uuid.uuid4()) for pk in numbers[start : start + BATCH]]
            rows.bulk_update(batch, ['key'])


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0004_second_factor'),
    ]

    operations = [
        *(
            migrations.AddField(name, 'key', models.UUIDField(editable=False, null=True))
            for name in MODELS
        ),
        # Elidable: where there are no old rows there is nothing to fill.
        migrations.RunPython(give_keys, migrations.RunPython.noop, elidable=True),
        *(
            migrations.AlterField(
                name, 'key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
            )
            for name in MODELS
        ),
    ]
