"""Storing files so that an error leaves nothing behind, such as half a file on a full disk."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files import File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models.fields.files import FieldFile

logger = logging.getLogger(__name__)


def write_file(into: FieldFile, content: File, written: list[str]) -> None:
    """Store ``content`` as the file of a model's field, and append its name to ``written``.

    Raise OSError if the disk is full.
    """
    content.seek(0)  # it was read to be checked, and not every store begins at the start
    name = into.field.generate_filename(into.instance, content.name or "")
    written.append(name)  # before any byte is written, since half a file has this name
    written[-1] = into.name = into.storage.save(name, content)


@contextmanager
def removed_on_failure(storage: Storage) -> Iterator[list[str]]:
    """Yield a list, and remove the stored files named in it if the block fails."""
    written: list[str] = []
    try:
        yield written
    except BaseException:
        for name in written:
            _remove(storage, name)
        raise


def remove_after_commit(storage: Storage, name: str) -> None:
    """Remove a stored file once the transaction that deletes its row has committed."""
    transaction.on_commit(lambda: _remove(storage, name))


def _remove(storage: Storage, name: str) -> None:
    """Remove a stray file; if that fails, log its name and let the original error stand."""
    try:
        storage.delete(name)
    except OSError:
        logger.exception("The stray file %s could not be removed", name)
