"""Emails to addresses in punycode are found by the domain as people write it, as new ones are."""

from django.db import migrations

from cpor_site.web.addresses import read_address
from cpor_site.web.stored_rows import read_again


def read_rows_again(apps, schema_editor):
    rows = apps.get_model('notifications', 'message')._base_manager
    coded = rows.using(schema_editor.connection.alias).filter(to_address__icontains='xn--')
    for line in read_again(coded, 'to_address', read_address):
        print(f'\n    {line}', end='')


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0004_emails_refused_because_of_us'),
    ]

    operations = [
        # Elidable: a new site has no rows from before.
        migrations.RunPython(read_rows_again, migrations.RunPython.noop, elidable=True),
    ]
