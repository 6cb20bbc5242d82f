"""The project's own Python modules and what each imports, read without running them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.processes import REPOSITORY

APPS = ("notifications", "partners", "associations", "cpor_site")


@dataclass(frozen=True)
class Module:
    name: str
    path: str
    source: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def app(self) -> str:
        return self.name.split(".")[0]

    @property
    def room(self) -> str:
        """The part of the app it belongs to: ``views`` for associations.views.claims."""
        return (*self.name.split("."), "")[1]

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")


def read_modules() -> list[Module]:
    """Return every module of the apps but migrations, which Django writes."""
    return [
        _read(path)
        for app in APPS
        for path in sorted((REPOSITORY / app).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def _read(path: Path) -> Module:
    inside = path.relative_to(REPOSITORY)
    parts = inside.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name=name, path=str(inside), source=path.read_text())


def imported_names(module: Module) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, in functions too; names of attributes included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(module, node)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node):
            yield node.lineno, node.args[0].value


def _base_of(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module
    parts = module.name.split(".")
    up = node.level - module.is_package
    start = parts[: len(parts) - up]
    return ".".join([*start, node.module] if node.module else start)


def _is_import_call(node: ast.Call) -> bool:
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return (
        called in {"import_module", "import_string", "__import__"}
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
    )
