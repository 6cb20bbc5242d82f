import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from notifications import delivery, kinds
from notifications.enums import State
from notifications.models import Message
from notifications.signals import ActRefused, message_handling

pytestmark = pytest.mark.django_db
ALL = ("view_message", "mark_bounced", "retry_message")


@pytest.fixture
def sign_in(client):
    """``sign_in("view_message")`` signs a member of staff in with these permissions."""

    def make(*permissions, is_staff=True):
        user = get_user_model().objects.create_user("rita@northwind.example", is_staff=is_staff)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def sent(queue, smtp_server):
    message = queue(order="K7QF2", comment="<script>alert(1)</script>")
    delivery.deliver_due()
    return message


def url(name, message):
    return reverse(f"admin:{name}", args=[message.pk])


def state():
    return Message.objects.get().state


def test_list_shows_what_became_of_each_mail(sign_in, queue):
    queue("order:1")
    Message.objects.update(state=State.FAILED, last_error="550 no such user", attempts=3)

    page = sign_in(*ALL).get(reverse("admin:notifications_message_changelist"))

    for words in ("ana@contoso.example", "Could not be sent", "550 no such user", "order-shipped"):
        assert words in page.content.decode()


def test_a_kind_is_shown_in_words(sign_in, queue, monkeypatch):
    monkeypatch.setitem(kinds._names, "order-shipped", "Order sent off")
    message = queue("order:1")
    queue("order:2", to="bea@contoso.example")
    Message.objects.filter(key="order:2").update(kind="bill")
    client = sign_in(*ALL)
    place = reverse("admin:notifications_message_changelist")

    everything = client.get(place).content.decode()
    filtered = client.get(place, {"kind__exact": "order-shipped"}).content.decode()
    one = client.get(url("notifications_message_change", message)).content.decode()
    asked = client.get(url("message-bounced", message)).content.decode()

    assert f'href="{url("notifications_message_change", message)}">Order sent off</a>' in everything
    assert "bea@contoso.example" not in filtered
    for page in (everything, filtered, one, asked):
        assert "Order sent off" in page
        assert ">order-shipped<" not in page
    assert ">bill</a>" in everything


def test_list_asks_the_same_for_one_and_three(sign_in, queue, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in(*ALL)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("admin:notifications_message_changelist"))
        return len(captured)

    queue("order:1")
    queries()
    one = queries()
    queue("order:2")
    queue("order:3")

    assert queries() == one


def test_search_finds_by_address(sign_in, queue):
    queue("order:1", to="ana@contoso.example")
    queue("order:2", to="bea@contoso.example")

    page = sign_in(*ALL).get(reverse("admin:notifications_message_changelist"), {"q": "bea@"})

    assert "bea@contoso.example" in page.content.decode()
    assert "ana@contoso.example" not in page.content.decode()


def test_page_shows_the_mail_and_can_change_nothing(sign_in, sent):
    client = sign_in(*ALL)

    page = client.get(url("notifications_message_change", sent)).content.decode()

    assert "Order K7QF2 has left" in page
    assert "Hello Ana," in page
    assert url("message-preview", sent) in page
    assert "sandbox" in page
    assert "<script>alert(1)" not in page
    assert "Accepted by the mail server" in page
    assert 'name="_save"' not in page
    assert (
        client.post(url("notifications_message_change", sent), {"state": "queued"}).status_code
        == 403
    )
    assert (
        client.post(url("notifications_message_delete", sent), {"post": "yes"}).status_code == 403
    )
    assert client.get(reverse("admin:notifications_message_add")).status_code == 403
    assert state() == State.SENT


def test_page_of_a_mail_that_cannot_be_written(sign_in, queue):
    message = queue()
    Message.objects.update(kind="no-such-kind")

    page = sign_in(*ALL).get(url("notifications_message_change", message)).content.decode()

    assert "could not be rendered" in page
    assert "no-such-kind" in page


def test_preview_is_sandboxed(sign_in, sent):
    answer = sign_in("view_message").get(url("message-preview", sent))

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-scripts" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Order K7QF2 has left" in answer.content.decode()
    assert "<script" not in answer.content.decode()


def test_bounce_is_asked_for_then_marked(sign_in, sent, heard):
    client = sign_in(*ALL)

    asked = client.get(url("message-bounced", sent))
    assert "Mark this email as bounced?" in asked.content.decode()
    assert state() == State.SENT

    client.post(url("message-bounced", sent), {"reason": "they\nphoned"})
    assert (state(), Message.objects.get().last_error) == (State.BOUNCED, "they phoned")
    assert heard.events == [("bounced", "order:1")]


@pytest.mark.parametrize("other", [State.QUEUED, State.IN_FLIGHT, State.FAILED, State.BOUNCED])
def test_only_a_sent_mail_can_bounce(sign_in, queue, heard, other):
    message = queue()
    Message.objects.update(state=other, leased_until=timezone.now())

    page = sign_in(*ALL).post(url("message-bounced", message), {"reason": "x"}, follow=True)

    assert "only a sent email can bounce" in page.content.decode()
    assert state() == other
    assert heard.events == []


def test_failed_mail_is_tried_again(sign_in, queue, smtp_server):
    message = queue()
    Message.objects.update(state=State.FAILED, attempts=20)
    client = sign_in(*ALL)

    assert "Try this email again now?" in client.get(url("message-retry", message)).content.decode()
    assert state() == State.FAILED

    client.post(url("message-retry", message))
    assert state() == State.QUEUED
    assert delivery.deliver_due() == 1


@pytest.mark.parametrize("other", [State.SENT, State.IN_FLIGHT, State.BOUNCED])
def test_other_mails_are_not_tried_again(sign_in, queue, other):
    message = queue()
    Message.objects.update(state=other)

    page = sign_in(*ALL).post(url("message-retry", message), follow=True)

    assert "only a failed or queued email" in page.content.decode()
    assert state() == other


def test_action_tries_several_again(sign_in, queue):
    rows = [queue(f"order:{number}") for number in range(3)]
    Message.objects.exclude(pk=rows[0].pk).update(state=State.FAILED)
    Message.objects.filter(pk=rows[0].pk).update(state=State.SENT)

    page = sign_in(*ALL).post(
        reverse("admin:notifications_message_changelist"),
        {"action": "try_again_now", "_selected_action": [row.pk for row in rows]},
        follow=True,
    )

    assert "2 emails will be retried now" in page.content.decode()
    assert Message.objects.filter(state=State.QUEUED).count() == 2
    assert Message.objects.get(pk=rows[0].pk).state == State.SENT


@pytest.mark.parametrize("name", ["message-preview", "message-retry", "message-bounced"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_is_refused(sign_in, sent, name, method):
    """Our own URLs ask as the admin's do: nothing for strangers, each act by its permission."""
    client = sign_in(is_staff=True)
    assert getattr(client, method)(url(name, sent)).status_code == 403

    client.logout()
    answer = getattr(client, method)(url(name, sent))
    assert answer.status_code == 302
    assert "login" in answer.headers["Location"]
    assert state() == State.SENT


@pytest.mark.parametrize("name", ["message-retry", "message-bounced"])
def test_seeing_is_not_acting(sign_in, sent, name):
    client = sign_in("view_message")

    assert client.get(url(name, sent)).status_code == 403
    assert client.post(url(name, sent)).status_code == 403
    page = client.get(url("notifications_message_change", sent)).content.decode()
    assert url("message-bounced", sent) not in page
    assert state() == State.SENT


def test_forged_post_is_refused(sign_in, sent):
    client = sign_in(*ALL)
    client.handler.enforce_csrf_checks = True

    assert client.post(url("message-bounced", sent)).status_code == 403
    assert state() == State.SENT


# --- Someone objects ----------------------------------------------------------------------------

OBJECTION = "This mail is about your own order."


@pytest.fixture
def objection():
    """Code that knows what an email is about says that one of them is not for Rita to handle."""

    def refuse(sender, message, user, **kwargs):
        if user.email == "rita@northwind.example" and message.key == "order:1":
            raise ActRefused(OBJECTION)

    message_handling.connect(refuse)
    yield
    message_handling.disconnect(refuse)


@pytest.mark.parametrize(
    ("name", "stands_at"), [("message-retry", State.FAILED), ("message-bounced", State.SENT)]
)
def test_who_is_refused_is_told_why_and_changes_nothing(
    sign_in, queue, heard, objection, name, stands_at
):
    message = queue("order:1")
    Message.objects.update(state=stands_at, attempts=3)
    client = sign_in(*ALL)

    asked, acted = client.get(url(name, message)), client.post(url(name, message), {"reason": "x"})
    page = client.get(url("notifications_message_change", message)).content.decode()

    assert (asked.status_code, acted.status_code) == (403, 403)
    assert OBJECTION in asked.content.decode()
    assert OBJECTION in acted.content.decode()
    assert url(name, message) not in page
    assert Message.objects.values_list("state", "attempts").get() == (stands_at, 3)
    assert heard.events == []


def test_of_several_the_refused_one_is_named_and_left(sign_in, queue, objection):
    rows = [queue(f"order:{number}") for number in (1, 2)]
    Message.objects.update(state=State.FAILED)

    page = sign_in(*ALL).post(
        reverse("admin:notifications_message_changelist"),
        {"action": "try_again_now", "_selected_action": [row.pk for row in rows]},
        follow=True,
    )

    words = page.content.decode()
    assert OBJECTION in words
    assert "1 email will be retried now" in words
    assert dict(Message.objects.values_list("key", "state")) == {
        "order:1": State.FAILED,
        "order:2": State.QUEUED,
    }
