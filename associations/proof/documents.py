"""Files of proof (POE): received, checked, versioned, withdrawn, never overwritten [R11]."""

import datetime as dt
import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cpor_site.web.identifiers import read_words

from ..claims import lifecycle
from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError, hold_claim
from ..claims.stored_files import removed_on_failure, write_file
from ..enums import EDITABLE_STATUSES, EventKind
from ..filing.drafts import hold_for_edit
from ..models import Claim, Document
from .filetypes import UnfitFile, check_file

logger = logging.getLogger(__name__)

#: Limits: bytes in a file, and current files of a claim.
BYTES_MAX = 25 * 1024 * 1024
FILES_MAX = 10
NAME_MAX = 150
EXTENSION_MAX = 10
#: Control characters in the name of a file, and line ends as browsers send them.
SENT_CONTROL = re.compile(r"[\x00-\x1f\x7f]|%0[AaDd]")


@dataclass
class Intake:
    """The result of an upload, by names of files.

    ``known`` says which file already has the same content, ``shortened`` which names were too long.
    """

    stored: list[Document] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    shortened: list[str] = field(default_factory=list)


def find_current(claim: Claim) -> list[Document]:
    """Return the current files: the newest version of each name, unless it was withdrawn."""
    newest: dict[str, Document] = {}
    rows = claim.documents.filter(withdrawn_at=None).select_related("uploaded_by")
    for document in rows.order_by("name", "-version"):
        newest.setdefault(document.name, document)
    return list(newest.values())


@contextmanager
def hold_for_proof(claim: Claim) -> Iterator[Claim]:
    """Hold a claim that takes files from every member now; raises MoveNotAllowed [R3]."""
    with hold_claim(claim.pk) as held:
        lifecycle.require_status(held, *EDITABLE_STATUSES)
        yield held


def store_documents(
    claim: Claim,
    uploads: Iterable[UploadedFile],
    *,
    actor,
    now: dt.datetime,
    hold: Callable[[Claim], AbstractContextManager[Claim]] = hold_for_proof,
    into: Intake | None = None,
) -> Intake:
    """Check and store each upload; a refused file does not stop the others [R11].

    A file with the name of a current one becomes its next version; content that the claim already
    has is not stored twice. An added file overwrites nothing, so it makes no open page stale: the
    claim's revision stays. ``hold`` holds the claim, or raises LifecycleError if it accepts no
    files now. Do not call this in a transaction: stored files are removed only if its own
    transaction is rolled back.
    """
    intake = Intake() if into is None else into
    for upload in uploads:
        name = clean_name(upload.name or "")
        try:
            document = check_upload(upload, name)
            document.uploaded_by, document.uploaded_at = actor, now
            _keep(document, upload, hold(claim), intake=intake)
            if len(read_name(upload.name or "")) > len(name):
                intake.shortened.append(name)
        except UnfitFile as error:
            intake.refused[name] = str(error)
        except OSError:  # a full or broken disk; the next file may still fit
            logger.exception("A file of proof for claim %s could not be stored", claim.reference)
            intake.refused[name] = str(_("We couldn't store this file just now. Try again."))
    return intake


def withdraw_document(claim: Claim, key, *, actor, now: dt.datetime) -> str | None:
    """Withdraw a file with its older versions; all stay stored. Return its name; None if unknown.

    Raise LifecycleError if ``actor`` may not change the claim, or if the claim was submitted and would
    be left without proof.
    """
    with hold_for_edit(claim, actor=actor) as held:
        document = held.documents.filter(key=key, withdrawn_at=None).first()
        if document is None:
            return None
        if not held.is_draft and {each.name for each in find_current(held)} == {document.name}:
            raise LifecycleError(
                _("This is the claim's only proof. Add a newer one first, then remove this one.")
            )
        versions = held.documents.filter(name=document.name, withdrawn_at=None)
        versions.update(withdrawn_at=now)
        held.revision += 1
        _record(held, EventKind.DOCUMENT_REMOVED, document.name, actor=actor, now=now)
    return document.name


def check_upload(upload: UploadedFile, name: str) -> Document:
    """Check a file; return what is known of it, unsaved. Raise UnfitFile with a message for the person."""
    if (upload.size or 0) > BYTES_MAX:
        raise describe_too_large()
    sha256, size = hashlib.sha256(), 0
    for chunk in upload.chunks():
        sha256.update(chunk)
        size += len(chunk)
        if size > BYTES_MAX:
            raise describe_too_large()
    extension = check_file(cast("BinaryIO", upload.file), name)
    return Document(name=name, extension=extension, sha256=sha256.hexdigest(), size=size)


def describe_too_large() -> UnfitFile:
    return UnfitFile(
        _("This file is larger than %(megabytes)d MB. Make it smaller or split it.")
        % {"megabytes": BYTES_MAX // 1024**2}
    )


def describe_too_many(*, can_remove: bool = True) -> UnfitFile:
    words = (
        _(
            "A claim can have up to %(files)d files. Remove one first, or combine several into one "
            "PDF."
        )
        if can_remove
        else _(
            "A claim can have up to %(files)d files. Combine several into one PDF, or upload the "
            "newer file under the name of an existing one to add a new version."
        )
    )
    return UnfitFile(words % {"files": FILES_MAX})


def read_name(name: str) -> str:
    """Return the last part of a file's name, without invisible characters, of any length.

    Browsers send a quotation mark and line ends as %22, %0D and %0A (HTML, multipart/form-data).
    """
    sent = SENT_CONTROL.sub("", name.replace("%22", '"'))
    return read_words(re.split(r"[/\\]", sent)[-1])


def clean_name(name: str) -> str:
    """Return a file's name as ``read_name`` does, cut to NAME_MAX characters with its extension kept."""
    stem, dot, extension = read_name(name).rpartition(".")
    if not dot or len(extension) > EXTENSION_MAX:
        return (stem + dot + extension)[:NAME_MAX] or str(_("unnamed"))
    return f"{stem[: NAME_MAX - len(extension) - 1] or _('unnamed')}.{extension}"


def _keep(
    document: Document,
    upload: UploadedFile,
    hold: AbstractContextManager[Claim],
    *,
    intake: Intake,
) -> None:
    """Store a checked file under the claim's lock, so that concurrent uploads take turns."""
    actor, now = document.uploaded_by, document.uploaded_at
    with removed_on_failure(Document.file.field.storage) as written, hold as held:
        current = find_current(held)
        same = next((each for each in current if each.sha256 == document.sha256), None)
        if same is not None:
            intake.known[document.name] = same.name
            return
        if document.name not in {each.name for each in current} and len(current) >= FILES_MAX:
            raise describe_too_many(can_remove=actor.has_perm("associations.edit_claim", held))
        last = held.documents.filter(name=document.name).order_by("-version").first()
        document.claim, document.version = held, last.version + 1 if last else 1
        _write(document, upload, written)
        document.save(force_insert=True)
        _record(held, EventKind.DOCUMENT_ADDED, document.name, actor=actor, now=now)
    intake.stored.append(document)


def _write(document: Document, upload: UploadedFile, written: list[str]) -> None:
    """Store the content, or point to where an older version on the claim has it."""
    older = document.claim.documents.filter(sha256=document.sha256).first()
    if older is not None:
        document.file.name = older.file.name
        return
    write_file(document.file, upload, written)


def _record(claim: Claim, kind: EventKind, name: str, *, actor, now: dt.datetime) -> None:
    claim.write("revision", "updated_at")
    if not claim.is_draft:
        record_event(claim, kind, by=By.partner(actor), subjects=[name], now=now)
