"""Customers' domains, contacts and names from before are stored as they are read now.

What cannot be is printed and left alone: a row whose value another row has, one too long, and what
nobody can have.
"""

from django.db import migrations

from cpor_site.web.addresses import read_address, read_domain, validate_address, validate_domain
from cpor_site.web.identifiers import read_words
from cpor_site.web.stored_rows import read_again

NAMES = {
    'tenant': ('name',),
    'claim': ('name', 'solution_seller', 'revenue_customer_name', 'isv_product'),
    'contact': ('name', 'title'),
    'customernotice': ('name',),
    'claimtext': ('text',),
}


def read_rows_again(apps, schema_editor):
    using = schema_editor.connection.alias

    def rows_of(name):
        return apps.get_model('associations', name)._base_manager.using(using).all()

    lines = [
        *read_again(rows_of('tenantdomain'), 'domain', read_domain, check=validate_domain),
        *read_again(rows_of('claim'), 'customer_domain', read_domain),
        *read_again(rows_of('contact'), 'email', read_address, check=validate_address),
        *read_again(rows_of('customernotice'), 'email', read_address),
    ]
    for name, columns in NAMES.items():
        for column in columns:
            lines += read_again(rows_of(name), column, read_words)
    for line in lines:
        print(f'\n    {line}', end='')


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0012_answers_kept_by_their_own_name'),
    ]

    operations = [
        # Elidable: a new site has no rows from before.
        migrations.RunPython(read_rows_again, migrations.RunPython.noop, elidable=True),
    ]
