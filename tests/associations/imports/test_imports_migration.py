"""Who might look at usage files may look at imported files: the migration moves what was given [R60]."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from tests import cast

pytestmark = pytest.mark.django_db

migration = import_module("associations.migrations.0021_imports")


def test_groups_and_people_keep_what_they_were_given_under_the_old_name():
    Permission.objects.filter(codename="view_importfile").delete()
    old_type = ContentType.objects.create(app_label="associations", model="usageimport")
    old = Permission.objects.create(
        content_type=old_type, codename="view_usageimport", name="Can view usage file"
    )
    auditors = Group.objects.create(name="Auditors")
    auditors.permissions.add(old)
    person = cast.make_staff()
    person.user_permissions.add(old)

    migration.keep_permissions(None, SimpleNamespace(connection=connection))

    new = Permission.objects.get(codename="view_importfile")
    assert list(auditors.permissions.all()) == [new]
    assert list(person.user_permissions.all()) == [new]
    assert not Permission.objects.filter(codename__endswith="_usageimport").exists()


def test_a_new_site_has_nothing_to_move():
    before = Permission.objects.count()

    migration.keep_permissions(None, SimpleNamespace(connection=connection))

    assert Permission.objects.count() == before
