"""Move answers that are not sent yet to where the answer's page reads them.

They were kept with the last page of filing, which only drafts have now.
"""

from django.db import migrations


def move(apps, _schema_editor):
    claim_model = apps.get_model("associations", "Claim")
    for claim in claim_model.objects.filter(status="action-required", typed__has_key="review"):
        kept = claim.typed.pop("review")
        words = next(iter(kept.get("answer") or []), "")
        if words:
            claim.typed.setdefault("answer", words)
        claim.save(update_fields=["typed"])


class Migration(migrations.Migration):
    dependencies = [("associations", "0011_customers_asked_for")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
