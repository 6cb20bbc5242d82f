"""Domains, addresses and names from before are stored as they are read now.

What cannot be is printed and left alone: a row whose value another row has, one too long, and what
no one can have.
"""

from django.db import migrations

from cpor_site.web.addresses import fold_address, read_address, read_domain, validate_address, validate_domain
from cpor_site.web.identifiers import read_identifier, read_words
from cpor_site.web.stored_rows import read_again

NAMES = (('partner', 'name'), ('location', 'name'), ('program', 'name'), ('user', 'full_name'))


def read_rows_again(apps, schema_editor):
    using = schema_editor.connection.alias

    def rows_of(app, name):
        return apps.get_model(app, name)._base_manager.using(using)

    lines = [
        *read_again(rows_of('partners', 'partnerdomain').all(), 'domain', read_domain, check=validate_domain),
        *read_again(rows_of('partners', 'user').all(), 'email', fold_address, check=validate_address),
        *read_again(rows_of('partners', 'invitation').all(), 'email', read_address, check=validate_address),
        *read_again(rows_of('partners', 'location').all(), 'partner_code', read_identifier),
        *read_proofs_again(rows_of('account', 'emailaddress').select_related('user')),
    ]
    for name, column in NAMES:
        lines += read_again(rows_of('partners', name).all(), column, read_words)
    for line in lines:
        print(f'\n    {line}', end='')


def read_proofs_again(rows):
    """Proofs of addresses follow their person's; of a person who was left alone they stay."""
    followers = [each.pk for each in rows.iterator(chunk_size=2000) if fold_address(each.email) == each.user.email]
    return read_again(rows.filter(pk__in=followers), 'email', fold_address)


class Migration(migrations.Migration):

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('partners', '0007_peoples_time_zones'),
    ]

    operations = [
        # Elidable: a new site has no rows from before.
        migrations.RunPython(read_rows_again, migrations.RunPython.noop, elidable=True),
    ]
