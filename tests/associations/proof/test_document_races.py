"""Two uploads at once to one claim take turns [R11]."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone

from associations.models import Document
from associations.proof import documents
from tests import cast
from tests.associations.proof_files import PDF
from tests.concurrency.racing import race, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def uploads(settings, tmp_path, monkeypatch):
    """Two people who send different content under one name, and meet before either is stored."""
    settings.MEDIA_ROOT = tmp_path
    partner = cast.make_partner()
    people = [cast.make_member(partner) for _person in range(2)]
    claim = cast.make_draft(partner, people[0], cast.make_tenant())
    return [
        lambda content=content, person=person: documents.store_documents(
            claim, [SimpleUploadedFile("letter.pdf", content)], actor=person, now=timezone.now()
        )
        for content, person in zip((PDF + b"1", PDF + b"2"), people, strict=True)
    ]


def test_two_uploads_of_one_name_become_two_versions(uploads):
    outcomes = race(*uploads)

    assert [len(intake.stored) for intake in outcomes] == [1, 1]
    versions = Document.objects.filter(name="letter.pdf").values_list("version", flat=True)
    assert sorted(versions) == [1, 2]


def test_without_the_lock_they_clash_and_leave_no_stray_file(uploads, monkeypatch, tmp_path):
    meeting, real = threading.Barrier(2, timeout=10), documents._write

    def meet(*args):  # each has chosen its version
        meeting.wait()
        real(*args)

    without_row_locks(monkeypatch)
    monkeypatch.setattr(documents, "_write", meet)

    outcomes = race(*uploads)

    assert [type(outcome) for outcome in outcomes].count(IntegrityError) == 1
    stored = {path.name for path in tmp_path.rglob("*.pdf")}
    assert len(stored) == Document.objects.count()
