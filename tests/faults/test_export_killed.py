"""A worker that is killed while it writes a spreadsheet: the next one writes it from the start [R46]."""

import datetime as dt
import time

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from associations.lists import export_files
from associations.models import ClaimsExport
from notifications.models import Message
from tests import cast
from tests.associations.lists.test_claims_list import make_claims

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
CLAIMS = 4_000


@pytest.fixture
def asked(process_env):
    partner = cast.make_partner()
    person = cast.make_member(partner)
    make_claims(partner, person, cast.make_tenant(), CLAIMS)
    return export_files.request_export(
        person.memberships.get(), chosen={}, language="en", now=timezone.now()
    )


def wait_for(asked, *, longest=60, **wanted):
    """Return the export once it is as wanted."""
    end = time.monotonic() + longest
    while time.monotonic() < end:
        if found := ClaimsExport.objects.filter(pk=asked.pk, **wanted).first():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not {wanted} but {ClaimsExport.objects.values().get()}")


def test_a_killed_workers_export_is_written_by_the_next(asked, celery_worker, celery_beat):
    celery_beat(CPOR_SWEEP_SECONDS="1")
    worker = celery_worker()
    begun = wait_for(asked, state="writing", rows_done__gt=0)
    worker.kill()
    left_at = timezone.now() - export_files.LEASE - dt.timedelta(seconds=1)
    assert ClaimsExport.objects.filter(state="writing").update(touched_at=left_at) == 1

    celery_worker()

    done = wait_for(asked, state="done")
    assert (begun.attempts, done.attempts, done.rows_done) == (1, 2, CLAIMS)
    with done.file.open("rb") as file:
        sheet = load_workbook(file, read_only=True).active
        assert sum(1 for _row in sheet.iter_rows()) == CLAIMS + 1
    assert Message.objects.filter(kind="claims_export_ready").count() == 1
