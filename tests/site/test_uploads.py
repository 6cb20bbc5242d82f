"""A temporary folder without room costs the file that needed it, and nothing else of the request."""

import errno
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import pytest
from django.conf import settings
from django.core.files import uploadedfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from associations.models import ImportFile
from associations.proof.documents import find_current
from cpor_site.web.uploads import LostUpload, TemporaryUploadHandler
from partners.staff_groups import DATA_LOADER
from tests import cast
from tests.associations.proof_files import PDF
from tests.associations.usage_files import make_file, workload_line
from tests.full_disk import FullDisk

pytestmark = pytest.mark.django_db

LOST = "We couldn&#x27;t store this file just now. Try again."
ADD = "/admin/associations/importfile/new/usage/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """Every upload goes through this folder, as large ones do."""
    settings.FILE_UPLOAD_HANDLERS = settings.FILE_UPLOAD_HANDLERS[-1:]
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def open_nothing():
    raise OSError(errno.ENOSPC, "No space left on device")


def open_full(buffering):
    """The device that is always full, which says so when it is written to: buffered, at the end.

    By a link, which is all that is removed with a temporary file.
    """
    link = Path(mkdtemp(dir=settings.CPOR_DATA_DIR)) / "full"
    link.symlink_to("/dev/full")
    return link.open("wb+", buffering=buffering)


FULL = {
    "at once": open_nothing,
    "with the first byte": partial(open_full, 0),
    "with the last byte": partial(open_full, -1),
}


@pytest.fixture(params=FULL.values(), ids=FULL)
def full_for(monkeypatch, request):
    """A function: there is no room for what is uploaded with such an ending."""
    usual = uploadedfile.tempfile.NamedTemporaryFile

    def fill(ending):
        def make(*, suffix, **where):
            if suffix.endswith(ending):
                return request.param()
            return usual(suffix=suffix, **where)

        monkeypatch.setattr(uploadedfile.tempfile, "NamedTemporaryFile", make)

    return fill


@pytest.fixture
def claim(client):
    partner = cast.make_partner()
    actor = cast.make_member(partner)
    client.force_login(actor)
    made = cast.make_draft(partner, actor, cast.make_tenant())
    made.documents.all().delete()
    return made


def send_proof(client, claim, *names):
    address = reverse("associations:claim-page", args=[claim.reference, "proof"])
    files = [SimpleUploadedFile(name, PDF + name.encode()) for name in names]
    return client.post(address, {"action": "continue", "files": files})


def send_usage(client, more=b""):
    client.force_login(cast.make_staff(DATA_LOADER))
    content = make_file(workload_line(cast.make_tenant("northwind.example"))).getvalue() + more
    return client.post(ADD, {"file": SimpleUploadedFile("usage.csv", content)})


def test_a_file_that_finds_no_room_is_named_and_the_others_are_kept(
    client, claim, full_for, folder, caplog
):
    full_for(".pdf2")

    answer = send_proof(client, claim, "one.pdf", "lost.pdf2", "two.pdf")

    assert answer.status_code == 200
    assert f"lost.pdf2: {LOST}" in answer.text
    assert {each.name for each in find_current(claim)} == {"one.pdf", "two.pdf"}
    assert "No space left on device" in caplog.text
    assert list(folder.iterdir()) == []


def test_a_usage_file_that_finds_no_room_is_not_loaded(client, full_for, folder):
    full_for(".csv")

    answer = send_usage(client)

    assert answer.status_code == 200
    assert LOST in answer.text
    assert not ImportFile.objects.exists()


def test_a_temporary_folder_that_is_not_there_is_no_fault_of_the_form(client, claim, settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere/at/all"

    answer = send_proof(client, claim, "one.pdf")

    assert f"one.pdf: {LOST}" in answer.text
    assert find_current(claim) == []


def test_an_upload_that_breaks_off_in_a_full_folder_is_no_fault(monkeypatch):
    monkeypatch.setattr(uploadedfile.tempfile, "NamedTemporaryFile", lambda **_where: open_full(-1))
    handler = TemporaryUploadHandler()
    handler.new_file("files", "letter.pdf", "application/pdf", 3)
    handler.receive_data_chunk(b"%PD", 0)

    handler.upload_interrupted()

    assert isinstance(handler.file_complete(3), LostUpload)


def test_a_lost_file_is_not_read_as_an_empty_one():
    lost = LostUpload("letter.pdf", size=5, fault=OSError("full"))

    for read in (lost.read, lost.chunks, lost.open().read):
        with pytest.raises(OSError, match="full"):
            read()


def test_with_room_everything_arrives(client, claim, folder):
    answer = send_proof(client, claim, "one.pdf", "two.pdf")

    assert answer.status_code == 302
    assert {each.name for each in find_current(claim)} == {"one.pdf", "two.pdf"}
    assert send_usage(client).status_code == 302
    assert list(folder.iterdir()) == []


def test_a_store_without_room_leaves_no_usage_file_behind(client, monkeypatch, settings, tmp_path):
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
    monkeypatch.setattr(ImportFile.file.field, "storage", FullDisk(tmp_path / "store"))

    answer = send_usage(client, b"big")

    assert LOST in answer.text
    assert not ImportFile.objects.exists()
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
