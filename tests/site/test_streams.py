"""Streams say so when they fail, and hold no database connection while a client takes its time."""

import io

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.utils import translation

from associations.lists import export
from cpor_site.web.streams import ReleaseMiddleware, stream_text
from tests import cast

WORDS = {
    "en": "This file is not complete",
    "pt-br": "Este arquivo está incompleto",
}


def break_off():
    yield b"one\r\n"
    raise OSError("the disk is gone")


@pytest.mark.parametrize("language", WORDS)
def test_a_stream_that_fails_ends_with_a_line_that_says_so_and_breaks_off(language):
    taken = []

    with pytest.raises(OSError, match="the disk is gone"):
        taken.extend(stream_text(break_off(), language=language))

    lines = b"".join(taken).decode().splitlines()
    assert lines[0] == "one"
    assert lines[-1].startswith(WORDS[language])


def test_a_stream_that_ends_well_says_nothing_more():
    assert list(stream_text(iter([b"one", b"two"]), language="en")) == [b"one", b"two"]


@pytest.mark.django_db
def test_an_export_that_fails_in_the_middle_is_not_taken_for_whole(client, monkeypatch):
    partner = cast.make_partner(key=cast.KEY)
    admin = cast.make_member(partner)
    for number in range(4):
        cast.make_draft(partner, admin, cast.make_tenant(f"{number}.example"))
    monkeypatch.setattr(export, "BUFFER", 2)
    client.force_login(admin)
    answer = client.get(f"{cast.HERE}claims/export.csv")
    chunks = iter(answer.streaming_content)
    taken = [next(chunks), next(chunks)]

    def fail(*_arguments):
        raise OSError("the server is gone")

    with connection.execute_wrapper(fail), pytest.raises(OSError, match="is gone"):
        taken.extend(chunks)

    assert len(taken) == 3
    assert b"not complete" in taken[-1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", [HttpResponse(), StreamingHttpResponse([])])
def test_no_connection_is_held_while_an_answer_is_sent(answer):
    def view(_request):
        connection.ensure_connection()
        return answer

    ReleaseMiddleware(view)(RequestFactory().get("/"))

    assert connection.connection is None


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_between_two_chunks_of_a_stream():
    def chunks():
        for _ in range(2):
            connection.ensure_connection()
            yield b"one"

    for _chunk in stream_text(chunks(), language=translation.get_language()):
        assert connection.connection is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["/opt-out/0123456789abcdefghijklmnopqrstuv/", f"{cast.HERE}claims/new/"]
)
def test_no_connection_is_held_while_a_form_arrives(client, path):
    admin = cast.make_member(cast.make_partner(key=cast.KEY))
    client.force_login(admin)  # by a cookie that the customer's page does not look at
    held = []

    class SlowBody(io.BytesIO):
        def read(self, size=-1):
            held.append(connection.connection)
            return super().read(size)

    body = b"reason=Not+us&partner=1"
    kind = "application/x-www-form-urlencoded"
    client.generic("POST", path, body, kind, **{"wsgi.input": SlowBody(body)})

    assert held
    assert set(held) == {None}


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_an_upload_arrives(client, monkeypatch):
    from associations.views.proof import upload_guard

    partner = cast.make_partner()
    admin = cast.make_member(partner)
    claim = cast.make_draft(partner, admin, cast.make_tenant())
    client.force_login(admin)
    held = []
    monkeypatch.setattr(
        upload_guard.UploadGuard,
        "new_file",
        lambda *_arguments, **_named: held.append(connection.connection),
    )
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    file = SimpleUploadedFile("proof.pdf", cast.PDF)
    client.post(
        reverse("associations:claim-page", args=[claim.reference, "proof"]), {"files": file}
    )

    assert held == [None]
