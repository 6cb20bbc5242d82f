"""The proof that no one gets what is not theirs [R37], [R43]: every address × every actor × GET and POST.

``expectations.txt`` is the promise, and these tests hold the project to it. After a change that is
meant, write the file again and read the difference before you keep it:

    CPOR_WRITE_MATRIX=1 .venv/bin/pytest tests/matrix/test_matrix.py -n0 --database=postgresql
"""

import pytest
from django.urls import get_resolver

from notifications.models import Message
from tests.matrix import routes, sights, table, walk

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

HELP = "If this is meant: CPOR_WRITE_MATRIX=1 pytest tests/matrix/test_matrix.py -n0 --database=postgresql; read the diff."


def test_every_address_is_declared(the_world, lines):
    declared = [
        (line.method, line.address.format(**the_world.values))
        for line in lines
        if line.method != table.SEES
    ]
    known = list(routes.list_routes(get_resolver().url_patterns))

    undeclared = routes.find_undeclared(known, declared)

    assert len(known) > 150
    assert undeclared == [], "No line of expectations.txt says who gets what there."


def test_every_line_is_about_an_address_that_is_there(the_world, lines):
    asked = {line.address for line in lines if line.method != table.SEES}

    routes_of = {each: routes.find_route(each.format(**the_world.values)) for each in asked}
    gone = [address for address, route in routes_of.items() if route is None]

    assert gone == []


# One test an actor for all that the walk finds: workers share no walks, and each takes seconds.
@pytest.mark.parametrize("actor", table.ACTORS)
def test_each_gets_what_is_declared_and_sees_no_one_elses(actor, the_world, lines, walked):
    asked = [line for line in lines if line.method != table.SEES]
    promised = [line for line in lines if line.method == table.SEES]

    found = walked[actor] = walk.walk(the_world, actor, asked)

    sights_seen = {line.key: "yes" if line.sight in found.seen else "-" for line in promised}
    cells = {**found.cells, **sights_seen}
    differences = [table.compare(line, actor, cells[line.key]) for line in lines]
    assert found.leaks == []
    assert found.written == [], "A look or a refusal changed something."
    assert found.errors == []
    assert [words for words in differences if words] == [], HELP
    assert set(found.seen) <= sights.MAY_SEE[actor]


def test_whatever_is_planted_has_its_line(the_world, lines):
    declared = {line.sight for line in lines if line.method == table.SEES}

    assert declared == {sight for sight in the_world.markers.sights() if sight[1] != "secret"}


def test_no_mail_of_the_worlds_past_tells_what_its_reader_may_not_see(the_world):
    mails = list(Message.objects.all())

    leaks = [leak for mail in mails for leak in walk.judge_mail(the_world, mail)]

    assert len(mails) > 50
    assert leaks == []
