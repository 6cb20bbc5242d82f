"""Usage files become one kind of imported file, with a preview, rows to hand back, and a partner [R47], [R60]."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import associations.models.imports
from cpor_site.migration_steps import RunPlainly

VERBS = ("add", "change", "delete", "view")


def give_keys(_apps, schema_editor):
    """Give each file a key of its own; there is one row for each load of the last year."""
    from associations.models import ImportFile

    files = ImportFile.objects.using(schema_editor.connection.alias)
    for pk in list(files.values_list("pk", flat=True)):
        files.filter(pk=pk).update(key=uuid.uuid4())


def keep_permissions(_apps, schema_editor):
    """Let groups and people keep, under the new name, what they were given under the old one."""
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    using = schema_editor.connection.alias
    old = Permission.objects.using(using).filter(
        content_type__app_label="associations", codename__endswith="_usageimport"
    )
    if not old.exists():
        return
    content_type, _new = ContentType.objects.using(using).get_or_create(
        app_label="associations", model="importfile"
    )
    for permission in old:
        verb = permission.codename.partition("_")[0]
        new, _is_new = Permission.objects.using(using).get_or_create(
            content_type=content_type,
            codename=f"{verb}_importfile",
            defaults={"name": f"Can {verb} imported file"},
        )
        # By the rows between them: people may have columns by now that only a later migration adds.
        for holders in (permission.group_set, permission.user_set):
            rows = holders.through.objects.using(using)
            rows.filter(permission=permission).update(permission=new)
        permission.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("associations", "0020_wording"),
        ("partners", "0010_staff_search"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex("usageimport", "usage_import_unfinished"),
        migrations.RenameModel("UsageImport", "ImportFile"),
        migrations.RenameModel("UsageProblem", "ImportRow"),
        migrations.RenameField("importrow", "usage_import", "import_file"),
        migrations.AlterModelOptions(
            "importfile",
            {
                "verbose_name": "imported file",
                "verbose_name_plural": "imported files",
                "ordering": ["-id"],
                "permissions": [("load_usage", "May load usage files")],
            },
        ),
        migrations.AlterModelOptions(
            "importrow",
            {
                "verbose_name": "row of an imported file",
                "verbose_name_plural": "rows of imported files",
                "ordering": ["line", "id"],
            },
        ),
        migrations.AddField(
            "importfile",
            "kind",
            models.CharField(
                choices=[
                    ("partners", "Partners, locations and enrollments"),
                    ("people", "First admins to invite"),
                    ("customers", "Customers"),
                    ("subscriptions", "Subscriptions"),
                    ("usage", "Usage"),
                    ("claims", "Claims"),
                ],
                default="usage",
                editable=False,
                max_length=20,
                verbose_name="contents",
            ),
        ),
        migrations.AddField(
            "importfile", "key", models.UUIDField(default=uuid.uuid4, editable=False)
        ),
        migrations.AddField(
            "importfile",
            "partner",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="import_files",
                to="partners.partner",
            ),
        ),
        migrations.AddField(
            "importfile", "columns", models.JSONField(blank=True, default=list, editable=False)
        ),
        migrations.AlterField(
            "importfile",
            "file",
            models.FileField(
                blank=True,
                upload_to=associations.models.imports.make_storage_path,
                verbose_name="stored file",
            ),
        ),
        migrations.AlterField(
            "importfile",
            "state",
            models.CharField(
                choices=[
                    ("to-check", "Waiting to be checked"),
                    ("checking", "Being checked"),
                    ("checked", "Checked, not imported yet"),
                    ("discarded", "Not imported"),
                    ("waiting", "Waiting"),
                    ("loading", "Loading"),
                    ("done", "Done"),
                    ("failed", "Could not be loaded"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            "importrow",
            "outcome",
            models.CharField(
                choices=[
                    ("new", "New"),
                    ("changed", "Changed"),
                    ("same", "Unchanged"),
                    ("bad", "With errors"),
                ],
                default="bad",
                max_length=10,
                verbose_name="outcome",
            ),
        ),
        migrations.AddField(
            "importrow",
            "title",
            models.CharField(blank=True, default="", max_length=200, verbose_name="record"),
        ),
        migrations.AddField("importrow", "words", models.TextField(blank=True, default="")),
        migrations.AddField("importrow", "cells", models.JSONField(blank=True, default=list)),
        migrations.AddField("importrow", "changes", models.JSONField(blank=True, default=list)),
        migrations.AlterField(
            "importrow",
            "import_file",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="associations.importfile",
                verbose_name="imported file",
            ),
        ),
        migrations.AlterField(
            "importrow",
            "reason",
            models.CharField(blank=True, max_length=30, verbose_name="reason"),
        ),
        RunPlainly(give_keys, RunPlainly.noop),
        RunPlainly(keep_permissions, RunPlainly.noop),
        migrations.AlterField(
            "importfile", "key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        ),
        migrations.AddIndex(
            "importfile",
            models.Index(
                condition=models.Q(
                    ("state__in", ("to-check", "checking", "waiting", "loading"))
                ),
                fields=["touched_at"],
                name="import_file_unfinished",
            ),
        ),
        migrations.AddIndex(
            "importfile", models.Index(fields=["kind", "-id"], name="import_file_by_kind")
        ),
    ]
