"""Templates keep to the strict content security policy: no inline script, style or handler."""

import re
from pathlib import Path

from tests.servers.processes import REPOSITORY

from .modules import APPS

COMMENTS = re.compile(r"{#.*?#}|{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}|<!--.*?-->", re.DOTALL)
FAULTS = {
    "script without src": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "script with a body": re.compile(r"<script\b[^>]*>(?!\s*</script)", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^<>]*\sstyle\s*=", re.IGNORECASE),
    "event handler": re.compile(r"<[^<>]*[\s\"']on[a-z]+\s*=", re.IGNORECASE),
    "javascript address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
}
#: A mail has no policy and no stylesheet to link: its style element is inlined before sending.
ALLOWED_IN_MAIL = {"style element", "style attribute"}


def read_templates() -> dict[str, str]:
    """Return path → text of every HTML template."""
    folders = [REPOSITORY / "templates", *(REPOSITORY / app / "templates" for app in APPS)]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.html"))]
    return {str(path.relative_to(REPOSITORY)): path.read_text() for path in paths}


def find_inline_code(templates: dict[str, str]) -> list[str]:
    """Return one line for each fault; ``{"path": "text"}`` in."""
    return [
        f"{path}: {name}"
        for path, text in templates.items()
        for name, pattern in FAULTS.items()
        if name not in _allowed_in(path) and pattern.search(COMMENTS.sub("", text))
    ]


def _allowed_in(path: str) -> set[str]:
    return ALLOWED_IN_MAIL if "mail" in Path(path).parts else set()
