"""Where words are put into a page without being escaped: each place can be a cross-site script."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.servers.processes import REPOSITORY

from .modules import APPS, Module

#: Names that make, join or stand for text that is not escaped again.
TRUSTING = {
    "mark_safe",
    "SafeString",
    "SafeText",
    "SafeData",
    "html_safe",
    "format_html_join",
    "__html__",
}
#: Keywords that switch escaping: a context's, and a filter's word that its result is safe.
SWITCHES = {"autoescape", "is_safe"}
IN_TEMPLATES = re.compile(
    r"\|\s*safe(?:seq)?\b|{%\s*filter\b[^%]*\bsafe(?:seq)?\b|{%\s*autoescape\s+off\b"
)


def count_in_modules(modules: Iterable[Module]) -> Counter[str]:
    """Return path → number of uses; imports and annotations do nothing and are left out."""
    return Counter({module.path: n for module in modules if (n := len(list(_uses(module))))})


def count_in_templates(templates: dict[str, str]) -> Counter[str]:
    """Return path → number of uses; ``{"path": "text"}`` in."""
    counts = {path: len(IN_TEMPLATES.findall(text)) for path, text in templates.items()}
    return Counter({path: number for path, number in counts.items() if number})


def read_all_templates() -> dict[str, str]:
    """Return path → text of every template, those of plain text and styles too."""
    folders = [REPOSITORY / "templates", *(REPOSITORY / app / "templates" for app in APPS)]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.*"))]
    return {str(path.relative_to(REPOSITORY)): path.read_text() for path in paths}


def find_unreviewed(found: Counter[str], reviewed: dict[str, tuple[int, str]]) -> list[str]:
    """Return one line for each file that has other than the reviewed number of uses."""
    return [
        f"{path}: {found[path]} uses, {reviewed.get(path, (0, ''))[0]} reviewed"
        for path in sorted(found.keys() | reviewed.keys())
        if found[path] != reviewed.get(path, (0, ""))[0]
    ]


def _uses(module: Module) -> Iterator[ast.AST]:
    tree = module.tree
    names = TRUSTING | _other_names(tree)
    words = set(map(id, _annotations(tree)))
    for node in ast.walk(tree):
        if id(node) not in words and _is_use(node, names):
            yield node


def _other_names(tree: ast.Module) -> set[str]:
    """What the trusting ones are called here: ``from … import mark_safe as trusted``."""
    return {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name in TRUSTING
    }


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if annotation is not None:
                yield from ast.walk(annotation)


def _is_use(node: ast.AST, names: set[str]) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name):
            return name in names
        case ast.keyword(arg=switch):
            return switch in SWITCHES
        case ast.Call(func=ast.Name(id="format_html") | ast.Attribute(attr="format_html")):
            # A pattern that is put together may already hold what someone typed.
            return not (node.args and isinstance(node.args[0], ast.Constant))
        case _:
            return False
