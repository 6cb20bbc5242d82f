"""Goes to every address of the table as one actor, and takes down what came of it.

Each request is undone afterwards, so that the next one finds the same world.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.shortcuts import resolve_url
from django.test import Client

from notifications.models import Message
from notifications.words.rendering import render
from tests import cast

from .bodies import make_body
from .markers import Sight
from .sights import MAY_SEE, may_see, reader_of
from .table import SEES, Line
from .world import World

WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
#: What a refusal or a look may write: who is signed in, and the record of the look itself.
BOOKKEEPING = {
    *("django_session", "usersessions_usersession", "django_content_type"),
    "partners_accessrecord",
}
MAILS = Message._meta.db_table
REFUSALS = {"login", "2fa", "400", "403", "404", "405", "409", "410", "429"}


@dataclass
class Findings:
    """What one actor met with: cells by line, sights with an example, and what should not be."""

    cells: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: dict[Sight, str] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def walk(world: World, actor: str, lines: Iterable[Line]) -> Findings:
    """Send every request of ``lines`` as ``actor``."""
    client = make_client(world, actor)
    cookies = deepcopy(client.cookies)
    findings = Findings()
    newest = Message.objects.latest("pk").pk
    for line in lines:
        client.cookies = deepcopy(cookies)
        with transaction.atomic():
            visit(world, actor, client, line, findings, newest=newest)
            transaction.set_rollback(True)
    return findings


def make_client(world: World, actor: str) -> Client:
    """A browser of the actor's: signed in, at the customer's link before, or fresh."""
    client = Client(raise_request_exception=False)
    if actor in world.people:
        client.force_login(world.people[actor])
    if actor == "one-fac":
        cast.forget_second_factor(client)
    if actor == "customer":
        client.get(f"/opt-out/{world.values['in-approved-token']}/")
    return client


def visit(
    world, actor: str, client: Client, line: Line, findings: Findings, *, newest: int
) -> None:
    """Send one request, and judge the answer, its mails (those after the ``newest``) and its writes."""
    cache.clear()  # limits of rate are another test's matter
    address = line.address.format(**world.values)
    body = make_body(world, actor, line) if line.method == "POST" else None
    tables: set[str] = set()
    with connection.execute_wrapper(_note_writes(tables)):
        try:
            response = client.post(address, body) if body is not None else client.get(address)
            text = _read(response)
            cell = name_outcome(response)
        except Exception as error:  # noqa: BLE001 - an answer that breaks off while it is read
            text, cell = "", "500"
            findings.errors.append(f"{actor}: {line.method} {address}: {error!r}")
    findings.cells[line.key] = cell
    told = address + " " + urlencode(body or {}, doseq=True).replace("+", " ")
    _judge_words(world, actor, line, text, told, findings)
    _judge_writes(actor, line, cell, tables, findings)
    mails = Message.objects.filter(pk__gt=newest) if MAILS in tables else ()
    for mail in mails:
        findings.leaks += judge_mail(world, mail)


def name_outcome(response) -> str:
    """A cell: the status, or ``login`` and ``2fa`` for the way to a sign-in or its second half."""
    target = response.headers.get("Location", "")
    doors = (resolve_url(settings.LOGIN_URL), "/admin/login/")
    if response.status_code in (301, 302) and target.startswith(doors):
        return "login"
    if response.status_code == 302 and target.startswith("/accounts/2fa/"):
        return "2fa"
    return str(response.status_code)


def judge_mail(world: World, mail: Message) -> list[str]:
    """What a mail tells that its reader may not see."""
    words = render(mail)
    text = f"{words.subject}\n{words.text}\n{words.html}"
    reader = reader_of(world, mail.to_address)
    return [
        f"mail {mail.kind} to {mail.to_address} tells {sight}: …{example}…"
        for sight, example in world.markers.find(text, told=mail.to_address).items()
        if not may_see(reader, sight)
    ]


def _judge_words(world, actor, line, text, told, findings) -> None:
    for sight, example in world.markers.find(text, told=told).items():
        if may_see(actor, sight, address=line.address):
            if may_see(actor, sight):
                findings.seen.setdefault(sight, f"{line.method} {line.address}")
        else:
            findings.leaks.append(f"{actor}: {line.method} {line.address} {sight}: …{example}…")


def _judge_writes(actor, line, cell, tables, findings) -> None:
    if line.method == "GET" or cell in REFUSALS:
        for table in sorted(tables - BOOKKEEPING):
            findings.written.append(f"{actor}: {line.method} {line.address} ({cell}) wrote {table}")


def _read(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    heads = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{heads}\n{content.decode('utf-8', errors='replace')}"


def _note_writes(tables: set[str]):
    def note(execute, sql, params, many, context):
        if found := WRITES.match(sql):
            tables.add(found[1])
        return execute(sql, params, many, context)

    return note


def sum_up(findings: dict[str, Findings]) -> dict[tuple[str, str], dict[str, str]]:
    """Cells by line and actor, as the table has them, with those of what was seen."""
    cells: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for actor, found in findings.items():
        for key, cell in found.cells.items():
            cells[key][actor] = cell
        for owner, kind in {sight for sights in MAY_SEE.values() for sight in sights}:
            cells[SEES, f"{owner}:{kind}"][actor] = "yes" if (owner, kind) in found.seen else "-"
    return cells
