"""Whose address a request is counted by: one client each, however a proxy writes it."""

import pytest
from django.test import Client
from django.urls import reverse

from cpor_site.web.client_address import find_address, read_client_address
from tests import cast

V4 = "203.0.113.7"
WRITTEN = [
    (V4, V4),
    (f" {V4} ", V4),
    (f"{V4}:51234", V4),
    (f'"{V4}:51234"', V4),
    (f"::ffff:{V4}", V4),
    ("::FFFF:cb00:7107", V4),
    (f"[::ffff:{V4}]", V4),
    (f"[::ffff:{V4}]:443", V4),
    (f"::ffff:0:{V4}", V4),
    (f"::{V4}", V4),
    (f"64:ff9b::{V4}", V4),
    (f"64:ff9b:1::{V4}", V4),
    ("2002:cb00:7107::1", V4),
    ("2002:cb00:7107:5:6::9", V4),
    ("2001:0:4136:e378:8000:63bf:34ff:8ef8", V4),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"),
    ("[2001:db8:1:2:3:4:5:6]:8443", "2001:db8:1:2:3:4:5:6"),
    ("fe80::1%eth0", "fe80::1"),
    ("::1", "::1"),
]
GARBAGE = [
    "unknown",
    "_hidden",
    "",
    "203.0.113",
    "203.0.113.7.8",
    "[::1",
    "1" * 9000,
    "\xff",
    "::ffff:999.1.1.1",
]


@pytest.mark.parametrize(("written", "meant"), WRITTEN)
def test_an_address_is_read_however_it_is_written(rf, settings, written, meant):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = rf.get(
        "/", headers={"X-Forwarded-For": f"198.51.100.1, {written}"}, REMOTE_ADDR="10.0.0.1"
    )

    assert read_client_address(request) == meant
    assert read_client_address(rf.get("/", REMOTE_ADDR=written)) == meant


@pytest.mark.parametrize("written", GARBAGE)
def test_what_is_no_address_counts_as_the_proxys(rf, settings, written):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = rf.get(
        "/", headers={"X-Forwarded-For": f"198.51.100.1,{written}"}, REMOTE_ADDR="10.0.0.1"
    )

    assert read_client_address(request) == "10.0.0.1"
    assert find_address(rf.get("/", REMOTE_ADDR=written)) == "0.0.0.0"


def test_visitors_over_ipv4_are_not_one_and_those_of_one_subscriber_are(rf):
    def count_as(address):
        return find_address(rf.get("/", REMOTE_ADDR=address))

    assert count_as("::ffff:203.0.113.7") != count_as("::ffff:203.0.113.8")
    assert count_as("64:ff9b::cb00:7107") != count_as("64:ff9b::cb00:7108")
    assert count_as("::ffff:203.0.113.7") == count_as("203.0.113.7")
    assert count_as("2001:db8:1:2::7") == count_as("2001:db8:1:2:9::8")
    assert count_as("2002:cb00:7107:1::1") == count_as("2002:cb00:7107:2::1")


def test_no_one_believes_the_header_without_a_proxy(rf):
    request = rf.get("/", headers={"X-Forwarded-For": "203.0.113.7"}, REMOTE_ADDR="10.0.0.1")

    assert read_client_address(request) == "10.0.0.1"


def test_signing_in_works_where_the_address_is_not_known(db):
    ana = cast.let_sign_in(cast.UserFactory(), "a long way home")
    browser = Client(REMOTE_ADDR="")

    browser.post(reverse("account_login"), {"login": ana.email, "password": "a long way home"})

    assert browser.session["_auth_user_id"] == str(ana.pk)


def test_one_ipv4_client_locks_no_other_out(db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    form = {"login": "nobody@b.example", "password": "x"}
    crowd = Client(headers={"X-Forwarded-For": "::ffff:198.51.100.9"})
    for _each in range(31):
        refused = crowd.post(reverse("account_login"), form)

    other = Client(headers={"X-Forwarded-For": "::ffff:203.0.113.7"})

    assert refused.status_code == 429
    assert other.post(reverse("account_login"), form).status_code == 200
