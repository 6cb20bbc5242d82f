"""Imports go one way: enums, rules, validators → models → domain → forms, admin, tasks → views."""

from collections.abc import Iterable

from .modules import APPS, Module, imported_names

BASE, MODELS, DOMAIN, EDGE, VIEWS, TOP = range(6)
#: Rooms that are not domain modules. ``clock`` and ``references`` serve the models' defaults,
#: ``kinds`` their choices.
FLOORS = {
    **dict.fromkeys(("enums", "rules", "validators", "clock", "references", "kinds"), BASE),
    "models": MODELS,
    **dict.fromkeys(("forms", "admin", "tasks", "management", "templatetags"), EDGE),
    "views": VIEWS,
    **dict.fromkeys(("urls", "apps"), TOP),
}
#: What an app may know of its neighbours; the site knows all.
NEIGHBOURS = {
    "notifications": set(),
    "partners": {"notifications"},
    "associations": {"notifications", "partners"},
}


def find_wrong_imports(modules: Iterable[Module]) -> list[str]:
    """Return one line for each import that goes against the direction."""
    return [
        f"{module.path}:{line} imports {name}: {fault}"
        for module in modules
        for line, name in imported_names(module)
        if (fault := _fault_of(module, name))
    ]


def _fault_of(module: Module, name: str) -> str:
    app, room, *_ = (*name.split("."), "")
    if app not in APPS:
        return ""
    if room == "views" and not _may_import_views(module, app):
        return "only urls import views"
    if app != module.app:
        known = NEIGHBOURS.get(module.app, set(APPS)) | {"cpor_site"}
        return "" if app in known else f"{module.app} must not know {app}"
    if module.app != "cpor_site" and _floor(room) > _floor(module.room):
        return f"{module.room or 'the package'} lies below {room}"
    return ""


def _may_import_views(module: Module, app: str) -> bool:
    return module.room == "urls" or (module.room == "views" and module.app == app)


def _floor(room: str) -> int:
    return FLOORS.get(room, DOMAIN) if room else TOP
