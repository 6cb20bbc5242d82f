"""Emails of the version before, for the words of this one, which begin with whom the claim is with."""

from django.db import migrations

from cpor_site.migration_steps import RunPlainly

#: Emails whose words print ``stand`` since this version; empty says what they said before.
KINDS = (
    *("claim_submitted", "claim_action_required", "claim_approved", "claim_rejected"),
    *("claim_set_aside", "dispute_lost", "notice_failed", "notice_wrong_person", "draft_expires"),
    *("comment_for_partner", "partner_opted_out", "partner_opt_out_taken_back"),
    *("partner_association_ended", "customer_added", "customer_declined", "partner_answered"),
    *("claim_disputed", "comment_for_staff", "staff_opted_out", "staff_opt_out_taken_back"),
    "staff_association_ended",
)
JOIN = {
    "postgresql": "CAST(CAST(%s AS jsonb) || context AS jsonb)",
    "sqlite": "json_patch(%s, context)",
}


def fill_in_values(_apps, schema_editor):
    join = JOIN[schema_editor.connection.vendor]
    marks = ", ".join(["%s"] * len(KINDS))
    statement = f"UPDATE notifications_message SET context = {join} WHERE kind IN ({marks})"  # noqa: S608
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(statement, ['{"stand": ""}', *KINDS])


class Migration(migrations.Migration):
    dependencies = [
        ("associations", "0025_set_aside_by_partner"),
        ("notifications", "0010_wording"),
    ]
    operations = [RunPlainly(fill_in_values, RunPlainly.noop)]
