"""The shape of the code (design, sections 1, 2 and 6); each rule is shown to catch what breaks it."""

import re
import shutil
import subprocess

import pytest

from tests.architecture.imports import find_wrong_imports
from tests.architecture.modules import APPS, Module, imported_names, read_modules
from tests.architecture.sizes import (
    FUNCTION_MEDIAN,
    FUNCTION_P90,
    Function,
    find_drawers,
    find_long_files,
    find_long_functions,
    median_lines,
    p90_lines,
    read_functions,
)
from tests.architecture.status_writers import WRITERS, find_status_writers
from tests.servers.processes import REPOSITORY

#: Folders that the document names as a whole.
FILES_PER_SUBJECT = {
    *("admin", "demo", "formats", "forms", "management", "models", "postgresql", "single_sign_on"),
    *("templatetags", "views"),
}


@pytest.fixture(scope="module")
def modules():
    return read_modules()


def make_module(place, source):
    name = place.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return Module(name=name, path=place, source=source)


def is_of_a_subject(module):
    app_and_folder = module.path.split("/")[:-1]
    return len(app_and_folder) > 1 and app_and_folder[1] in FILES_PER_SUBJECT


def report(faults):
    return "\n".join(faults)


# --- What is read --------------------------------------------------------------------------------


def test_every_room_is_read(modules):
    names = {module.name for module in modules}

    assert {"associations.claims.lifecycle", "partners.rules", "cpor_site.settings"} <= names
    assert {module.app for module in modules} >= {"associations", "partners", "notifications"}
    assert not any(".migrations" in name for name in names)


@pytest.mark.parametrize(
    ("place", "source", "name"),
    [
        (
            "associations/filing/submission.py",
            "from ..claims import lifecycle",
            "associations.claims.lifecycle",
        ),
        ("associations/views/claims.py", "from ..forms import A", "associations.forms.A"),
        ("associations/views/__init__.py", "from .claims import a", "associations.views.claims.a"),
        (
            "associations/filing/submission.py",
            "def f():\n  import partners.models",
            "partners.models",
        ),
        ("a/b.py", "import_module('associations.views')", "associations.views"),
    ],
)
def test_imports_are_resolved(place, source, name):
    assert name in [found for _line, found in imported_names(make_module(place, source))]


# --- What the document tells ---------------------------------------------------------------------


def test_the_document_names_every_module_and_no_other(modules):
    words = (REPOSITORY / "docs" / "architecture.md").read_text()
    chapters = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##)", words, re.MULTILINE | re.DOTALL))

    assert set(chapters) == set(APPS)
    for app, chapter in chapters.items():
        there = {
            each.path.partition("/")[2]
            for each in modules
            if each.app == app and not each.is_package and not is_of_a_subject(each)
        }
        told = [
            room + name
            for room, names in re.findall(
                r"^\| (?:`(\w+/)`|[^|]+) \|[^|]+\|(.*)\|$", chapter, re.MULTILINE
            )
            for name in re.findall(r"`(\w+\.py)`", names)
        ]
        assert sorted(told) == sorted(there)


def test_the_document_names_no_file_that_is_gone():
    words = (REPOSITORY / "docs" / "architecture.md").read_text()
    named = re.findall(r"`((?:cpor_site|partners|notifications|associations)/[\w/]+\.py)`", words)

    assert len(named) > 5
    assert not [each for each in named if not (REPOSITORY / each).exists()]


def test_each_requirement_that_is_cited_is_explained(modules):
    words = (REPOSITORY / "docs" / "requirements.md").read_text()
    told = re.findall(r"^\| (R\d+) \|", words, re.MULTILINE)
    cited = {found for each in modules for found in re.findall(r"\[(R\d+)\]", each.source)}
    named = re.findall(r"`(\w+/[\w/]+\.py)`", words)

    assert len(told) == len(set(told))
    assert len(cited) > 40
    assert cited <= set(told)
    assert not [each for each in named if not (REPOSITORY / each).exists()]


# --- Imports -------------------------------------------------------------------------------------


def test_only_addresses_lead_to_views(modules):
    faults = find_wrong_imports(modules)

    assert not faults, report(faults)


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("associations/forms/filing.py", "from associations.views import filing"),
        ("associations/admin/claim.py", "from ..views.claims import show_claim"),
        ("associations/tasks.py", "import associations.views.claims"),
        ("cpor_site/celery.py", "from associations.views import claims"),
        ("cpor_site/views.py", "def f():\n  from associations.views import claims"),
        ("partners/views/members.py", "from associations.views import claims"),
    ],
)
def test_another_way_to_a_view_is_caught(place, source):
    assert len(find_wrong_imports([make_module(place, source)])) == 1


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("associations/urls.py", "from .views import claims"),
        ("associations/views/claims.py", "from . import files"),
        ("cpor_site/urls.py", "from associations.views import claims"),
        ("partners/models/user.py", "from django.views import View"),
    ],
)
def test_the_ways_to_a_view_are_let_be(place, source):
    assert find_wrong_imports([make_module(place, source)]) == []


def lint_imports(folder):
    """What import-linter says of the packages in ``folder``."""
    command = [REPOSITORY / ".venv/bin/lint-imports", "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


#: Module, an import that its room may not have, and what is reached by it.
AGAINST_THE_ORDER = [
    ("associations.enums", "import associations.rules", "associations.rules"),
    ("associations.models.claim", "from ..claims import lifecycle", "associations.claims"),
    ("associations.claims.history", "from .. import emails", "associations.emails"),
    ("associations.filing.drafts", "def f():\n    from .. import tasks", "associations.tasks"),
    ("associations.lists.export", "from ..finalisation import sweep", "associations.finalisation"),
    ("notifications.outbox", "from partners.models import User", "partners"),
    ("partners.rules", "from associations.enums import Status", "associations"),
    ("partners.models.user", "from ..sign_in import accounts", "partners.sign_in"),
    # By way of another: the site knows the apps.
    ("cpor_site.web.limits", "from cpor_site import setting_up", "associations"),
]


def test_the_order_of_the_rooms_is_checked(tmp_path):
    """It holds as the code stands (``make lint``); each import against it is named."""
    for app in APPS:
        shutil.copytree(REPOSITORY / app, tmp_path / app, ignore=shutil.ignore_patterns("locale"))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for name, source, _reached in AGAINST_THE_ORDER:
        with (tmp_path / f"{name.replace('.', '/')}.py").open("a") as file:
            file.write(f"\n\n{source}\n")

    checked = lint_imports(tmp_path)

    assert checked.returncode == 1
    for name, _source, reached in AGAINST_THE_ORDER:
        room = ".".join(name.split(".")[: 1 + (name.split(".")[0] == reached.split(".")[0])])
        room = "cpor_site.web" if name.startswith("cpor_site") else room
        assert f"{room} is not allowed to import {reached}:" in checked.stdout


# --- One writer of status ------------------------------------------------------------------------


def test_status_has_one_writer(modules):
    faults = find_status_writers(modules)

    assert not faults, report(faults)


def test_the_one_writer_is_there(modules):
    writers = [module for module in modules if module.name in WRITERS]
    renamed = [make_module("associations/elsewhere.py", module.source) for module in writers]

    assert find_status_writers(writers) == []
    assert len(find_status_writers(renamed)) >= 2


STATUS_WRITES = [
    "claim.status = Status.APPROVED",
    "self.claim.status = 'approved'",
    "a, claim.status = 1, 2",
    "notice.status, claim.status = NoticeStatus.SENT, Status.OFFICIAL",
    "(a, claim.status), b = f()",
    "claim.status = notice.status = status",
    "claim.status: str = 'approved'",
    "claim.status += 'x'",
    "setattr(claim, 'status', 'approved')",
    "Claim.objects.filter(pk=1).update(status=Status.OFFICIAL)",
    "Claim.objects.update(**{'status': 'official'})",
    "Claim(status=Status.APPROVED)",
    "Association.objects.bulk_create([Association(status='official')])",
    "Claim.objects.create(partner=p, status=Status.APPROVED)",
    "claim.associations.create(status='official')",
    "Claim.objects.update_or_create(pk=1, defaults={'status': 'official'})",
    "Claim.objects.bulk_update(rows, ['status'])",
    "Claim.objects.bulk_update(rows, fields=['due_at', 'status'])",
    "cursor.execute('UPDATE associations_claim SET status = %s')",
    "cursor.execute('UPDATE c SET due_at = NULL, \"status\" = %s WHERE id = 1')",
    "SQL = f'UPDATE {table} SET {x}, status={y}'",
    "SQL = 'INSERT INTO associations_claim (id, status) VALUES (1, 2)'",
]


@pytest.mark.parametrize("source", STATUS_WRITES)
@pytest.mark.parametrize("place", ["associations/review/decisions.py", "cpor_site/demo/claims.py"])
def test_a_second_writer_of_status_is_caught(place, source):
    assert find_status_writers([make_module(place, source)])


@pytest.mark.parametrize(
    "source",
    [
        "Claim.objects.filter(status=Status.APPROVED)",
        "rows = Claim.objects.exclude(status='editing').update(due_at=None)",
        "if claim.status == Status.APPROVED: pass",
        "status = claim.status",
        "notice.status = NoticeStatus.SENT",
        "notice.status, notice.sent_at = NoticeStatus.SENT, now",
        "notices.update(status=NoticeStatus.REPLACED)",
        "HttpResponse(status=404)",
        "record_event(claim, to_status='official')",
        "claim.status_since = now",
        "SQL = 'UPDATE c SET due_at = NULL WHERE status = 1'",
        "SQL = 'INSERT INTO event (from_status, to_status) VALUES (1, 2)'",
        "def f():\n  'SET status = 1 is what lifecycle does'",
    ],
)
def test_reading_a_status_is_let_be(source):
    assert find_status_writers([make_module("associations/review/decisions.py", source)]) == []


# --- Sizes and names -----------------------------------------------------------------------------


def test_files_are_short(modules):
    faults = find_long_files(modules)

    assert not faults, report(faults)


def test_functions_are_short(modules):
    functions = read_functions(modules)
    faults = find_long_functions(functions)

    assert not faults, report(faults)
    assert median_lines(functions) <= FUNCTION_MEDIAN
    assert p90_lines(functions) <= FUNCTION_P90


def test_long_files_and_functions_are_caught():
    long_file = make_module("associations/x.py", "a = 1\n" * 301)
    long_function = make_module("associations/y.py", "def f():\n" + "  a = 1\n" * 40)

    assert find_long_files([long_file, long_function]) == ["associations/x.py: 301 lines"]
    assert find_long_functions(read_functions([long_file, long_function])) == [
        "associations/y.py:1 f: 41 lines"
    ]


def test_median_and_p90_are_what_they_say():
    functions = [Function("", lines) for lines in (1, 2, 3, 4, 5, 6, 7, 8, 30, 40)]

    assert (median_lines(functions), p90_lines(functions)) == (5.5, 30)


def test_there_is_no_drawer(modules):
    assert find_drawers(modules) == []


@pytest.mark.parametrize("name", ["utils", "common", "helpers"])
def test_a_drawer_is_caught(name):
    drawers = [f"associations/{name}.py", f"associations/{name}/dates.py"]

    assert find_drawers([make_module(place, "") for place in drawers]) == drawers
