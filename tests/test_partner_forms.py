"""Every form of a partner's page carries the partner it was opened for [R41]."""

import re

import pytest

from tests.architecture.markup import COMMENTS, read_templates

FORM = re.compile(r"<form\b[^>]*\bmethod\s*=\s*[\"']?post\b.*?</form>", re.DOTALL | re.IGNORECASE)
#: Where a page puts its own form into one of these, it fills the block with the field.
FRAMES = ("account/form_page.html",)
FIELD = "{% partner_field %}"

#: Start of a template's name → why its forms are for no partner in particular.
EXEMPT = {
    "503.html": "sends again what another page sent, its partner with it",
    "components/kept_form.html": "sends again what another page sent, its partner with it",
    "account/": "a person's own account",
    "admin/": "staff act for the operator",
    "demo/": "signs in as somebody",
    "mfa/": "a person's own account",
    "usersessions/": "a person's own account",
    "partners/invitation_": "accepting leads to a partner one does not work for yet",
    "components/language_switch.html": "a person's own language",
    "components/passkey_form.html": "a person's own account",
    "components/account_menu.html": "switches, names its partner itself; signs out",
    "components/customer_": "customers work for no partner",
    "associations/opt_out": "customers work for no partner",
    "partners/wrong_partner.html": "names the partner it was opened for before",
}


def name_of(path):
    return path.split("templates/", 1)[1]


def find_forms_for_nobody(templates):
    """Return one line for each form that does not say for which partner it is."""
    faults = []
    for path, text in templates.items():
        if name_of(path).startswith(tuple(EXEMPT)):
            continue
        bare = COMMENTS.sub("", text)
        forms = [f"{name_of(path)}: a form" for form in FORM.findall(bare) if FIELD not in form]
        framed = any(f'extends "{frame}"' in bare for frame in FRAMES) and FIELD not in bare
        faults += [*forms, *([f"{name_of(path)}: its frame's form"] if framed else [])]
    return faults


def test_every_form_of_a_partners_page_says_for_which_partner_it_is():
    assert find_forms_for_nobody(read_templates()) == []


def test_no_exemption_is_left_over():
    forms = [name_of(path) for path, text in read_templates().items() if FORM.search(text)]

    assert [start for start in EXEMPT if not any(name.startswith(start) for name in forms)] == []


@pytest.mark.parametrize(
    "text",
    [
        "<form method='post'>{% csrf_token %}</form>",
        '<form class="x"\n  METHOD="post" action="{% url "x" %}">{% csrf_token %}</form>',
        "<form method=post></form>",
        "<form method='post'>{% csrf_token %}{# {% partner_field %} #}</form>",
        "<form method='post'>{% partner_field %}</form><form method='post'></form>",
        '{% extends "account/form_page.html" %}{% block heading %}Invite{% endblock %}',
    ],
)
def test_a_form_for_nobody_is_caught(text):
    assert len(find_forms_for_nobody({"templates/partners/member.html": text})) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("partners/a.html", "<form method='post'>{% csrf_token %}{% partner_field %}</form>"),
        ("partners/a.html", "<form method='get'></form><form></form>"),
        ("account/a.html", "<form method='post'>{% csrf_token %}</form>"),
        (
            "partners/a.html",
            '{% extends "account/form_page.html" %}{% block partner %}{% partner_field %}{% endblock %}',
        ),
    ],
)
def test_other_forms_are_let_be(name, text):
    assert find_forms_for_nobody({f"templates/{name}": text}) == []
