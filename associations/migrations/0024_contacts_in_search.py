"""The names and addresses of a claim's contacts, beside the words by which it is found [R46].

On PostgreSQL a trigram index finds them; SQLite searches without. The expression is ``icontains``'s.
"""

from django.db import migrations, models

from cpor_site.migration_steps import RunPlainly

FILL = """
    UPDATE associations_claimtext SET people = (
      SELECT substr(coalesce({joined}, ''), 1, 2000)
      FROM associations_contact k WHERE k.claim_id = associations_claimtext.claim_id)
"""
JOINED = {
    "postgresql": "string_agg(k.name || ' ' || k.email, ' ' ORDER BY k.id)",
    "sqlite": "group_concat(k.name || ' ' || k.email, ' ')",
}
INDEX = (
    "CREATE INDEX claim_text_by_person ON associations_claimtext"
    " USING gin (upper(people::text) gin_trgm_ops)"
)


def fill(_apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(FILL.format(joined=JOINED[vendor]))
    if vendor == "postgresql":
        # Else the index waits for checks of the rows that were just written.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute(INDEX)


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0023_usage_attention'),
    ]

    operations = [
        migrations.AddField(
            model_name='claimtext',
            name='people',
            field=models.CharField(db_default='', default='', max_length=2000),
        ),
        RunPlainly(fill, RunPlainly.noop),
    ]
