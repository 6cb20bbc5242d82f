"""Two people, or two processes, at the same file or the same rows [R60]."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from associations.imports import receiving
from associations.models import ImportFile, Tenant, TenantDomain
from associations.set_up import customers
from associations.set_up.customers import CUSTOMERS
from tests import cast
from tests.concurrency.racing import meet, race

from .made_files import good, make_csv
from .world import NOW, count

pytestmark = pytest.mark.race
ROWS = [
    good("customers", tenant_id=f"{n:032x}", domains=f"c{n}.example", name=f"Customer {n}")
    for n in range(1, 6)
]


def load():
    content = ContentFile(make_csv("customers", *ROWS))
    return receiving.load_from_disk(content, CUSTOMERS, name="made", actor=None, now=NOW)


def test_two_loads_of_the_same_customers_make_each_once(monkeypatch, transactional_db):
    """Both have looked and found nothing before either writes, so both count the rows as new."""
    meet(monkeypatch, customers, "_save_row")

    outcomes = race(load, load)

    assert [file.state for file in outcomes] == ["done", "done"]
    assert [file.rows_bad for file in outcomes] == [0, 0]
    assert [count(file) for file in outcomes] == [(5, 0, 0, 0)] * 2
    assert (Tenant.objects.count(), TenantDomain.objects.count()) == (5, 5)


def test_of_two_decisions_one_counts(transactional_db):
    manager = cast.make_staff()
    upload = SimpleUploadedFile("made.csv", make_csv("customers", *ROWS))
    file = receiving.receive_file(upload, CUSTOMERS, actor=manager, now=NOW)

    def confirm():
        return receiving.confirm(ImportFile.objects.get(pk=file.pk), CUSTOMERS, now=NOW)

    def discard():
        return receiving.discard(ImportFile.objects.get(pk=file.pk))

    outcomes = race(confirm, confirm, discard)

    assert outcomes.count(True) == 1
    imported = ImportFile.objects.get().state == ImportFile.State.DONE
    assert Tenant.objects.count() == (5 if imported else 0)
