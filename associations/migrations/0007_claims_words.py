"""A table of the words by which claims are found, with those of the claims that are there [R46].

On PostgreSQL a trigram index finds them; SQLite searches without. The expression is ``icontains``'s.
"""

import django.db.models.deletion
from django.db import migrations, models

from cpor_site.migration_steps import RunPlainly


FILL = """
    INSERT INTO associations_claimtext (claim_id, partner_id, text)
    SELECT c.id, c.partner_id,
      substr(trim(c.name || ' ' || coalesce({joined}, '')), 1, 4000)
    FROM associations_claim c
      LEFT JOIN (
        SELECT DISTINCT a.claim_id, p.name
        FROM associations_association a JOIN associations_product p ON p.id = a.product_id
      ) n ON n.claim_id = c.id
    GROUP BY c.id, c.partner_id, c.name
"""
JOINED = {"postgresql": "string_agg(n.name, ' ')", "sqlite": "group_concat(n.name, ' ')"}
INDEX = (
    "CREATE INDEX claim_text_by_part ON associations_claimtext"
    " USING gin (upper(text::text) gin_trgm_ops)"
)


def fill(_apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(FILL.format(joined=JOINED[vendor]))
    if vendor == "postgresql":
        schema_editor.execute(INDEX)


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0006_parts_of_countries'),
        ('partners', '0007_peoples_time_zones'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimText',
            fields=[
                ('claim', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_text', serialize=False, to='associations.claim')),
                ('text', models.CharField(max_length=4000)),
                ('partner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.partner')),
            ],
            options={
                'indexes': [models.Index(fields=['partner', '-claim'], name='claim_text_list')],
            },
        ),
        RunPlainly(fill, RunPlainly.noop),
    ]
