"""Looks at usage move into the access record of partners, where all is read in one place [R40]."""

from django.db import migrations

KINDS = {"viewed": "usage_viewed", "exported": "usage_exported"}
BATCH = 1000


def copy_looks(apps, schema_editor):
    """Each row as ``record_look`` writes it, oldest first."""
    using = schema_editor.connection.alias
    looks = apps.get_model("associations", "UsageAccess").objects.using(using)
    whose = ("association__product", "association__tenant", "association__claim")
    rows = looks.order_by("id").select_related(*whose).iterator(chunk_size=BATCH)
    make = apps.get_model("partners", "AccessRecord")
    records = make.objects.using(using)
    batch = []
    for look in rows:
        batch.append(_tell(look, make))
        if len(batch) == BATCH:
            records.bulk_create(batch)
            batch = []
    records.bulk_create(batch)


def _tell(look, make):
    subject = look.association
    words = f"{subject.reference} · {subject.product.name} · {subject.tenant.name}"
    return make(
        at=look.at,
        kind=KINDS[look.kind],
        user_id=look.user_id,
        partner_id=subject.partner_id,
        location_id=subject.claim.location_id,
        subject=words[:500],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("associations", "0002_claims_search"),
        ("partners", "0002_access_record"),
    ]
    operations = [
        # Elidable: where there are no old rows there is nothing to move.
        migrations.RunPython(copy_looks, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel("UsageAccess"),
    ]
