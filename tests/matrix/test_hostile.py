"""Whatever is sent to whichever address: an answer, and never a fault of the server."""

import re

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve

from tests.matrix import hostile, routes, walk
from tests.matrix.bodies import make_body
from tests.matrix.hostile import Request
from tests.matrix.table import Line
from tests.soak import choose

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

#: Who goes where: strangers to what is public, a partner's admin to its pages, staff to theirs.
ACTORS = {"anon": "", "admin": r"/(?!admin/)", "root": "/admin/"}
#: Each address meets a sixth of the faults, and each fault a sixth of the addresses; all in ``make soak``.
SHARE = 6
#: Pages of Django's own that only lead on, or repeat another's.
REPEATED = re.compile(r"/admin/\w+/\w+/\w+/(history/)?$")


def refuse_what_postgresql_refuses(execute, sql, params, many, context):
    """SQLite takes text that PostgreSQL does not; this walk finds it on both."""
    for value in params if isinstance(params, tuple | list) else ():
        if isinstance(value, str):
            value.encode()  # raises UnicodeEncodeError for half of a surrogate pair
            if "\x00" in value:
                raise ValueError(f"text that PostgreSQL refuses: {value[:40]!r}")
    return execute(sql, params, many, context)


def list_addresses(world, lines) -> list[str]:
    """An address of each route, the first that the table names."""
    found: dict[str, str] = {}
    for line in lines:
        if line.method == "GET":
            address = line.address.format(**world.values)
            found.setdefault(routes.find_route(address) or address, address)
    return [each for each in found.values() if not REPEATED.match(each)]


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
        return repr(error)[:300]
    return f"{answer.status_code}: {answer.exc_info}"[:300] if answer.status_code == 500 else ""


def attack(world, actor: str, address: str) -> list[str]:
    """Send all that is hostile to one address; return what failed."""
    client = walk.make_client(world, actor)
    cookies = client.cookies.copy()
    page = client.get(address)
    html = walk._read(page) if page.status_code == 200 else ""
    form = dict.fromkeys(hostile.find_names(html), "1") | make_body(
        world, actor, Line("POST", address)
    )
    names = [name for name in form if name not in hostile.STEERING][:4] if html else []
    requests = [*hostile.make_addresses(address, names), *hostile.make_bodies(address, form)]
    if actor == "anon" or getattr(resolve(address.partition("?")[0]).func, "csrf_exempt", False):
        requests += hostile.make_odd_bodies(address, form)
    faults = []
    for request in choose(requests, one_in=SHARE, by=name_case):
        client.cookies = cookies.copy()
        if why := send(client, request):
            faults.append(f"{request.method} {request.address[:120]} [{request.fault}] {why}")
    return faults


def name_case(request: Request) -> str:
    """A request by its route, since an address holds keys that are drawn."""
    return f"{request.method} {routes.find_route(request.address)} {request.fault}"


def is_public(world, address: str) -> bool:
    response = walk.make_client(world, "anon").get(address)
    return walk.name_outcome(response) != "login"


@pytest.mark.parametrize("actor", ACTORS)
def test_no_address_fails_over_what_is_sent_there(actor, the_world, lines):
    addresses = [each for each in list_addresses(the_world, lines) if re.match(ACTORS[actor], each)]
    if actor == "anon":
        addresses = [each for each in addresses if is_public(the_world, each)]

    faults = [fault for address in addresses for fault in attack(the_world, actor, address)]

    assert len(addresses) > 25
    assert faults == []


@pytest.mark.parametrize("actor", ["anon", "admin", "root"])
def test_head_answers_as_get_does(actor, the_world, lines):
    client = walk.make_client(the_world, actor)
    differences = []
    for address in list_addresses(the_world, lines):
        with transaction.atomic():
            asked, looked = client.get(address), client.head(address)
            for answer in (asked, looked):
                if answer.streaming:
                    b"".join(answer.streaming_content)  # closing it unread would end the connection
            transaction.set_rollback(True)
        if asked.status_code not in (looked.status_code, 405):
            differences.append((address, asked.status_code, looked.status_code))

    assert differences == []


@pytest.mark.parametrize(
    "cookie",
    [
        'sessionid="\\000' + "a" * 30 + '"',
        "sessionid=%00",
        'django_language="\\000"',
        "csrftoken=\xff",
    ],
)
def test_a_cookie_that_no_browser_keeps_is_none(client, the_world, cookie):
    with connection.execute_wrapper(refuse_what_postgresql_refuses):
        answer = client.get("/claims/", headers={"Cookie": cookie})

    assert answer.status_code == 302
