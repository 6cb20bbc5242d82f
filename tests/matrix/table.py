"""The one file that says who gets what where: read, compared with what happens, written again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .markers import Sight

FILE = Path(__file__).with_name("expectations.txt")
#: The columns, from the outermost stranger to those who may do everything.
ACTORS = (
    *("anon", "customer", "former", "user-in", "user-out", "adm-in", "adm-out", "admin", "both"),
    *("rival", "one-fac", "review", "insider", "manage", "load", "support", "root"),
)
METHODS = ("GET", "POST")
#: Lines that say what an actor came to see on all pages together: owner and kind of a marker.
SEES = "SEES"
WIDTH = max(map(len, ACTORS)) + 1


@dataclass
class Line:
    """One address and method, or one kind of thing to see; cells by actor."""

    method: str
    address: str
    cells: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.address

    @property
    def sight(self) -> Sight:
        """Owner and kind, of a line that says who sees what."""
        owner, kind = self.address.split(":")
        return owner, kind


def read_table(text: str) -> list[Line]:
    """The lines of the file. Raises ValueError for one that has not a cell for each actor."""
    lines = []
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        method, address, *cells = row.split()
        if method not in (*METHODS, SEES) or len(cells) not in (0, len(ACTORS)):
            raise ValueError(f"line {number}: {row}")
        lines.append(Line(method, address, dict(zip(ACTORS, cells, strict=False))))
    return lines


def rewrite(text: str, found: dict[tuple[str, str], dict[str, str]]) -> str:
    """The same file, comments and order kept, with aligned cells as they were found."""
    rows = text.splitlines()
    width = max(len(row.split()[1]) for row in rows if _is_line(row)) + 2
    return "".join(f"{_write_row(row, found, width=width)}\n" for row in rows)


def _write_row(row: str, found: dict[tuple[str, str], dict[str, str]], *, width: int) -> str:
    if row.startswith("# ") and row.split()[1:] == list(ACTORS):
        return ("# " + " " * (width + 3) + _align(ACTORS)).rstrip()
    if not _is_line(row):
        return row.rstrip()
    method, address = row.split()[:2]
    cells = found.get((method, address), {})
    written = _align(cells.get(actor, "?") for actor in ACTORS)
    return f"{method:5}{address:{width}}{written}".rstrip()


def _align(cells: Iterable[str]) -> str:
    return "".join(f"{cell:{WIDTH}}" for cell in cells)


def compare(line: Line, actor: str, found: str) -> str:
    """What is not as declared, in words, or nothing."""
    declared = line.cells.get(actor, "nothing")
    if declared == found:
        return ""
    return f"{actor}: {line.method} {line.address} gives {found}, declared is {declared}"


def _is_line(row: str) -> bool:
    return row.split(maxsplit=1)[:1] in [[method] for method in (*METHODS, SEES)]
