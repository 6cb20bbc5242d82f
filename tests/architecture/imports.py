"""Only addresses lead to views. The order of the rooms is import-linter's, in pyproject.toml."""

from collections.abc import Iterable

from .modules import APPS, Module, imported_names


def find_wrong_imports(modules: Iterable[Module]) -> list[str]:
    """Return one line for each import of a view by what is neither a view of that app nor ``urls``."""
    return [
        f"{module.path}:{line} imports {name}: only urls import views"
        for module in modules
        for line, name in imported_names(module)
        if _is_view(name) and not _may_import_views(module, name.split(".")[0])
    ]


def _is_view(name: str) -> bool:
    app, room, *_ = (*name.split("."), "")
    return app in APPS and room == "views"


def _may_import_views(module: Module, app: str) -> bool:
    return module.room == "urls" or (module.room == "views" and module.app == app)
