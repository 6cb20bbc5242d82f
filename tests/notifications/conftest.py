import copy
from pathlib import Path

import pytest
from django.db.models import TextChoices

from notifications import outbox
from notifications.outbox import Recipient
from notifications.signals import message_bounced, message_failed, message_preparing, message_sent

TEMPLATES = Path(__file__).parent / "templates"


class Kind(TextChoices):
    """The kinds of these tests, whose templates are in TEMPLATES, but for one."""

    ORDER_SHIPPED = "order-shipped"
    NO_TEMPLATE = "no-such-kind"


KIND = Kind.ORDER_SHIPPED


@pytest.fixture(autouse=True)
def mail_kinds(settings):
    """The small templates of these tests."""
    changed = copy.deepcopy(settings.TEMPLATES)
    changed[0]["DIRS"] = [TEMPLATES, *changed[0]["DIRS"]]
    settings.TEMPLATES = changed


@pytest.fixture(autouse=True)
def kicks(monkeypatch):
    """Deliveries that were asked for; the tests start each delivery themselves."""
    asked = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task", lambda app, name, **kwargs: asked.append(name)
    )
    return asked


@pytest.fixture
def context():
    return {
        "order": "K7QF2",
        "items": "Teams\nExchange Online",
        "comment": "",
        "order_url": "https://portal.northwind.example/orders/K7QF2/?a=1&b=2",
        "about_url": "https://portal.northwind.example/about/",
    }


@pytest.fixture
def queue(context):
    """``queue("order:1", to="ana@contoso.example")`` queues a mail and returns its row."""

    def make(key="order:1", *, to="ana@contoso.example", name="Ana", language="en", **values):
        recipient = Recipient(email=to, name=name, language=language)
        return outbox.enqueue(KIND, key=key, to=recipient, context={**context, **values})

    return make


class Heard:
    """What the signals said, in order, as (signal, key)."""

    def __init__(self):
        self.events = []
        self.faults = {}  # signal name → exceptions still to raise
        self.rendered = []

    def listen(self, name):
        def receive(sender, message, **kwargs):
            if self.faults.get(name):
                raise self.faults[name].pop(0)
            self.events.append((name, message.key))
            if "rendered" in kwargs:
                self.rendered.append(kwargs["rendered"])

        return receive


@pytest.fixture
def heard():
    heard = Heard()
    signals = {
        "preparing": message_preparing,
        "sent": message_sent,
        "failed": message_failed,
        "bounced": message_bounced,
    }
    receivers = {name: heard.listen(name) for name in signals}
    for name, signal in signals.items():
        signal.connect(receivers[name], weak=False)
    yield heard
    for name, signal in signals.items():
        signal.disconnect(receivers[name])
