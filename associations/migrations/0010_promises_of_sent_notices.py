"""What notices of the version before promised, and the values that their words now have [R20], [R21].

A window that is open now was promised by the notices that opened it. A notice that was sent while
another still waited named an end that was not kept; its claim's window opens with the other's acceptance.
"""

import json

from django.db import migrations
from django.db.models import OuterRef, Subquery

from cpor_site.migration_steps import RunPlainly

#: Values that words of customers' emails have since this version; empty says what they said before.
NEW_VALUES = {
    "customer_notice": {"asker": "", "location": "", "why_you": ""},
    "customer_opted_out": {"why_you": ""},
    "customer_opt_out_taken_back": {"why_you": ""},
    "customer_association_ended": {"why_you": ""},
}
JOIN = {
    "postgresql": "CAST(CAST(%s AS jsonb) || context AS jsonb)",
    "sqlite": "json_patch(%s, context)",
}


def keep_promises(apps, schema_editor):
    alias = schema_editor.connection.alias
    notices = apps.get_model("associations", "CustomerNotice").objects.using(alias)
    claims = apps.get_model("associations", "Claim").objects.using(alias)
    mine = claims.filter(pk=OuterRef("claim_id"))
    open_now = claims.filter(status="approved", due_at__isnull=False)
    notices.filter(status="sent", promised_until=None, claim__in=open_now).update(
        promised_until=Subquery(mine.values("due_at")[:1]),
        promised_time_zone=Subquery(mine.values("due_time_zone")[:1]),
    )


def fill_in_values(_apps, schema_editor):
    join = JOIN[schema_editor.connection.vendor]
    statement = f"UPDATE notifications_message SET context = {join} WHERE kind = %s"  # noqa: S608
    with schema_editor.connection.cursor() as cursor:
        for kind, values in NEW_VALUES.items():
            cursor.execute(statement, [json.dumps(values), kind])


class Migration(migrations.Migration):
    dependencies = [
        ("associations", "0009_registered_contacts_and_answers"),
        ("notifications", "0003_entries_to_look_at"),
    ]

    operations = [
        migrations.RunPython(keep_promises, migrations.RunPython.noop),
        RunPlainly(fill_in_values, RunPlainly.noop),
    ]
