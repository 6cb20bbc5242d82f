"""What passes between reading a table, a kind of import and the engine."""

from dataclasses import dataclass, field
from typing import Any

from ..enums import RowOutcome
from ..models import ImportRow

#: The longest part of a cell that is kept with a row.
CELL_MAX = 2_000


class RowError(ValueError):
    """The error of a row: a reason, the column, and the value as written.

    ``words`` are a form's own sentence, for the reason IN_WORDS.
    """

    def __init__(self, reason: str, *, column: str = "", value: object = "", words: str = ""):
        super().__init__(reason)
        self.reason, self.column, self.value = reason, column[:30], str(value)[:100]
        self.words = words

    def as_row(self, line: int, cells: list[str] | None = None) -> ImportRow:
        """Return an unsaved row that says it, with the row's cells as written."""
        return ImportRow(
            line=line,
            reason=self.reason,
            column=self.column,
            value=self.value,
            words=self.words,
            cells=[cell[:CELL_MAX] for cell in cells or []],
        )


class UnreadableFile(RowError):
    """The file cannot be read at all; nothing in it was imported."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table as read: its cells, or what is wrong with it; ``bytes_read`` from the start."""

    number: int
    cells: list[str]
    bytes_read: int
    error: RowError | None = None
    #: Does the workbook have merged cells, all but the first of which are empty?
    has_merged: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A row below the header: its values by column, or its error."""

    line: int
    cells: list[str]
    fields: dict[str, str] | RowError
    bytes_read: int
    has_merged: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a row will do: the outcome, what to call the record, and what the kind needs to save it.

    ``changes`` are column, old and new value of a record that is there already.
    """

    outcome: str
    what: Any
    title: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)

    def as_row(self, line: int) -> ImportRow:
        """Return an unsaved row for the preview."""
        return ImportRow(
            line=line, outcome=self.outcome, title=self.title[:200], changes=self.changes
        )

    @property
    def is_saved(self) -> bool:
        """Does saving it change anything?"""
        return self.outcome != RowOutcome.SAME
