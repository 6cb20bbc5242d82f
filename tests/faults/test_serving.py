"""Long exports, slow uploads, slow clients and reused connections, over plain sockets, at `manage.py run web`.

`make soak` runs these at full size: 250,000 claims, 25 MB over 90 seconds, two minutes of silence. The suite
has the same in small.
"""

import os
import sys
import time
from contextlib import ExitStack

import pytest
from django.test import Client as Browser
from django.urls import reverse

from associations.customer import notices
from associations.enums import Status
from associations.models import Document
from partners.models import Partner, User
from tests import cast
from tests.benchmarks.finalisation_data import fill
from tests.faults.slow_clients import Client, make_request
from tests.servers.processes import REPOSITORY, ManagedProcess, accepts_connections, free_port
from tests.servers.production import IN_PRODUCTION
from tests.servers.site import SiteProcess
from tests.soak import IS_SOAK

pytestmark = [pytest.mark.faults, pytest.mark.race]

CLAIMS = 250_000 if IS_SOAK else 2_000
UPLOAD_MB, UPLOAD_SECONDS = (25, 90) if IS_SOAK else (3, 5)
#: Longer than nginx, AWS and Caddy keep a connection; than gunicorn does by itself.
SILENCE = 125 if IS_SOAK else 4
SLOW_CLIENTS = 20
CSRF = "t" * 32


@pytest.fixture
def port(process_env, redis_server, tmp_path):
    """One web process as `manage.py run web` starts it, with everything but their number at its default."""
    number = free_port()
    env = {**os.environ, **process_env(REDIS_URL=redis_server.url(), DATABASE_POOL="true")}
    env |= {**IN_PRODUCTION, "PORT": str(number), "WEB_WORKERS": "1"}
    command = [sys.executable, str(REPOSITORY / "manage.py"), "run", "web"]
    process = ManagedProcess(command, env=env, log=tmp_path / "log")
    try:
        process.wait_until(lambda: accepts_connections(number), what="web", timeout=90)
        yield number
    finally:
        process.stop(grace=40)


def sign_in(user) -> str:
    """Return the cookies of a session of the user's."""
    browser = Browser()
    browser.force_login(user)
    return f"csrftoken={CSRF}; sessionid={browser.cookies['sessionid'].value}"


@pytest.fixture
def partner():
    return cast.make_partner(key=cast.KEY)


@pytest.fixture
def admin(partner):
    return cast.make_member(partner)


@pytest.fixture
def link(partner, admin):
    """The address of an open link of a customer's."""
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=cast.make_reviewer())
    return reverse("associations:opt-out", args=[notices.in_force(claim).get().token])


def ask(port, request) -> tuple[int, dict]:
    with Client(port) as client:
        client.send(request)
        return client.read_head()


def make_upload(claim, size: int) -> tuple[bytes, str]:
    """A page of proof with one PDF of ``size`` bytes; returns body and content type."""
    filling = size - len(cast.PDF) - len(b"\n%\n%%EOF\n")
    file = cast.PDF + b"\n%" + b"x" * filling + b"\n%%EOF\n"
    boundary = "b" * 30
    fields = {"csrfmiddlewaretoken": CSRF, "revision": str(claim.revision), "action": "stay"}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="files"; filename="letter.pdf"'
    kind = "Content-Type: application/pdf"
    parts += [f"--{boundary}\r\n{head}\r\n{kind}\r\n\r\n".encode(), file, b"\r\n"]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"


def test_an_export_comes_whole(port):
    fill(total=CLAIMS, due=0)
    cookies = sign_in(User.objects.get(memberships__partner=Partner.objects.get()))

    with Client(port) as client:
        address = f"{Partner.objects.get().get_absolute_url()}claims/export.csv"
        client.send(make_request(address, Cookie=cookies))
        status, headers = client.read_head()
        assert (status, headers["transfer-encoding"]) == (200, "chunked")
        lines = sum(chunk.count(b"\r\n") for chunk in client.read_chunks())

    assert lines == CLAIMS + 1


def test_a_slow_upload_arrives_whole(port, partner, admin, link):
    claim = cast.make_draft(partner, admin, cast.make_tenant("slow.example"))
    size = UPLOAD_MB * 1024**2
    body, kind = make_upload(claim, size)
    address = reverse("associations:claim-page", args=[claim.reference, "proof"])
    head = {"Cookie": sign_in(admin), "Content_Type": kind}

    with Client(port) as client:
        request = make_request(address, method="POST", body=body, **head)
        client.send_slowly(request, seconds=UPLOAD_SECONDS, pieces=45)
        status, headers = client.read_head()

    assert (status, headers.get("location")) == (302, address)
    assert Document.objects.get(claim=claim, name="letter.pdf").size == size
    assert ask(port, make_request(link))[0] == 200


def test_a_customer_is_answered_while_twenty_clients_are_slow(port, partner, admin, link):
    claim = cast.make_draft(partner, admin, cast.make_tenant("slow.example"))
    cookies = sign_in(admin)
    body, kind = make_upload(claim, 100_000)
    address = reverse("associations:claim-page", args=[claim.reference, "proof"])
    upload = make_request(address, method="POST", body=body, Cookie=cookies, Content_Type=kind)
    starts = [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slo",  # a head that does not end
        upload[:-50_000],  # a file that does not end, signed in
        make_request(link, method="POST", body=b"reason=Not+us")[:-4],  # a customer's form
        make_request(f"{cast.HERE}claims/export.csv", Cookie=cookies),  # an answer that is not read
    ]
    with ExitStack() as stack:
        for number in range(SLOW_CLIENTS):
            client = stack.enter_context(Client(port, receive_buffer=4096))
            client.send(starts[number % len(starts)])

        for _ in range(3):
            assert ask(port, make_request(link))[0] == 200
            assert ask(port, make_request(f"{cast.HERE}claims/", Cookie=cookies))[0] == 200
            assert ask(port, make_request("/readyz"))[0] == 200


def test_a_reused_connection_is_not_reset(port, link):
    with Client(port) as proxy:
        for _ in range(2):
            proxy.send(make_request(link))
            status, headers = proxy.read_head()
            proxy.read_exactly(int(headers["content-length"]))
            assert status == 200
            assert headers.get("connection") != "close"
            time.sleep(SILENCE)
        proxy.send(make_request(link))
        assert proxy.read_head()[0] == 200


def test_a_file_that_breaks_off_is_no_whole_file(process_env):
    with SiteProcess(
        env=process_env(), application="tests.faults.broken_stream:application"
    ) as site:
        with Client(site.port) as client:
            client.send(make_request("/file.csv"))
            assert client.read_head()[0] == 200
            taken = []
            with pytest.raises(ConnectionResetError):
                taken.extend(client.read_chunks())

        with Client(site.port) as old:
            old.send(b"GET /file.csv HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            old.read_head()
            whole = old.rest + b"".join(iter(lambda: old.socket.recv(65536), b""))

    for text in (b"".join(taken), whole):
        assert text.startswith(b"one\r\n")
        assert b"This file is not complete" in text.splitlines()[-1]
