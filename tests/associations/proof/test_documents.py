"""Files of proof are stored, versioned, withdrawn, and shown only to people who may see them [R11]."""

import errno
import hashlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from associations.claims.history import find_broken_link
from associations.claims.lifecycle import MoveNotAllowed
from associations.enums import EventKind, Status
from associations.models import Document
from associations.proof import documents
from associations.proof.documents import FILES_MAX, clean_name, find_current, store_documents
from partners.enums import Role
from tests import cast
from tests.associations.proof_files import GOOD, PDF, make_docx
from tests.full_disk import FullDisk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def claim(partner, admin):
    made = cast.make_draft(partner, admin, cast.make_tenant())
    for document in made.documents.all():
        default_storage.delete(document.file.name)
        document.delete()
    return made


def upload(name="letter.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def read(document):
    with default_storage.open(document.file.name) as file:
        return file.read()


def fetch(client, document, **query):
    """The answer with its content read, which closes its file."""
    answer = client.get(reverse("associations:document", args=[document.key]), query)
    answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def files_in_store(tmp_path):
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", GOOD)
def test_a_file_is_kept_with_its_hash(claim, admin, name):
    intake = store_documents(claim, [upload(name, GOOD[name])], actor=admin, now=timezone.now())

    kept = Document.objects.get(claim=claim)
    assert intake.stored == [kept]
    assert (kept.name, kept.size, kept.version) == (name, len(GOOD[name]), 1)
    assert kept.sha256 == hashlib.sha256(GOOD[name]).hexdigest()
    assert read(kept) == GOOD[name]
    assert name not in kept.file.name


def test_good_files_are_kept_beside_bad_ones(claim, admin):
    sent = [
        upload(),
        upload("virus.docx", b"MZ a program"),
        upload("empty.pdf", b""),
        upload("a.exe"),
    ]

    intake = store_documents(claim, sent, actor=admin, now=timezone.now())

    assert [each.name for each in find_current(claim)] == ["letter.pdf"]
    assert set(intake.refused) == {"virus.docx", "empty.pdf", "a.exe"}
    assert "empty" in intake.refused["empty.pdf"]


def test_a_file_too_large_is_refused_by_what_is_read_and_by_what_it_says(claim, admin, monkeypatch):
    monkeypatch.setattr(documents, "BYTES_MAX", 100)
    honest = upload("honest.pdf", PDF + bytes(100))
    liar = upload("liar.pdf", PDF + bytes(100))
    liar.size = 50

    intake = store_documents(claim, [honest, liar], actor=admin, now=timezone.now())

    assert set(intake.refused) == {"honest.pdf", "liar.pdf"}
    assert not claim.documents.exists()


def test_the_eleventh_file_is_refused_but_a_newer_version_is_not(claim, admin):
    sent = [upload(f"{n}.pdf", PDF + b"%d" % n) for n in range(FILES_MAX + 1)]

    intake = store_documents(claim, sent, actor=admin, now=timezone.now())
    newer = store_documents(
        claim, [upload("0.pdf", PDF + b"newer")], actor=admin, now=timezone.now()
    )

    assert list(intake.refused) == ["10.pdf"]
    assert len(find_current(claim)) == FILES_MAX
    assert newer.stored[0].version == 2


def test_a_newer_file_of_the_same_name_is_a_version_and_the_older_stays(claim, admin):
    store_documents(claim, [upload(content=PDF)], actor=admin, now=timezone.now())
    store_documents(claim, [upload(content=PDF + b"signed")], actor=admin, now=timezone.now())

    assert [each.version for each in find_current(claim)] == [2]
    old = claim.documents.get(version=1)
    assert read(old) == PDF
    assert old.withdrawn_at is None


def test_the_same_content_is_not_kept_twice(claim, admin, tmp_path):
    store_documents(claim, [upload()], actor=admin, now=timezone.now())

    intake = store_documents(claim, [upload(), upload("copy.pdf")], actor=admin, now=timezone.now())

    assert intake.known == {"letter.pdf": "letter.pdf", "copy.pdf": "letter.pdf"}
    assert claim.documents.count() == 1
    assert len(files_in_store(tmp_path)) == 1


def test_going_back_to_an_older_content_is_a_new_version_of_the_stored_file(claim, admin, tmp_path):
    for content in (PDF, PDF + b"2", PDF):
        store_documents(claim, [upload(content=content)], actor=admin, now=timezone.now())

    current = find_current(claim)[0]
    assert (current.version, read(current)) == (3, PDF)
    assert len(files_in_store(tmp_path)) == 2


def test_a_withdrawn_file_is_marked_and_stays_in_store(claim, admin):
    store_documents(claim, [upload()], actor=admin, now=timezone.now())
    store_documents(claim, [upload(content=PDF + b"2")], actor=admin, now=timezone.now())
    current = find_current(claim)[0]

    name = documents.withdraw_document(claim, current.key, actor=admin, now=timezone.now())

    assert name == "letter.pdf"
    assert find_current(claim) == []
    assert claim.documents.exclude(withdrawn_at=None).count() == 2
    assert default_storage.exists(current.file.name)
    again = store_documents(claim, [upload(content=PDF + b"3")], actor=admin, now=timezone.now())
    assert again.stored[0].version == 3


def test_another_claims_file_cannot_be_withdrawn(claim, admin, partner):
    other = cast.make_draft(partner, admin, cast.make_tenant("other.example"))
    document = other.documents.get()

    assert documents.withdraw_document(claim, document.key, actor=admin, now=timezone.now()) is None
    assert Document.objects.get(pk=document.pk).withdrawn_at is None


def test_after_submission_files_leave_history(claim, admin, reviewer):
    store_documents(claim, [upload()], actor=admin, now=timezone.now())
    assert not claim.events.filter(kind=EventKind.DOCUMENT_ADDED).exists()
    claim = cast.walk(claim, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    store_documents(claim, [upload("more.docx", make_docx())], actor=admin, now=timezone.now())
    documents.withdraw_document(
        claim, claim.documents.get(name="more.docx").key, actor=admin, now=timezone.now()
    )

    rows = claim.events.filter(kind__in=[EventKind.DOCUMENT_ADDED, EventKind.DOCUMENT_REMOVED])
    assert [(row.kind, row.subject_names) for row in rows] == [
        ("document-added", ["more.docx"]),
        ("document-removed", ["more.docx"]),
    ]
    claim.refresh_from_db()
    assert find_broken_link(claim) is None


def test_under_review_nothing_is_taken_in_or_out(claim, admin, reviewer, tmp_path):
    store_documents(claim, [upload()], actor=admin, now=timezone.now())
    claim = cast.walk(claim, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

    with pytest.raises(MoveNotAllowed):
        store_documents(claim, [upload("more.docx", make_docx())], actor=admin, now=timezone.now())
    with pytest.raises(MoveNotAllowed):
        documents.withdraw_document(
            claim, claim.documents.get().key, actor=admin, now=timezone.now()
        )

    assert claim.documents.count() == len(files_in_store(tmp_path)) == 1


def test_a_stored_file_is_removed_when_its_transaction_fails(claim, admin, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(documents, "_record", fail)

    with pytest.raises(RuntimeError):
        store_documents(claim, [upload()], actor=admin, now=timezone.now())

    assert not claim.documents.exists()
    assert files_in_store(tmp_path) == []


@pytest.fixture
def full_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(Document.file.field, "storage", FullDisk(tmp_path))


def test_a_full_disk_refuses_one_file_in_words_and_leaves_no_half(
    claim, admin, tmp_path, full_disk, caplog
):
    sent = [upload("big.pdf", PDF + b"big"), upload("small.pdf", PDF)]

    intake = store_documents(claim, sent, actor=admin, now=timezone.now())

    kept = Document.objects.get(claim=claim)
    assert intake.stored == [kept]
    assert intake.refused == {
        "big.pdf": "We couldn't store this file just now. Try again.",
    }
    assert files_in_store(tmp_path) == [tmp_path / kept.file.name]
    assert kept.name == "small.pdf"
    assert "No space left on device" in caplog.text
    assert claim.reference in caplog.text


def test_the_page_tells_of_a_full_disk_beside_what_it_kept(client, claim, admin, full_disk):
    client.force_login(admin)
    sent = [upload("big.pdf", PDF + b"big"), upload("small.pdf", PDF)]

    answer = client.post(
        reverse("associations:claim-page", args=[claim.reference, "proof"]),
        {"action": "continue", "files": sent},
    )

    assert answer.status_code == 200
    assert "big.pdf: We couldn&#x27;t store this file just now. Try again." in answer.text
    assert "“small.pdf” has been added." in answer.text
    assert [each.name for each in find_current(claim)] == ["small.pdf"]


def test_a_half_file_that_cannot_be_removed_is_named_in_the_log(
    claim, admin, full_disk, monkeypatch, caplog
):
    def fail(*_args):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(FullDisk, "delete", fail)

    intake = store_documents(
        claim, [upload("big.pdf", PDF + b"big")], actor=admin, now=timezone.now()
    )

    assert list(intake.refused) == ["big.pdf"]
    assert "poe/" in caplog.text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/letter.pdf", "letter.pdf"),
        ("C:\\Users\\me\\letter.pdf", "letter.pdf"),
        ("let\nter\0\u202e.pdf", "letter.pdf"),
        ("  two   words .pdf", "two words .pdf"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
        ("", "unnamed"),
        ("our %22best%22 work.pdf", 'our "best" work.pdf'),
        ("two%0D%0Alines%0a.pdf", "twolines.pdf"),
        ("100%25 %2F sure.pdf", "100%25 %2F sure.pdf"),
        ("C:\\\\work\\\\%22a%22.pdf", '"a".pdf'),
        ("soft\u00adhyphen\u2011plain\ufeff.pdf", "softhyphen-plain.pdf"),
        (".pdf", "unnamed.pdf"),
        ("proposta é boa.pdf", "proposta é boa.pdf"),
    ],
)
def test_names_lose_paths_control_characters_and_length(sent, kept):
    assert clean_name(sent) == kept


def test_a_download_is_an_attachment_that_runs_nothing(client, claim, admin):
    store_documents(claim, [upload("contrato é.pdf")], actor=admin, now=timezone.now())
    client.force_login(admin)

    answer = fetch(client, claim.documents.get())

    assert answer.body == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("name", "disposition", "frame"),
    [
        ("letter.pdf", "inline", "SAMEORIGIN"),
        ("scan.png", "inline", "SAMEORIGIN"),
        ("scan.jpg", "inline", "SAMEORIGIN"),
        ("letter.docx", "attachment", "DENY"),
        ("hours.xlsx", "attachment", "DENY"),
    ],
)
def test_only_what_a_browser_paints_is_shown_inline(client, claim, admin, name, disposition, frame):
    store_documents(claim, [upload(name, GOOD[name])], actor=admin, now=timezone.now())
    client.force_login(admin)

    answer = fetch(client, claim.documents.get(), inline="1")

    assert answer["Content-Disposition"].startswith(disposition)
    assert answer["X-Frame-Options"] == frame
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_who_may_see_a_file(client, claim, admin, partner, reviewer):
    store_documents(claim, [upload()], actor=admin, now=timezone.now())
    document = claim.documents.get()
    elsewhere = cast.LocationFactory(partner=partner)
    answers = {}
    for who, person in {
        "colleague": cast.make_member(partner, Role.INCENTIVES_USER),
        "other location": cast.make_member(partner, locations=[elsewhere]),
        "other partner": cast.make_member(cast.make_partner("Rival")),
        "reviewer of a draft": reviewer,
    }.items():
        client.force_login(person)
        answers[who] = fetch(client, document).status_code
    client.logout()

    assert answers == {
        "colleague": 200,
        "other location": 404,
        "other partner": 404,
        "reviewer of a draft": 404,
    }
    assert fetch(client, document).status_code == 302
    cast.walk(claim, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    client.force_login(reviewer)
    assert fetch(client, document).status_code == 200


def test_a_file_missing_in_store_is_not_found(client, claim, admin):
    store_documents(claim, [upload()], actor=admin, now=timezone.now())
    document = claim.documents.get()
    default_storage.delete(document.file.name)
    client.force_login(admin)

    assert fetch(client, document).status_code == 404
