"""/healthz, /readyz and /statusz: what load balancers and alarms are told when something is missing."""

import datetime as dt
import http.client
import json

import pytest
from django.test import Client
from django.utils import timezone

from cpor_site.health import OUTBOX_LIMIT
from cpor_site.models import Heartbeat
from cpor_site.tasks import BEAT, record_beat
from notifications import to_look_at
from notifications.enums import LookAtKind
from notifications.models import Message

NOBODY = "127.0.0.1:1"  # a port that no program of a user's may listen on
TOKEN = "a-token-of-the-operators"
FINE = {
    "database": "ok",
    "broker": "ok",
    "beat": "ok",
    "outbox": "ok",
    "sender": "ok",
    "parts": "ok",
}


@pytest.fixture
def status(client, settings):
    """A function that asks /statusz with the operator's token."""
    settings.STATUS_TOKEN = TOKEN

    def ask():
        response = client.get("/statusz", headers={"Authorization": f"Bearer {TOKEN}"})
        words = response.json()
        return response.status_code, words, words.pop("to_look_at", None)

    return ask


def queue_mail(*, due):
    return Message.objects.create(
        key="late",
        kind="claim_official",
        to_address="ana@contoso.example",
        context={},
        next_attempt_at=due,
    )


def test_healthz_needs_nothing(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_asks_the_database_alone(client):
    Heartbeat.objects.all().delete()
    queue_mail(due=timezone.now() - 2 * OUTBOX_LIMIT)

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"database": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "[fd00::7]", "anything.example", "not a host"])
def test_probes_answer_on_any_host_name_and_without_https(settings, path, host):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["cpor.example"]

    response = Client(headers={"host": host}).get(path)

    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.django_db
def test_other_pages_still_look_at_the_host_name(settings, client):
    settings.ALLOWED_HOSTS = ["cpor.example"]
    settings.STATUS_TOKEN = TOKEN

    for path in ("/", "/statusz", "/healthz/", "/readyz/x"):
        assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 400


@pytest.mark.django_db
def test_statusz_with_everything_at_work(status):
    record_beat()

    assert status() == (200, FINE, {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("late_by", "expected"),
    [(dt.timedelta(0), "ok"), (dt.timedelta(seconds=2), "failing")],
    ids=["just-in-time", "late"],
)
def test_statusz_when_beat_is_late(status, settings, late_by, expected):
    allowed = dt.timedelta(seconds=60 + 4 * settings.CPOR_SWEEP_SECONDS - 1)
    Heartbeat.objects.create(name=BEAT, seen_at=timezone.now() - allowed - late_by)

    assert status()[1]["beat"] == expected


@pytest.mark.django_db
def test_statusz_before_beat_was_ever_seen(status):
    code, words, _entries = status()

    assert (code, words) == (503, {**FINE, "beat": "failing"})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("due", "expected"), [(-OUTBOX_LIMIT, "failing"), (dt.timedelta(hours=1), "ok")]
)
def test_statusz_when_no_one_delivers(status, due, expected):
    record_beat()
    queue_mail(due=timezone.now() + due - dt.timedelta(seconds=1))

    code, words, _entries = status()

    assert words == {**FINE, "outbox": expected}
    assert code == (200 if expected == "ok" else 503)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (LookAtKind.EMAIL_REFUSED, "sender"),
        (LookAtKind.PART_GAVE_UP, "parts"),
        (LookAtKind.CUSTOMER_ASKED_FOR, None),
    ],
)
def test_statusz_tells_what_is_to_be_looked_at(status, kind, part):
    record_beat()
    since = dt.datetime(2026, 11, 27, 8, 0, tzinfo=dt.UTC)
    to_look_at.report(kind, key="one", subject="one", now=since)
    to_look_at.report(kind, key="two", subject="two")

    code, words, entries = status()

    assert entries == {kind: {"open": 2, "since": "2026-11-27T08:00:00Z"}}
    assert words == ({**FINE, part: "failing"} if part else FINE)
    assert code == (503 if part else 200)
    to_look_at.resolve(kind, key="one")
    to_look_at.resolve(kind, key="two")
    assert status() == (200, FINE, {})


@pytest.mark.django_db
def test_statusz_is_not_there_without_a_token(client, settings):
    settings.STATUS_TOKEN = ""

    for sent in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}):
        assert client.get("/statusz", headers=sent).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
def test_statusz_says_nothing_to_a_stranger(client, settings, sent):
    settings.STATUS_TOKEN = TOKEN

    response = client.get("/statusz", headers={"Authorization": sent})

    assert (response.status_code, response.content) == (401, b"")


def fetch(served, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_without_its_servers_the_site_lives_but_is_not_ready(site):
    served = site(
        DATABASE_URL=f"postgresql://cpor@{NOBODY}/cpor",
        REDIS_URL=f"redis://{NOBODY}/0",
        CPOR_BASE_URL="https://cpor.example",
        ALLOWED_HOSTS="cpor.example",
        STATUS_TOKEN=TOKEN,
        BEHIND_PROXY="true",
    )
    as_proxy = {
        "Authorization": f"Bearer {TOKEN}",
        "Host": "cpor.example",
        "X-Forwarded-Proto": "https",
    }

    assert fetch(served, "/healthz") == (200, b"ok")
    status, body = fetch(served, "/readyz")
    assert (status, json.loads(body)) == (503, {"database": "failing"})
    status, body = fetch(served, "/statusz", **as_proxy)
    assert (status, json.loads(body)) == (503, {"database": "failing", "broker": "failing"})
    assert fetch(served, "/statusz", Host="cpor.example")[0] == 301


def test_without_its_broker_pages_work_and_statusz_says_so(site):
    record_beat()
    served = site(REDIS_URL=f"redis://{NOBODY}/0", STATUS_TOKEN=TOKEN)

    assert fetch(served, "/readyz")[0] == 200
    status, body = fetch(served, "/statusz", Authorization=f"Bearer {TOKEN}")

    assert status == 503
    assert json.loads(body) == {**FINE, "broker": "failing", "to_look_at": {}}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/statusz"])
def test_health_pages_only_answer_questions(client, path):
    assert client.post(path).status_code == 405
