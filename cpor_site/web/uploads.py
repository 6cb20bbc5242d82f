"""Uploads that find no room on the way in.

Django writes what is larger than a few megabytes to a temporary folder before any view sees it. Where that is
full, the request would end as a fault of the server, and all that was typed be lost with it.
"""

import contextlib
import io
import logging
from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

logger = logging.getLogger(__name__)


class LostUpload(UploadedFile):
    """Stands for a file that arrived and found no room: reading it raises the OSError of that moment."""

    def __init__(self, name: str | None, *, size: int, fault: OSError):
        super().__init__(io.BytesIO(), name, size=size)
        self.fault = fault

    def chunks(self, chunk_size=None):
        raise self.fault

    def read(self, size=-1):
        raise self.fault


class TemporaryUploadHandler(TemporaryFileUploadHandler):
    """Takes the rest of the request in where a file finds no room; that file becomes a ``LostUpload``."""

    fault: OSError | None = None

    def new_file(self, *args, **kwargs):
        self.fault = None
        self.__dict__.pop("file", None)  # the one before this one belongs to the request now
        with self._noticing():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        if self.fault is None:
            with self._noticing():
                super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size):
        if self.fault is None:
            with self._noticing():
                return super().file_complete(file_size)
        # There is one on both ways that lead here.
        return LostUpload(self.file_name, size=file_size, fault=cast("OSError", self.fault))

    def upload_interrupted(self):
        with self._noticing():
            super().upload_interrupted()

    @contextlib.contextmanager
    def _noticing(self):
        try:
            yield
        except OSError as fault:
            logger.exception("an upload could not be kept in the temporary folder")
            self.fault = fault
            if file := self.__dict__.pop("file", None):
                with contextlib.suppress(OSError):  # what it still holds finds no room either
                    file.close()
