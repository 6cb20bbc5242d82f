"""Whatever is posted to the webhooks of mail services ends in an answer, and changes nothing wrongly [R21]."""

import itertools
import json
from base64 import b64encode

import pytest
from django.test import override_settings
from django.utils import timezone

from notifications.enums import LookAtKind, State
from notifications.models import LookAtEntry, Message

from . import webhooks

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning"),
]
ANA = "ana@contoso.example"
SERVICES = webhooks.NAMING + webhooks.SILENT
#: The others sign what they send, so an unsigned body is refused before it is read.
UNSIGNED = [
    each
    for each in SERVICES
    if each not in (webhooks.mandrill, webhooks.mailersend, webhooks.mailgun)
]
SECRET = "Basic " + b64encode(webhooks.SECRET.encode()).decode()


@pytest.fixture(autouse=True)
def hooks():
    with override_settings(ANYMAIL=webhooks.SETTINGS, ROOT_URLCONF="tests.notifications.hook_urls"):
        yield


@pytest.fixture
def sent(queue):
    """An email that was accepted, to which the reports may or may not belong."""
    message = queue(key="order:1")
    Message.objects.update(state=State.SENT, sent_at=timezone.now())
    return message


def post(client, service, body, *, kind="application/json", secret=SECRET):
    path = f"{webhooks.HOOKS}{service}/" + ("" if service == "mandrill" else "tracking/")
    return client.post(path, body, kind, headers={"authorization": secret})


def replace_texts(value, odd):
    """The report with ``odd`` in the place of every text and number."""
    if isinstance(value, dict):
        return {name: replace_texts(each, odd) for name, each in value.items()}
    if isinstance(value, list):
        return [replace_texts(each, odd) for each in value]
    return odd


def replace_one(value, path, odd):
    """The report with ``odd`` at ``path`` alone."""
    if not path:
        return odd
    fresh = value.copy()
    fresh[path[0]] = replace_one(value[path[0]], path[1:], odd)
    return fresh


def list_paths(value, *, before=()):
    """Every place in the report, the whole of it first."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inside:
        yield (*before, name)
        if isinstance(each, dict | list):
            yield from list_paths(each, before=(*before, name))


def states():
    return set(Message.objects.values_list("state", flat=True))


def entries():
    return LookAtEntry.objects.filter(kind=LookAtKind.BOUNCE_UNMATCHED, closed_at=None)


NO_REPORTS = {
    "empty": b"",
    "blank": b"  \n",
    "text": b"it came back",
    "half": b'{"event": "bounce", "email": "ana@',
    "not UTF-8": b'{"event": "bounce", "email": "\xe3na@contoso.example"}',
    "UTF-16": '{"event": "bounce"}'.encode("utf-16"),
    "NUL": b"\x00",
    "null": b"null",
    "number": b"7",
    "text in quotes": b'"bounce"',
    "list of numbers": b"[1, 2]",
    "lists in lists": b"[" * 100_000,
    "a number of many digits": b'[{"timestamp": 1' + b"0" * 5_000 + b"}]",
    "huge": b'[{"event": "' + b"x" * 6_000_000 + b'"}]',
}


@pytest.mark.parametrize("body", NO_REPORTS.values(), ids=NO_REPORTS)
def test_what_is_no_report_is_refused(sent, client, body):
    for make in SERVICES:
        answer = post(client, make.__name__, body)
        assert 200 <= answer.status_code < 500, make

    assert states() == {State.SENT}


@pytest.mark.parametrize("body", [b"", b"null", b'{"event": "\xff"}'])
@pytest.mark.parametrize("make", UNSIGNED, ids=lambda make: make.__name__)
def test_staff_see_that_the_services_report_could_not_be_read(sent, client, make, body):
    answer = post(client, make.__name__, body)

    assert answer.status_code == 400
    assert entries().get().key.endswith(":unreadable")


@pytest.mark.parametrize("make", SERVICES, ids=lambda make: make.__name__)
def test_without_the_secret_nothing_is_written_at_all(sent, client, make):
    for body in NO_REPORTS.values():
        answer = post(client, make.__name__, body, secret="Basic bm90OnRoYXQ=")
        assert 400 <= answer.status_code < 500

    assert not entries().exists()


ODD_VALUES = {
    "NUL": "\x00",
    "half a surrogate pair": "\ud800",
    "over-long": "x" * 100_000,
    "address of many": f"{'a' * 70_000}@contoso.example",
    "empty": "",
    "null": None,
    "number": 7,
    "endless number": float("inf"),
    "no number": float("nan"),
    "large number": 10**30,
    "true": True,
    "list": [],
    "list in list": [[["x"]]],
    "object": {},
    "nested": {"a": {"b": [{"c": None}]}},
}


#: One value of each kind, for every place of every report.
ODD_KINDS = ("NUL", "null", "large number", "list in list", "nested")


@pytest.mark.parametrize("make", SERVICES, ids=lambda make: make.__name__)
def test_a_value_of_another_kind_at_any_place(sent, client, make):
    """One value of a report about another email is odd."""
    report = make("stranger@elsewhere.example", "", timezone.now())

    for path, name in itertools.product(list_paths(report), ODD_KINDS):
        odd = ODD_VALUES[name]
        answer = webhooks.post(client, make.__name__, replace_one(report, path, odd))
        assert 200 <= answer.status_code < 500, path

    assert states() == {State.SENT}


@pytest.mark.parametrize("make", SERVICES, ids=lambda make: make.__name__)
def test_every_value_of_another_kind(sent, client, make):
    for odd in ODD_VALUES.values():
        report = replace_texts(make(ANA, "", timezone.now()), odd)

        answer = webhooks.post(client, make.__name__, report)

        assert 200 <= answer.status_code < 500, odd
    assert states() == {State.SENT}


@pytest.mark.parametrize("make", SERVICES, ids=lambda make: make.__name__)
def test_odd_words_of_a_real_bounce_are_kept_as_far_as_they_can_be(sent, client, make):
    report = make(ANA, "", timezone.now())
    odd = json.loads(
        json.dumps(report).replace(webhooks.WORDS, "550 \\u0000\\ud800 gone " + "x" * 9_000)
    )

    answer = webhooks.post(client, make.__name__, odd)

    assert answer.status_code == 200
    message = Message.objects.get()
    assert message.state == State.BOUNCED
    assert not {"\x00", "\ud800"}.intersection(message.last_error)
    assert len(message.last_error) <= 1000
