"""The servers of the tests themselves: they answer, misbehave on demand, and end."""

import smtplib
import subprocess
import sys
from email.message import EmailMessage

import psutil
import pytest
import redis
from django.core.mail import send_mail

from tests.servers.processes import (
    REPOSITORY,
    ManagedProcess,
    ServerError,
    accepts_connections,
    ends_soon,
)
from tests.servers.redis import RedisServer
from tests.servers.smtp import Behaviour, SmtpServer
from tests.servers.smtp_process import SmtpProcess

CONNECTION_LOST = "unexpectedly closed$|reset by peer"


def send(server, *recipients, subject="Hello"):
    message = EmailMessage()
    message["Subject"], message["From"] = subject, "from@northwind.example"
    message["To"] = ", ".join(recipients)
    message.set_content("text part")
    message.add_alternative("<p>HTML part</p>", subtype="html")
    with smtplib.SMTP(server.host, server.port, timeout=2) as client:
        return client.send_message(message)


def test_redis_server_answers(redis_server):
    with redis.Redis.from_url(redis_server.url()) as client:
        client.set("key", "value")
        redis_server.flush()

        assert client.get("key") is None
        assert client.config_get("save") == {"save": ""}


def test_redis_server_restarts_on_its_port_and_leaves_nothing():
    with RedisServer() as server:
        port, first = server.port, server.pid
        server.stop()
        assert not accepts_connections(port)
        server.start()

        assert (server.port, accepts_connections(port)) == (port, True)
        assert server.pid != first
    assert not psutil.pid_exists(first)
    assert not server.folder.exists()


def test_smtp_server_records_what_django_sends(smtp_server):
    send_mail("Assunto: ação", "corpo", "from@northwind.example", ["ana@contoso.example"])

    (mail,) = smtp_server.messages
    assert mail.recipients == ("ana@contoso.example",)
    assert mail.sender == "from@northwind.example"
    assert mail.subject == "Assunto: ação"
    assert mail.text.strip() == "corpo"
    assert b"Subject: =?utf-8?" in mail.raw


def test_smtp_server_gives_both_parts(smtp_server):
    send(smtp_server, "ana@contoso.example")

    (mail,) = smtp_server.messages_to("ana@contoso.example")
    assert (mail.text.strip(), mail.html.strip()) == ("text part", "<p>HTML part</p>")


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [(Behaviour.REFUSE, 550), (Behaviour.DEFER, 451)],
    ids=["refuse", "defer"],
)
def test_smtp_server_refuses_or_defers_recipients(smtp_server, behaviour, code):
    smtp_server.behave(behaviour)

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(smtp_server, "ana@contoso.example")

    assert refused.value.recipients["ana@contoso.example"][0] == code
    assert smtp_server.messages == []


def test_smtp_server_refuses_content(smtp_server):
    smtp_server.behave(Behaviour.REFUSE_CONTENT)

    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(smtp_server, "ana@contoso.example")

    assert refused.value.smtp_code == 554


@pytest.mark.parametrize(
    ("behaviour", "words", "kept"),
    [
        (Behaviour.HANG, "timed out", 0),
        (Behaviour.DROP, CONNECTION_LOST, 0),
        (Behaviour.LOSE_REPLY, CONNECTION_LOST, 1),
    ],
    ids=["hang", "drop", "lose-reply"],
)
def test_smtp_server_hangs_drops_and_loses_replies(smtp_server, behaviour, words, kept):
    smtp_server.behave(behaviour)

    with pytest.raises(smtplib.SMTPServerDisconnected, match=words):
        send(smtp_server, "ana@contoso.example")

    assert len(smtp_server.messages) == kept


def test_smtp_server_treats_each_recipient_by_rule(smtp_server):
    smtp_server.rule = lambda address: (
        Behaviour.REFUSE if address.startswith("gone") else Behaviour.ACCEPT
    )

    refused = send(smtp_server, "gone@contoso.example", "ana@contoso.example")

    assert set(refused) == {"gone@contoso.example"}
    assert smtp_server.recipients == ["ana@contoso.example"]


def test_smtp_server_restarts_on_its_port_and_keeps_what_it_got():
    with SmtpServer() as server:
        send(server, "ana@contoso.example", subject="before")
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            send(server, "ana@contoso.example")
        server.start()
        send(server, "ana@contoso.example", subject="after")

        assert [mail.subject for mail in server.messages] == ["before", "after"]


def test_smtp_process_records_and_ends():
    with SmtpProcess() as server:
        pid = server.pid
        send(server, "ana@contoso.example", "rui@contoso.example")

        (mail,) = server.messages
        assert mail.recipients == ("ana@contoso.example", "rui@contoso.example")
    assert not psutil.pid_exists(pid)


def test_process_that_dies_tells_why(tmp_path):
    process = ManagedProcess(
        [sys.executable, "-c", "raise SystemExit('no such thing')"], log=tmp_path / "log"
    )

    with pytest.raises(ServerError, match="exit code 1\nno such thing"):
        process.wait_until(lambda: False, what="example")


def test_process_that_ignores_sigterm_is_killed_with_its_children(tmp_path):
    script = (
        "import signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    process = ManagedProcess([sys.executable, "-c", script], log=tmp_path / "log")
    process.wait_until(lambda: process.log_tail().strip() != "", what="example")
    child = int(process.log_tail())

    process.stop(grace=0.2)

    assert process.returncode == -9
    assert ends_soon(child)


def test_process_dies_with_its_parent(tmp_path):
    child = "import time; print('up', flush=True); time.sleep(60)"
    script = (
        "import os, pathlib, sys\n"
        "from tests.servers.processes import ManagedProcess\n"
        f"log = pathlib.Path({str(tmp_path / 'log')!r})\n"
        f"process = ManagedProcess([sys.executable, '-c', {child!r}], log=log)\n"
        "process.wait_until(lambda: 'up' in process.log_tail(), what='child')\n"
        "print(process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert killed.returncode == -9
    child = int(killed.stdout)
    assert ends_soon(child)
