"""Rate limits: programs that try links or hammer one are told to wait; people never notice [R22]."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotFound
from django.test import Client
from django.urls import reverse

from associations.customer import notices
from associations.enums import AssociationStatus, Status
from cpor_site.web import counters, limits
from notifications.models import Message
from tests import cast
from tests.servers.processes import free_port


@pytest.fixture
def at_noon(monkeypatch):
    """The clock of the limits, which a test turns; it stands at the begin of a minute."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(counters, "time", lambda: now[0])
    return now


@pytest.fixture
def ask(rf):
    """Ask a view with small limits; the link ``missing`` is unknown to it."""

    @limits.limit_rate("test", looks=3, acts=2, misses=4)
    def view(request, token):
        return HttpResponseNotFound() if token.startswith("missing") else HttpResponse("here")

    def send(token="known", *, method="get", address="192.0.2.1"):
        request = getattr(rf, method)("/", REMOTE_ADDR=address)
        request.LANGUAGE_CODE = "en"
        return view(request, token)

    return send


def statuses(answers):
    return [answer.status_code for answer in answers]


def test_looking_too_often_is_told_to_wait(ask, at_noon):
    answers = [ask() for _each in range(4)]

    assert statuses(answers) == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert b"Wait a moment" in answers[-1].content


def test_the_minute_passes(ask, at_noon):
    for _each in range(5):
        ask()
    at_noon[0] += 45
    late = ask()
    at_noon[0] += 15

    assert (late.status_code, late.headers["Retry-After"]) == (429, "15")
    assert ask().status_code == 200


def test_acting_is_counted_apart_from_looking(ask, at_noon):
    for _each in range(3):
        ask()

    assert statuses(ask(method="post") for _each in range(3)) == [200, 200, 429]


def test_no_one_is_held_up_by_others(ask, at_noon):
    for _each in range(5):
        ask()

    assert ask(address="192.0.2.2").status_code == 200
    assert ask("another").status_code == 200


def test_one_network_of_the_new_kind_is_one_address(ask, at_noon):
    for host in range(4):
        answer = ask(address=f"2001:db8:0:1::{host + 1}")

    assert answer.status_code == 429
    assert ask(address="2001:db8:0:2::1").status_code == 200


def test_trying_links_ends_soon_whichever_they_are(ask, at_noon):
    tried = statuses(ask(f"missing-{number}") for number in range(8))

    assert tried == [404] * 4 + [429] * 4
    assert ask().status_code == 200  # a live link is answered all the same
    assert ask(address="192.0.2.2").status_code == 200


def test_a_server_that_does_not_know_where_from_goes_on(ask, at_noon):
    assert ask(address="").status_code == 200


def test_no_link_is_kept_in_the_clear(ask, at_noon):
    ask("a-secret-token")

    assert not [key for key in cache._cache if "a-secret-token" in key]


def test_the_shared_cache_counts_for_all_processes(ask, at_noon, settings, redis_server):
    redis_server.flush()
    settings.CACHES = {
        "default": {
            "BACKEND": "cpor_site.cache.ForgetfulRedisCache",
            "LOCATION": redis_server.url(),
        }
    }

    assert statuses(ask() for _each in range(4)) == [200, 200, 200, 429]


def test_without_the_cache_no_one_is_counted(ask, at_noon, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "cpor_site.cache.ForgetfulRedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }

    assert set(statuses(ask() for _each in range(9))) == {200}


# --- the pages -----------------------------------------------------------------------------------


@pytest.fixture
def claim(db):
    partner = cast.make_partner()
    actor = cast.make_member(partner)
    tenant = cast.make_tenant(language="pt-br")
    draft = cast.make_draft(partner, actor, tenant)
    return cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())


def address_of(claim):
    return reverse("associations:opt-out", args=[notices.in_force(claim).first().token])


def test_a_customer_and_their_mail_scanners_come_through(client, claim, at_noon):
    address = address_of(claim)
    for _each in range(100):
        client.get(address)

    answer = client.post(
        address,
        {
            "action": "refuse",
            "products": list(claim.associations.values_list("reference", flat=True)),
        },
    )

    assert answer.status_code == 303
    assert set(claim.associations.values_list("status", flat=True)) == {AssociationStatus.OPTED_OUT}


def test_hammering_a_customers_link_changes_nothing_and_says_so(client, claim, at_noon):
    address = address_of(claim)
    before = list(claim.associations.values_list("status", flat=True))
    answers = [client.post(address, {"action": "nonsense"}) for _each in range(32)]

    answer = client.post(
        address,
        {
            "action": "refuse",
            "products": list(claim.associations.values_list("reference", flat=True)),
        },
    )

    assert statuses(answers[:30]) == [422] * 30
    assert answer.status_code == 429
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.cookies == {}
    assert list(claim.associations.values_list("status", flat=True)) == before


def test_the_limit_costs_the_customers_page_no_query(
    client, claim, at_noon, django_assert_max_num_queries
):
    address = address_of(claim)
    client.get(address)
    with django_assert_max_num_queries(0):
        for _each in range(300):
            counters.count(
                counters.name_counter("customer", "look", "127.0.0.1", address.split("/")[2])
            )
        stopped = client.get(address)
    assert stopped.status_code == 429
    assert f'href="{address}">Open the page again' in stopped.text


def test_guessing_customers_links_ends_soon(client, db, at_noon):
    answers = [client.get(f"/opt-out/guess-number-{number}/") for number in range(32)]

    assert set(statuses(answers[:30])) == {404}
    assert set(statuses(answers[30:])) == {429}


def test_guessing_invitations_ends_soon(client, db, at_noon):
    answers = [client.get(f"/invitations/guess-number-{number}/") for number in range(32)]

    assert set(statuses(answers[:30])) == {404}
    assert set(statuses(answers[30:])) == {429}


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Wait a moment"), ("pt-br", "Espere um momento")]
)
def test_the_page_speaks_the_readers_language(db, at_noon, language, words):
    browser = Client(headers={"Accept-Language": language})
    for number in range(32):
        answer = browser.get(f"/opt-out/guess-number-{number}/")

    assert answer.status_code == 429
    assert words in answer.text
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize(
    ("name", "form", "limit", "seconds"),
    [
        ("account_login", {"login": "a@b.example", "password": "x"}, 30, 60),
        ("account_reset_password", {"email": "a@b.example"}, 10, 300),
    ],
)
def test_sign_in_and_reset_have_limits_too(client, db, name, form, limit, seconds):
    answers = [client.post(reverse(name), form) for _each in range(limit + 1)]

    assert 429 not in statuses(answers[:3])
    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"] == str(seconds)
    assert "Wait a moment" in answers[-1].text


def test_guessing_one_persons_password_ends_soon(client, db):
    ana = cast.let_sign_in(cast.UserFactory(email="ana@partner.example"), "a long way home")
    for number in range(5):
        client.post(reverse("account_login"), {"login": ana.email, "password": f"guess {number}"})

    answer = client.post(
        reverse("account_login"), {"login": ana.email, "password": "a long way home"}
    )

    assert "_auth_user_id" not in client.session
    assert "Too many" in answer.text


def sign_in(browser, email, password, *, number=0):
    """From a network and for a host of its own, as a person who tries to get around limits does."""
    return browser.post(
        reverse("account_login"),
        {"login": email, "password": password},
        headers={"Host": f"localhost:{1000 + number}"},
        REMOTE_ADDR=f"192.0.{number}.1",
    )


@pytest.mark.parametrize(
    "spelt", ["kara@partner.example", "KARA@Partner.example", "\u212aara@partner.example"]
)
def test_neither_hosts_nor_networks_nor_letters_give_more_tries(client, db, spelt):
    kara = cast.let_sign_in(cast.UserFactory(email="kara@partner.example"), "a long way home")
    tried = [sign_in(client, (kara.email, spelt)[n % 2], f"guess {n}", number=n) for n in range(12)]

    answer = sign_in(client, kara.email, "a long way home", number=40)

    assert ["Too many" in each.text for each in tried] == [False] * 5 + [True] * 7
    assert "_auth_user_id" not in client.session
    assert "Too many" in answer.text


def test_who_guesses_one_password_holds_up_no_one_else_at_the_same_machine(client, db):
    ana, ben = (cast.let_sign_in(cast.UserFactory(), "a long way home") for _each in range(2))
    for number in range(8):
        client.post(reverse("account_login"), {"login": ana.email, "password": f"guess {number}"})

    client.post(reverse("account_login"), {"login": ben.email, "password": "a long way home"})

    assert client.session["_auth_user_id"] == str(ben.pk)


@pytest.mark.parametrize(
    ("name", "kind"), [("account_login", "confirm"), ("account_reset_password", "reset")]
)
def test_no_host_gives_more_mails(client, db, name, kind):
    """By hosts and networks of their own no one makes us write to an address again and again."""
    ana = cast.let_sign_in(cast.UserFactory(), "a long way home")
    EmailAddress.objects.filter(user=ana).update(verified=False)
    form = {"login": ana.email, "email": ana.email, "password": "a long way home"}
    for number in range(8):
        client.post(
            reverse(name),
            form,
            headers={"Host": f"localhost:{1000 + number}"},
            REMOTE_ADDR=f"192.0.{number}.1",
        )

    assert Message.objects.count() == {"confirm": 1, "reset": 3}[kind]


def test_guessing_ones_password_again_or_a_code_is_counted_by_the_person(client, db):
    ana = cast.let_sign_in(cast.UserFactory(), "a long way home")
    secret = cast.give_totp(ana)
    client.force_login(ana)
    for number in range(6):
        for name in ("account_reauthenticate", "mfa_reauthenticate"):
            client.post(
                reverse(name),
                {"password": f"guess {number}", "code": "000000"},
                headers={"Host": f"localhost:{1000 + number}"},
                REMOTE_ADDR=f"192.0.{number}.1",
            )

    for name in ("account_reauthenticate", "mfa_reauthenticate"):
        data = {"password": "a long way home", "code": cast.totp_code(secret)}
        answer = client.post(
            reverse(name), data, headers={"Host": "localhost:2000"}, REMOTE_ADDR="192.0.99.1"
        )
        assert answer.status_code in (200, 429)
        assert "Too many" in answer.text or "Wait a moment" in answer.text


def test_a_log_line_names_the_connections_address_whatever_a_header_says(client, caplog):
    caplog.set_level("INFO", logger="django_structlog")

    client.get("/about-cpor/", headers={"X-Forwarded-For": "203.0.113.9"})

    lines = [str(record.msg) for record in caplog.records]
    assert any("127.0.0.1" in line for line in lines)
    assert not any("203.0.113.9" in line for line in lines)
