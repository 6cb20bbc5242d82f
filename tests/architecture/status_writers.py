"""Only ``claims.lifecycle`` and its twin ``finalisation.bulk`` write the status of a claim or an association.

Notices to customers and mediation cases have statuses of their own, by the enums in ``OTHERS``.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from .modules import Module

WRITERS = {
    "associations.claims.lifecycle",
    "associations.finalisation.bulk",
    "associations.claims.foreseen",  # a copy, which is never saved
}
OTHERS = {"NoticeStatus", "CaseStatus"}
WRITING_CALLS = {
    *("update", "create", "acreate", "aupdate", "get_or_create", "update_or_create"),
    *("Claim", "Association"),
}
BULK_UPDATES = {"bulk_update", "abulk_update"}
SQL_WRITE = re.compile(
    r"\bSET\b(?:(?!\bWHERE\b|\bFROM\b|\bCASE\b)[\s\S])*?(?<![.\w])\"?status\"?\s*=(?!=)"
    r"|\bINSERT\s+INTO\b[^()]*\([^()]*(?<![.\w])\"?status\"?(?!\w)[^()]*\)",
    re.IGNORECASE,
)


def find_status_writers(modules: Iterable[Module]) -> list[str]:
    """Return one line for each place outside ``WRITERS`` that writes a status."""
    return [
        f"{module.path}:{line} writes a status: {how}"
        for module in modules
        if module.name not in WRITERS
        for line, how in _writes(module.tree)
    ]


def _writes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    words = {id(text) for text in _docstrings(tree)}
    for node in ast.walk(tree):
        if _is_assignment(node):
            yield node.lineno, "assignment"
        elif isinstance(node, ast.Call) and (how := _write_by_call(node)):
            yield node.lineno, how
        elif id(node) not in words and SQL_WRITE.search(_text_of(node)):
            yield node.lineno, "SQL"


def _is_assignment(node: ast.AST) -> bool:
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return False
    targets = getattr(node, "targets", None) or [node.target]
    return any(
        isinstance(target, ast.Attribute) and target.attr == "status" and not _has_its_own(value)
        for whole in targets
        for target, value in _pairs(whole, node.value)
    )


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Yield who gets what: ``a, b = 1, 2`` gives a and 1, b and 2."""
    if not isinstance(target, ast.Tuple | ast.List):
        yield target, value
        return
    values = getattr(value, "elts", [])
    if len(values) != len(target.elts):
        values = [None] * len(target.elts)
    for part, given in zip(target.elts, values, strict=True):
        yield from _pairs(part, given)


def _write_by_call(node: ast.Call) -> str:
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called in {"setattr", "__setattr__"} and _says_status(node.args):
        return "setattr"
    if called in BULK_UPDATES and any(_says_status(ast.walk(part)) for part in _parts(node)):
        return called
    if called not in WRITING_CALLS:
        return ""
    for value in _status_values(node):
        if not _has_its_own(value):
            return f"{called}(status=...)"
    return ""


def _parts(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _status_values(node: ast.Call) -> Iterator[ast.expr]:
    """Yield what is given as ``status``: by keyword, in ``defaults`` or in an unpacked dict."""
    for keyword in node.keywords:
        if keyword.arg == "status":
            yield keyword.value
        elif isinstance(keyword.value, ast.Dict):
            pairs = zip(keyword.value.keys, keyword.value.values, strict=True)
            yield from (value for key, value in pairs if _is_status(key))


def _says_status(nodes: Iterable[ast.AST]) -> bool:
    return any(_is_status(node) for node in nodes)


def _is_status(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == "status"


def _has_its_own(value: ast.expr | None) -> bool:
    return (
        isinstance(value, ast.Attribute)
        and isinstance(value.value, ast.Name)
        and value.value.id in OTHERS
    )


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) or "x" for part in node.values)
    return ""


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
