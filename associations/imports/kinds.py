"""What a kind of import says of itself: its columns, how a row is read, matched and saved."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.functional import Promise

from ..models import ImportFile
from .rows import Plan, RowError


@dataclass(frozen=True)
class Column:
    """A column of a table: its name in the header, what to write there, and an example.

    ``is_in_header``: must the header name it? ``is_required``: must every row have a value?
    """

    name: str
    help_text: str | Promise
    example: str = ""
    is_required: bool = False
    is_in_header: bool = True
    choices: tuple[str, ...] = ()


class Row:
    """A row whose cells were read, before anything is looked up."""

    __slots__ = ()

    @property
    def key(self) -> str:
        """Name what the row is about; two rows of a file must not name the same."""
        raise NotImplementedError

    @property
    def facts(self) -> dict[str, str]:
        """Return what several rows may say of one record, and must then say alike.

        By column and record, with a colon between them.
        """
        return {}

    @property
    def holders(self) -> dict[str, str]:
        """Return what only one record may have, by column and value, and the record that has it here."""
        return {}


@dataclass(frozen=True)
class Run:
    """One run of a file: which file, when, and whether anything is saved."""

    file: ImportFile
    now: dt.datetime
    #: What a kind reads once for a whole file.
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def is_trial(self) -> bool:
        return self.file.is_trial


class Kind:
    """A kind of import. The engine reads, batches, counts and resumes; a kind knows what rows mean.

    A batch is looked up with a fixed number of queries and saved in one transaction with its counts.
    """

    code: ClassVar[str]
    #: What one row is, and what importing does.
    about: ClassVar[str | Promise] = ""
    columns: ClassVar[tuple[Column, ...]]
    #: Permissions of staff, all of which are needed; none for what partners import.
    permissions: ClassVar[tuple[str, ...]] = ()
    #: Permissions with which its files may be looked at, together with that for files.
    view_permissions: ClassVar[tuple[str, ...]] = ()
    #: Is it checked and shown before anything is saved?
    is_checked_first: ClassVar[bool] = True
    #: Rows that are saved in one transaction.
    batch: ClassVar[int] = 1_000
    #: Rows a file may have; None for any number.
    rows_max: ClassVar[int | None] = None
    #: Files up to this size are handled during the upload; a task handles larger ones.
    at_once_bytes: ClassVar[int] = 50_000

    def read(self, fields: dict[str, str], run: Run) -> Row:
        """Return the row; raise RowError. No database is asked."""
        raise NotImplementedError

    def look_up(self, rows: Iterable[Row], run: Run) -> Any:
        """Return what the rows are compared with, from a fixed number of queries."""
        raise NotImplementedError

    def place(self, row: Row, found: Any, run: Run) -> Plan:
        """Return what the row will do; raise RowError. No database is asked.

        ``found`` may be changed, so that later rows of the batch see what this one does.
        """
        raise NotImplementedError

    def save(self, plans: list[Plan], run: Run) -> list[tuple[Plan, RowError]]:
        """Save the plans that change something, in the engine's transaction.

        Return those that turned out not to be possible, with nothing of them saved.
        """
        raise NotImplementedError
