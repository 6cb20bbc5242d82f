"""What a file has said so far, kept on disk, so that a large file does not fill the memory."""

import hashlib
import sqlite3

from ..models import RowReason
from .kinds import Row
from .rows import RowError


class Seen:
    """The keys of a file's good rows, and the facts they stated, each with its line."""

    def __init__(self):
        self._db = sqlite3.connect("")  # a private temporary file, removed when it is closed
        self._db.execute(
            "CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER, said BLOB) WITHOUT ROWID"
        )

    def close(self) -> None:
        self._db.close()

    def require_new(self, row: Row, *, line: int) -> None:
        """Raise RowError, naming the earlier line, if the file already had this key or says otherwise."""
        if (earlier := self._find(row.key)) and earlier[0] != line:
            raise RowError(RowReason.DUPLICATE, value=earlier[0])
        for reason, facts in (
            (RowReason.CONTRADICTS, row.facts),
            (RowReason.HELD_BY_ANOTHER, row.holders),
        ):
            for key, said in facts.items():
                earlier = self._find(key)
                if earlier and earlier[1] != _digest(said):
                    raise RowError(reason, column=key.split(":")[0], value=earlier[0])

    def add(self, row: Row, *, line: int) -> None:
        """Remember a row that is good."""
        facts = row.facts | row.holders
        said = [
            (row.key, line, b""),
            *((key, line, _digest(text)) for key, text in facts.items()),
        ]
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", said)

    def _find(self, key: str) -> tuple[int, bytes] | None:
        found = self._db.execute("SELECT line, said FROM seen WHERE key = ?", (key,))
        return found.fetchone()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
