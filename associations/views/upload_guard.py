"""Stops reading a file that is too large while it arrives, and lets the others through [R11]."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from ..documents import BYTES_MAX, FILES_MAX, clean_name, describe_too_large, describe_too_many

#: Files read from one request; those beyond cannot all be kept anyway.
FILES_READ_MAX = 2 * FILES_MAX


class UploadGuard(FileUploadHandler):
    """Counts what arrives, before anything is written to a temporary file.

    Put it first among the handlers; ``refused`` then has name → why for what it stopped.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.refused: dict[str, str] = {}
        self.seen = self.size = 0

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.seen += 1
        self.size = 0

    def receive_data_chunk(self, raw_data, start):
        """Only here may a file be skipped: earlier, that would close the file before it."""
        self.size += len(raw_data)
        if self.seen > FILES_READ_MAX:
            self._refuse(describe_too_many())
        if self.size > BYTES_MAX or (self.content_length or 0) > BYTES_MAX:
            self._refuse(describe_too_large())
        return raw_data

    def file_complete(self, file_size):
        """Leave the making of the file to the handlers behind."""

    def _refuse(self, why: Exception):
        self.refused[clean_name(self.file_name or "")] = str(why)
        raise SkipFile


def find_guard(request) -> UploadGuard:
    """The guard that the request was read with."""
    return next(each for each in request.upload_handlers if isinstance(each, UploadGuard))
