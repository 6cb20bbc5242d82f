"""The shape of pages (design, sections 1 and 2): no inline code, no open door in the admin."""

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

from tests.architecture.admin_doors import find_open_doors
from tests.architecture.markup import find_inline_code, read_templates


def report(faults):
    return "\n".join(faults)


# --- Templates -----------------------------------------------------------------------------------


def test_templates_hold_no_inline_code():
    templates = read_templates()
    faults = find_inline_code(templates)

    assert templates
    assert not faults, report(faults)


@pytest.mark.parametrize(
    "markup",
    [
        "<script>go()</script>",
        "<script type='module'>go()</script>",
        "<script src='a.js'>go()</script>",
        "<style>p { color: red }</style>",
        "<p style='color: red'>",
        "<p\n  STYLE = 'color: red'>",
        "<a href='#' onclick='go()'>",
        "<body{% if a %} onload=go(){% endif %}>",
        "<a href='javascript:go()'>",
    ],
)
def test_inline_code_is_caught(markup):
    assert find_inline_code({"templates/claims/claim.html": markup})


@pytest.mark.parametrize(
    "markup",
    [
        "<script type='module' src='{% static \"js/a.js\" %}'></script>",
        "{# <style> is not for us #}",
        "<link rel='stylesheet' href='a.css'>",
        "<p class='style'>Style = calm, on = off</p>",
    ],
)
def test_plain_markup_is_let_be(markup):
    assert find_inline_code({"templates/claims/claim.html": markup}) == []


def test_a_mail_may_have_style_but_no_script():
    assert find_inline_code({"templates/mail/layout.html": "<style>p { }</style>"}) == []
    assert find_inline_code({"templates/mail/layout.html": "<script>go()</script>"})


# --- Admin ---------------------------------------------------------------------------------------


@pytest.fixture
def outsiders(django_user_model):
    """A stranger, and a person who may sign in but is not staff."""
    return [None, django_user_model(email="clerk@contoso.example", is_staff=False)]


def test_every_admin_address_is_behind_the_admin(outsiders):
    patterns = admin.site.get_urls()
    faults = find_open_doors(patterns, users=outsiders)

    assert len(patterns) > 10
    assert not faults, report(faults)


@pytest.mark.parametrize(
    "view",
    [lambda request, pk: HttpResponse("decided"), lambda request, pk: {}["not there"]],
    ids=["answers", "fails"],
)
def test_an_open_admin_address_is_caught(outsiders, view):
    patterns = [
        path("guarded/<int:pk>/", admin.site.admin_view(view), name="guarded"),
        path("open/<int:pk>/", view, name="open"),
    ]

    faults = find_open_doors(patterns, users=outsiders)

    assert faults
    assert all(fault.startswith("open/") for fault in faults)
