"""Files put in store so that a fault leaves nothing behind: a full disk leaves half a file."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files import File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models.fields.files import FieldFile

logger = logging.getLogger(__name__)


def write_file(into: FieldFile, content: File, written: list[str]) -> None:
    """Store ``content`` as the file of a model's field and note its name in ``written``.

    Raises OSError where it finds no room.
    """
    content.seek(0)
    name = into.field.generate_filename(into.instance, content.name or "")
    written.append(name)  # before a byte is written: half a file has this name
    written[-1] = into.name = into.storage.save(name, content)


@contextmanager
def removed_on_failure(storage: Storage) -> Iterator[list[str]]:
    """Remove the stored files named in the list when the transaction they belong to fails."""
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
    """Remove a stray file; where even that fails, the log has its name and the fault stays what it was."""
    try:
        storage.delete(name)
    except OSError:
        logger.exception("The stray file %s could not be removed", name)
