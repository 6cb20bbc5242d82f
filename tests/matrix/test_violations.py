"""The matrix catches what it is there to catch: each fault is planted, and found."""

import types

import pytest
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import get_resolver, path

from associations.models import Claim
from notifications import outbox
from notifications.outbox import Recipient
from partners.enums import AccountEmail
from tests.matrix import routes, table, walk
from tests.matrix.table import Line

pytestmark = [pytest.mark.django_db, pytest.mark.walk]


def publish(settings, *patterns):
    """Put faulty views before the project's own."""
    faulty = types.ModuleType("faulty")
    faulty.urlpatterns = [*patterns, *get_resolver().url_patterns]
    settings.ROOT_URLCONF = faulty


def visit(the_world, actor, method="GET", address="/faulty/"):
    """Walk one line alone, and return what was found."""
    return walk.walk(the_world, actor, [Line(method, address)])


def answer_with(text):
    return path("faulty/", lambda request: HttpResponse(text))


def test_a_new_address_needs_a_line_for_each_method(settings, the_world, lines):
    publish(settings, path("every-claim/<int:pk>/", lambda request, pk: HttpResponse()))
    declared = [
        (line.method, line.address.format(**the_world.values))
        for line in lines
        if line.method != table.SEES
    ]
    known = routes.list_routes(get_resolver().url_patterns)

    undeclared = routes.find_undeclared(known, [*declared, ("GET", "/every-claim/7/")])

    assert undeclared == ["POST every-claim/<int:pk>/"]


@pytest.mark.parametrize(
    "text",
    [
        "Claims of Umbu-Partner",
        "<td>umbu-claim</td>",
        "umbu-comment, and more",
        "umbu-file-claim.pdf",
        "7,330,007 active users",
        "7330007",
        "ask umbu-person rival",
    ],
)
def test_a_rivals_words_are_found_in_an_answer(settings, the_world, text):
    publish(settings, answer_with(text))

    findings = visit(the_world, "admin")

    assert len(findings.leaks) == 1
    assert "/faulty/ ('rival'" in findings.leaks[0]
    assert visit(the_world, "rival").leaks == []


@pytest.mark.parametrize(
    "key", ["rival-official", "rival-official-product", "rival-approved-token"]
)
def test_references_and_keys_are_found(settings, the_world, key):
    publish(settings, answer_with(f"See {the_world.values[key]}."))

    assert len(visit(the_world, "admin").leaks) == 1


def test_another_locations_words_are_found(settings, the_world):
    publish(settings, answer_with("pitanga-claim"))

    assert [len(visit(the_world, who).leaks) for who in ("adm-in", "adm-out")] == [1, 0]


def test_a_page_of_ones_other_partner_is_found_where_it_does_not_belong(settings, the_world):
    publish(
        settings,
        path(
            "p/<slug:partner_key>/faulty/",
            lambda request, partner_key: HttpResponse("jabuticaba-claim"),
        ),
    )

    found = {
        owner: len(visit(the_world, "both", address=f"/p/{{{owner}-key}}/faulty/").leaks)
        for owner in ("ours", "rival")
    }

    assert found == {"ours": 0, "rival": 1}


def test_drafts_and_figures_are_found_before_staff(settings, the_world):
    publish(settings, answer_with("umbu-draft 7330007"))

    found = {who: len(visit(the_world, who).leaks) for who in ("review", "support", "root")}

    assert found == {"review": 2, "support": 2, "root": 2}


def test_a_leak_in_a_header_and_in_a_stream_is_found(settings, the_world):
    def faulty(request):
        head = {"Content-Disposition": 'attachment; filename="umbu-file-claim.pdf"'}
        return StreamingHttpResponse([b"umbu-", b"comment"], headers=head)

    publish(settings, path("faulty/", faulty))

    assert len(visit(the_world, "admin").leaks) == 2


def test_what_was_asked_for_is_no_leak(settings, the_world):
    publish(settings, answer_with("Nothing found for “umbu-partner”. Try umbu-customer."))

    findings = visit(the_world, "admin", address="/faulty/?q=umbu-partner")

    assert len(findings.leaks) == 1
    assert "('rival', 'customer')" in findings.leaks[0]


def test_a_mail_that_tells_too_much_is_found(settings, the_world):
    reader = Recipient(the_world.people["admin"].email, "umbu-person rival", "en")

    def faulty(request):
        context = {"url": "http://testserver/reset/"}
        outbox.enqueue(AccountEmail.PASSWORD_RESET, key="faulty", to=reader, context=context)
        return HttpResponse()

    publish(settings, path("faulty/", faulty))

    findings = visit(the_world, "admin", "POST")

    assert len(findings.leaks) == 1
    assert "to admin@cajueiro-person.example tells ('rival', 'person')" in findings.leaks[0]


@pytest.mark.parametrize(
    ("method", "status", "faults"), [("GET", 200, 1), ("POST", 403, 1), ("POST", 200, 0)]
)
def test_a_look_or_a_refusal_that_writes_is_found(settings, the_world, method, status, faults):
    def faulty(request):
        Claim.objects.update(name="Changed")
        return HttpResponse(status=status)

    publish(settings, path("faulty/", faulty))

    findings = visit(the_world, "admin", method)

    assert len(findings.written) == faults
    assert not Claim.objects.filter(name="Changed").exists()


def test_a_failing_page_and_a_stream_that_breaks_off_are_found(settings, the_world):
    def broken():
        yield b"first line"
        raise RuntimeError

    def fail(request):
        raise RuntimeError

    publish(
        settings,
        path("faulty/", fail),
        path("faulty.csv", lambda request: StreamingHttpResponse(broken())),
    )

    for address in ("/faulty/", "/faulty.csv"):
        findings = visit(the_world, "admin", address=address)
        assert findings.cells == {("GET", address): "500"}


def test_an_open_door_differs_from_its_declaration(settings, the_world):
    line = Line("GET", "/faulty/", dict.fromkeys(table.ACTORS, "login"))
    publish(settings, path("faulty/", login_required(lambda request: HttpResponse())))

    found = {who: visit(the_world, who).cells[line.key] for who in ("anon", "former")}

    assert table.compare(line, "anon", found["anon"]) == ""
    assert table.compare(line, "former", found["former"]) == (
        "former: GET /faulty/ gives 200, declared is login"
    )


@pytest.mark.parametrize("row", ["PUT /claims/ 200", "GET /claims/ 200 200"])
def test_a_line_that_does_not_fit_the_table_is_refused(row):
    with pytest.raises(ValueError, match="line 2"):
        table.read_table(f"# Who gets what\n{row}\n")


def test_rewriting_keeps_comments_and_order():
    cells = dict.fromkeys(table.ACTORS, "200")
    text = "# Claims\n\nGET /claims/\n# Files\nPOST /files/{in-file}/\n"

    rewritten = table.rewrite(text, {("GET", "/claims/"): cells})

    assert [line.key for line in table.read_table(rewritten)] == [
        ("GET", "/claims/"),
        ("POST", "/files/{in-file}/"),
    ]
    assert table.read_table(rewritten)[0].cells == cells
    assert [row for row in rewritten.splitlines() if row.startswith("#")] == ["# Claims", "# Files"]
