"""Redis may be away: people sign in and staff see their queue all the same."""

import pytest
from django.core.cache import cache

from tests import cast
from tests.servers.processes import free_port

BACKEND = "cpor_site.cache.ForgetfulRedisCache"


@pytest.fixture
def redis_is_away(settings):
    settings.CACHES = {
        "default": {"BACKEND": BACKEND, "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    }


def test_what_is_kept_is_found_again(settings, redis_server):
    settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": redis_server.url()}}

    cache.set("key", "value")

    assert (cache.get("key"), cache.has_key("key"), cache.add("key", "other")) == (
        "value",
        True,
        False,
    )
    assert cache.get_many(["key"]) == {"key": "value"}
    assert cache.delete("key")
    cache.set("number", 1)
    assert cache.incr("number") == 2


def test_without_redis_it_has_nothing(redis_is_away):
    cache.set("key", "value")

    assert cache.get("key", "default") == "default"
    assert cache.get_or_set("key", lambda: "made") == "made"
    assert cache.get_many(["key"]) == {}
    assert not cache.has_key("key")
    assert cache.incr("key") == 1
    assert not cache.delete("key")


@pytest.mark.django_db
def test_without_redis_people_sign_in_and_staff_see_their_queue(redis_is_away, client):
    reviewer = cast.make_reviewer()
    cast.let_sign_in(reviewer, "a long way home")
    secret = cast.give_totp(reviewer)

    wrong = client.post("/accounts/login/", {"login": reviewer.email, "password": "nonsense"})
    right = client.post(
        "/accounts/login/", {"login": reviewer.email, "password": "a long way home"}
    )
    client.post("/accounts/2fa/authenticate/", {"code": cast.totp_code(secret)})
    queue = client.get("/admin/associations/claim/")

    assert (wrong.status_code, right.status_code, queue.status_code) == (200, 302, 200)
