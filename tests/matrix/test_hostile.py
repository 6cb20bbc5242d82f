"""Whatever is sent to whichever address, the answer is one: never a fault of the server."""

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import get_resolver
from django.test import Client

from tests.matrix import hostile, routes, table, walk
from tests.matrix.bodies import make_body
from tests.matrix.hostile import Request
from tests.matrix.table import Line

pytestmark = pytest.mark.django_db

#: From outside, from a partner, and from staff who may do everything.
ACTORS = ("anon", "admin", "root")


def refuse_what_postgresql_refuses(execute, sql, params, many, context):
    """SQLite takes text that PostgreSQL does not; the walk is to find it on both."""
    for value in params if isinstance(params, tuple | list) else ():
        if isinstance(value, str) and ("\x00" in value or not _is_unicode(value)):
            raise ValueError(f"text that PostgreSQL refuses: {value[:40]!r}")
    return execute(sql, params, many, context)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def send(client: Client, request: Request) -> str:
    """Send one request and undo it; return what is wrong with the answer, or ""."""
    cache.clear()
    try:
        with transaction.atomic(), connection.execute_wrapper(refuse_what_postgresql_refuses):
            answer = client.generic(
                request.method,
                request.address,
                request.body,
                content_type=request.content_type,
                headers=request.headers,
            )
            if answer.streaming:
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return repr(error)
    return f"{answer.status_code}: {answer.exc_info}" if answer.status_code >= 500 else ""


def one_for_each_route(world, lines) -> list[str]:
    """An address of each route, the first of the table that is not about a missing thing."""
    found: dict[str, str] = {}
    for line in lines:
        if line.method == "GET":
            address = line.address.format(**world.values)
            found.setdefault(routes.find_route(address) or address, address)
    return list(found.values())


@pytest.mark.parametrize("actor", ACTORS)
def test_no_address_fails_over_what_is_sent_there(actor, the_world, lines):
    faults = []
    for address in one_for_each_route(the_world, lines):
        faults += [f"{r.method} {r.address[:120]} [{r.fault}] {why}" for r, why in attack(the_world, actor, address)]
    import os; open(f"/tmp/wt-requests-faults-{actor}.txt","w").write("\n".join(faults))
    assert faults == []


def attack(world, actor, address):
    client = walk.make_client(world, actor)
    cookies = client.cookies.copy()
    page = client.get(address)
    html = "" if page.streaming else page.content.decode(errors="replace")
    if page.streaming:
        b"".join(page.streaming_content)
    form = dict.fromkeys(hostile.find_names(html), "1")
    form |= make_body(world, actor, Line("POST", address))
    own = [name for name in form if name not in hostile.STEERING][:8]
    for request in [*hostile.make_addresses(address, own if page.status_code == 200 else []), *hostile.make_bodies(address, form)]:
        client.cookies = cookies.copy()
        why = send(client, request)
        if why:
            yield request, why
