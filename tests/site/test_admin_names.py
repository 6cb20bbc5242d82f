"""Every input of admin's forms says what it is for, also where Django writes no label."""

import re

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from cpor_site.web.admin_site import StaffAdmin
from partners.models import Invitation
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return cast.UserFactory(is_staff=True, is_superuser=True)


def read_names(html):
    """The accessible name that each input says of itself, by the name of its field."""
    inputs = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    pairs = [(re.search(r'\bname="([^"]+)"', each), each) for each in inputs]
    return {
        name[1]: found[1]
        for name, each in pairs
        if name and (found := re.search(r'aria-label="([^"]+)"', each))
    }


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Expires: date", "Expires: time")), ("pt-br", ("Expira em: data", "Expira em: hora"))],
)
def test_both_parts_of_an_instant_are_named(root, language, words):
    request = RequestFactory().get("/")
    request.user = root

    with translation.override(language):
        form = StaffAdmin(Invitation, admin.site).get_form(request, fields=["expires_at"])()
        names = read_names(str(form["expires_at"]))

    assert names == dict(zip(("expires_at_0", "expires_at_1"), words, strict=True))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"program": "Program", "starts_on": "First day", "ends_on": "Last day"}),
        ("pt-br", {"program": "Programa", "starts_on": "Primeiro dia", "ends_on": "Último dia"}),
    ],
)
def test_inputs_in_a_table_are_named_after_their_column(root, client, language, words):
    root.language = language
    root.save()
    client.force_login(root)
    client.cookies["django_language"] = language

    html = client.get(reverse("admin:partners_location_add")).content.decode()

    names = read_names(html)
    for row in ("0", "__prefix__"):
        assert {key: names.get(f"enrollments-{row}-{key}") for key in words} == words


def test_the_tick_that_deletes_a_row_is_named(root, client):
    partner = cast.make_partner()
    client.force_login(root)

    html = client.get(reverse("admin:partners_partner_change", args=[partner.pk])).content.decode()

    names = read_names(html)
    assert names["domains-0-DELETE"] == "Delete"
    assert names["domains-0-domain"] == "Domain"
    assert "name" not in names, "It has a label."
