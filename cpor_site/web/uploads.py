"""Uploads for which there is no disk space.

Django writes anything larger than a few megabytes to a temporary folder before any view sees it. If that is
full, the request would end in a server error, and everything that was typed would be lost.
"""

import contextlib
import io
import logging
from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

logger = logging.getLogger(__name__)


class LostUpload(UploadedFile):
    """Stands for a file that could not be stored: reading it raises the original OSError."""

    def __init__(self, name: str | None, *, size: int, fault: OSError):
        super().__init__(io.BytesIO(), name, size=size)
        self.fault = fault

    def chunks(self, chunk_size=None):
        raise self.fault

    def read(self, size=-1):
        raise self.fault


class TemporaryUploadHandler(TemporaryFileUploadHandler):
    """Continues with the rest of the request if there is no space for a file: it becomes a ``LostUpload``."""

    fault: OSError | None = None

    def new_file(self, *args, **kwargs):
        self.fault = None
        self.__dict__.pop("file", None)  # the previous one belongs to the request now
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
        # Both paths that lead here have one.
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
                with contextlib.suppress(OSError):  # there is no space for its buffered data either
                    file.close()
