"""One deliberate break of a source file, and all that can be made of a file."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Break:
    """Replace ``source[start:end]`` (in bytes) of the file ``path`` by ``replacement``."""

    path: str
    kind: str
    start: int
    end: int
    replacement: str
    lines: range
    #: The whole lines, as they are and broken, each as one line.
    before: str
    after: str

    @property
    def key(self) -> str:
        """What stays the same while the lines around it move."""
        return f"{self.path}: {self.kind}: {self.before} → {self.after or '∅'}"

    def order(self, seed: int) -> str:
        return hashlib.sha256(f"{seed}:{self.key}".encode()).hexdigest()

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.replacement.encode() + source[self.end :]


class Source:
    """A file's text, its tree, and where the nodes of the tree stand in it."""

    def __init__(self, root: Path, path: str):
        self.path = path
        self.bytes = (root / path).read_bytes()
        self.tree = ast.parse(self.bytes)
        self._lines = [0]
        for line in self.bytes.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def start(self, node) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def end(self, node) -> int:
        return self._lines[node.end_lineno - 1] + node.end_col_offset

    def text(self, node) -> str:
        return self.bytes[self.start(node) : self.end(node)].decode()

    def replace(self, kind: str, node, replacement: str) -> Break:
        return self.cut(kind, self.start(node), self.end(node), replacement)

    def cut(self, kind: str, start: int, end: int, replacement: str) -> Break:
        first = self.bytes.rfind(b"\n", 0, start) + 1
        last = self.bytes.find(b"\n", end)
        number = self.bytes.count(b"\n", 0, start) + 1
        lines = range(number, number + self.bytes.count(b"\n", start, end) + 1)
        before = self.bytes[first:last]
        after = before[: start - first] + replacement.encode() + before[end - first :]
        words = (" ".join(text.decode().split()) for text in (before, after))
        return Break(self.path, kind, start, end, replacement, lines, *words)


def find_breaks(source: Source) -> Iterator[Break]:
    """Yield every break of a file, among them some that are no Python or change nothing."""
    from .python_breaks import PythonBreaks
    from .sql_breaks import list_sql_breaks

    finder = PythonBreaks(source)
    finder.visit(source.tree)
    yield from finder.found
    yield from list_sql_breaks(source)


def is_valid(source: Source, each: Break) -> bool:
    """Return whether the broken file is still Python, and another program than before."""
    try:
        broken = ast.parse(each.apply(source.bytes))
    except SyntaxError:
        return False
    return ast.dump(broken) != ast.dump(source.tree)
