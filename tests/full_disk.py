"""A store that finds no room, for all code that keeps files."""

import errno

from django.core.files.storage import FileSystemStorage


class FullDisk(FileSystemStorage):
    """Has room for half of a file that says it is big."""

    def _save(self, name, content):
        whole = content.read()
        content.seek(0)
        if b"big" in whole:
            content.chunks = lambda *_size: self.write_half(whole)
        return super()._save(name, content)

    def write_half(self, whole):
        yield whole[: len(whole) // 2]
        raise OSError(errno.ENOSPC, "No space left on device")
