"""What can be broken in SQL that stands in a string: conditions, comparisons, locks, aggregates."""

import ast
import re
from collections.abc import Iterator

from .breaks import Break, Source

IS_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT INTO|DELETE FROM|FOR UPDATE|WHERE)\b")
#: A condition: from AND to the next one, the end of the line or the end of what surrounds it.
CONDITION = re.compile(r"\bAND\b[^\n]*?(?=\bAND\b|\bOR\b|\n|\"|$)")
WORDS = {
    r"<>": "=",
    r"<=": "<",
    r"(?<![<>=])<(?![<>=])": "<=",
    r"\bmax\(": "min(",
    r"\bmin\(": "max(",
    r"\bDISTINCT ": "",
    r" SKIP LOCKED": "",
    r"FOR UPDATE[^\"]*": "",
    r"\bNOT IN\b": "IN",
    r"\bNOT EXISTS\b": "EXISTS",
    r"\bNOT \(": "(",
    r" \+ 1\b": "",
    r"\blower\((\w+\.\w+)\)": r"\1",
}


def list_sql_breaks(source: Source) -> Iterator[Break]:
    """Yield breaks of each string of ``source`` that holds SQL."""
    for node in ast.walk(source.tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and IS_SQL.search(node.value) and not _is_docstring(source, node):
            yield from _break_text(source, node)


def _break_text(source: Source, node) -> Iterator[Break]:
    text, offset = source.text(node), source.start(node)
    for found in CONDITION.finditer(text):
        condition = found.group()
        if condition.count("(") >= condition.count(")"):
            if condition.count("(") > condition.count(")"):
                continue
            yield _cut(source, "SQL condition dropped", text, offset, found.span(), "")
            continue
        kept = ")" * (condition.count(")") - condition.count("("))
        yield _cut(source, "SQL condition dropped", text, offset, found.span(), kept)
    for pattern, other in WORDS.items():
        for found in re.finditer(pattern, text):
            yield _cut(source, "SQL", text, offset, found.span(), found.expand(other))


def _cut(source: Source, kind: str, text: str, offset: int, span, replacement: str) -> Break:
    start = offset + len(text[: span[0]].encode())
    end = offset + len(text[: span[1]].encode())
    return source.cut(kind, start, end, replacement)


def _is_docstring(source: Source, node) -> bool:
    return any(isinstance(each, ast.Expr) and each.value is node for each in ast.walk(source.tree))
