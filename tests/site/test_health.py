"""/healthz and /readyz: what a monitor is told when something is missing."""

import datetime as dt
import json
import urllib.error
import urllib.request

import pytest
from django.utils import timezone

from cpor_site.health import OUTBOX_LIMIT
from cpor_site.models import Heartbeat
from cpor_site.tasks import BEAT, record_beat
from notifications.models import Message

NOBODY = "127.0.0.1:1"  # a port that no program of a user's may listen on


def ready(client):
    response = client.get("/readyz")
    return response.status_code, response.json()


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
def test_readyz_with_everything_at_work(client):
    record_beat()

    assert ready(client) == (
        200,
        {"database": "ok", "broker": "ok", "beat": "ok", "outbox": "ok"},
    )


@pytest.mark.django_db
def test_readyz_before_beat_was_ever_seen(client):
    status, words = ready(client)

    assert (status, words["beat"]) == (503, "failing")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("late_by", "expected"),
    [(dt.timedelta(0), 200), (dt.timedelta(seconds=2), 503)],
    ids=["just-in-time", "late"],
)
def test_readyz_when_beat_is_late(client, settings, late_by, expected):
    allowed = dt.timedelta(seconds=60 + 4 * settings.CPOR_SWEEP_SECONDS - 1)
    Heartbeat.objects.create(name=BEAT, seen_at=timezone.now() - allowed - late_by)

    assert ready(client)[0] == expected


@pytest.mark.django_db
def test_readyz_when_nobody_delivers(client):
    record_beat()
    queue_mail(due=timezone.now() - OUTBOX_LIMIT - dt.timedelta(seconds=1))

    status, words = ready(client)

    assert status == 503
    assert words == {"database": "ok", "broker": "ok", "beat": "ok", "outbox": "failing"}


@pytest.mark.django_db
def test_readyz_when_a_mail_waits_for_its_next_attempt(client):
    record_beat()
    queue_mail(due=timezone.now() + dt.timedelta(hours=1))

    assert ready(client)[0] == 200


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_without_its_servers_the_site_lives_but_is_not_ready(site):
    served = site(DATABASE_URL=f"postgresql://cpor@{NOBODY}/cpor", REDIS_URL=f"redis://{NOBODY}/0")

    status, body = fetch(f"{served.url}/readyz")

    assert status == 503
    assert json.loads(body) == {"database": "failing", "broker": "failing"}
    assert fetch(f"{served.url}/healthz") == (200, b"ok")


def test_without_its_broker_alone_the_site_says_so(site):
    record_beat()
    served = site(REDIS_URL=f"redis://{NOBODY}/0")

    status, body = fetch(f"{served.url}/readyz")

    assert status == 503
    assert json.loads(body) == {
        "database": "ok",
        "broker": "failing",
        "beat": "ok",
        "outbox": "ok",
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_pages_only_answer_questions(client, path):
    assert client.post(path).status_code == 405
