"""What keeps pages from running or showing what they should not.

Unescaped markup is reviewed by hand, doors are shut to strangers, and every page has a strict policy.
"""

import hashlib
import types
import uuid
from collections import Counter

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, path, resolve, reverse
from django.utils import timezone

from associations.customer import notices
from associations.enums import CaseStatus, Status
from associations.lists import export_files
from associations.models import ClaimsExport, ImportFile, MediationCase
from cpor_site.web.link_tokens import lead_to_link
from partners.enums import Role
from partners.people.invitations import invite_member
from partners.people.seats import Seat
from partners.staff_groups import DATA_LOADER
from tests import cast
from tests.architecture.front_doors import fetch, find_open, list_addresses
from tests.architecture.modules import Module, read_modules
from tests.architecture.trusted_markup import (
    count_in_modules,
    count_in_templates,
    find_unreviewed,
    read_all_templates,
)

#: File → how often it trusts markup, and why that is safe. Change a number only after looking again.
REVIEWED = {
    "associations/templatetags/cpor.py": (
        5,
        """mark_safe: an icon, a constant of associations/display/icons.py, looked up by name. SafeString,
        three times: the empty string. format_html_join: a constant pattern, which escapes each part.""",
    ),
    "notifications/words/rendering.py": (
        1,
        "autoescape is off for blocks, which are plain text; the template of the HTML escapes them.",
    ),
}

#: What strangers may see, and why. All else asks them to sign in or refuses.
PUBLIC = {
    "home": "says what this is, and where to sign in",
    "about-cpor": "explains CPOR to customers [R28]",
    "theme": "the operator's colour, the same for everybody",
    "healthz": "says that the process lives, and nothing else",
    "readyz": "says which server is missing, without its address",
    "associations:opt-out": "the token of the link is the authority [R22]",
    "associations:opt-out-end": "as opt-out [R24]",
    "associations:case-question": "as opt-out [R33]",
    "partners:invitation": "the key of the link is the authority [R42]",
}


# --- Markup that is not escaped ------------------------------------------------------------------


def make_module(source):
    return Module(name="associations.pages", path="associations/pages.py", source=source)


def test_all_trusted_markup_is_reviewed():
    modules, templates = read_modules(), read_all_templates()
    found = count_in_modules(modules) + count_in_templates(templates)

    assert len(modules) > 100
    assert len(templates) > 100
    assert find_unreviewed(found, REVIEWED) == []


@pytest.mark.parametrize(
    "source",
    [
        "from django.utils.safestring import mark_safe\nx = mark_safe(name)",
        "from django.utils.safestring import mark_safe as trusted\nx = trusted(name)",
        "from django.utils import safestring\nx = safestring.mark_safe(name)",
        "x = SafeString(name)",
        "class Name(SafeData): pass",
        "class Name:\n  def __html__(self): return self.name",
        "x = map(mark_safe, names)",
        "x = format_html_join('', pattern, rows)",
        "x = format_html(f'<b>{name}</b>')",
        "x = format_html('<b>' + name + '</b>')",
        "x = Context({}, autoescape=False)",
        "@register.filter(is_safe=True)\ndef shout(name): return name",
    ],
)
def test_a_new_use_in_python_is_caught(source):
    found = count_in_modules([make_module(source)])

    assert find_unreviewed(found, {}) == ["associations/pages.py: 1 uses, 0 reviewed"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ name|safe }}",
        "{{ name|title | safe|upper }}",
        "{{ names|safeseq|join:', ' }}",
        "{% filter upper|safe %}{{ name }}{% endfilter %}",
        "{% autoescape off %}{{ name }}{% endautoescape %}",
        "{%autoescape  off%}{{ name }}{% endautoescape %}",
    ],
)
def test_a_new_use_in_a_template_is_caught(text):
    found = count_in_templates({"templates/home.html": text})

    assert find_unreviewed(found, {}) == ["templates/home.html: 1 uses, 0 reviewed"]


def test_what_escapes_is_let_be():
    source = "def f(a: SafeString) -> SafeString:\n  return format_html('<b>{}</b>', a)"

    assert count_in_modules([make_module(source)]) == Counter()
    assert count_in_templates({"a.html": "{{ safe }} {{ a|safely }} {% autoescape on %}"}) == {}


def test_one_more_or_one_less_in_a_reviewed_file_is_caught():
    reviewed = {"a.py": (2, "constants")}

    assert find_unreviewed(Counter({"a.py": 2}), reviewed) == []
    assert find_unreviewed(Counter({"a.py": 3}), reviewed) == ["a.py: 3 uses, 2 reviewed"]
    assert find_unreviewed(Counter(), reviewed) == ["a.py: 0 uses, 2 reviewed"]


# --- Doors ---------------------------------------------------------------------------------------


@pytest.fixture
def official():
    """A claim that came all the way, so that every address has something to name."""
    actor = cast.make_member(cast.make_partner())
    draft = cast.make_draft(actor.memberships.get().partner, actor, cast.make_tenant())
    return cast.walk(draft, Status.OFFICIAL, actor=actor, reviewer=cast.make_reviewer())


def invite_by(token, official):
    """An invitation whose link has the same key as the customer's: addresses are filled in by name."""
    seat = Seat(Role.INCENTIVES_USER)
    invitation = invite_member(
        official.partner,
        seat,
        email="nora@partner.example",
        language="en",
        actor=official.created_by,
    )
    invitation.key_digest = hashlib.sha256(token.encode()).hexdigest()
    invitation.save()


def contest_by(token, official):
    """A mediation about the claim's product, and a question to the customer whose link has this key."""
    product, now = official.associations.first(), timezone.now()
    case = MediationCase.objects.create(
        slot_key=product.slot_key,
        tenant=product.tenant,
        product=product.product,
        status=CaseStatus.ASKING,
        **dict.fromkeys(
            ("opened_at", "window_opened_at", "asked_at", "asked_until", "due_at"), now
        ),
    )
    case.sides.create(partner=official.partner, claim=official, joined_at=now)
    case.questions.create(name="Carla", email="c@fabrikam.example", token=token, created_at=now)


@pytest.fixture
def values(official):
    """What stands for each argument of an address; all of it exists."""
    token = notices.in_force(official).first().token
    invite_by(token, official)
    contest_by(token, official)
    key = official.documents.get().key
    export_by(key, official)
    import_by(key, official)
    return {
        "reference": official.reference,
        "page": "work",
        "role": "customer",
        "key": key,
        "token": notices.in_force(official).first().token,
        "pk": official.pk,
        "id": official.pk,
        "object_id": official.pk,
        "notice_pk": official.notices.get().pk,
        "content_type_id": 1,
        "code": "usage",
        "form": "csv",
        "stray": ")",
        "partner_key": official.partner.key,
        "product": official.associations.first().reference,
        "side_pk": official.case_sides.get().pk,
    }


def export_by(key, official):
    """An export of the claims list with this key, for the person who filed the claim."""
    membership = official.created_by.memberships.get()
    export = export_files.request_export(membership, chosen={}, language="en", now=timezone.now())
    ClaimsExport.objects.filter(pk=export.pk).update(key=key)
    export_files.write_export(export.pk)


def import_by(key, official):
    """A file of claims with this key by the same person, and a file by staff with the claim's number."""
    person, checked = official.created_by, ImportFile.State.CHECKED
    ImportFile.objects.create(pk=official.pk, name="x.csv", state=checked)
    ImportFile.objects.create(
        pk=official.pk + 1,
        kind="claims",
        key=key,
        partner=official.partner,
        loaded_by=person,
        state=checked,
    )


def list_ours(values, official):
    """Addresses under associations/ take a product's reference, the others a claim's."""
    product = {**values, "reference": official.associations.first().reference}
    patterns = get_resolver().url_patterns
    pairs = zip(list_addresses(patterns, values), list_addresses(patterns, product), strict=True)
    return [other if other.startswith("/associations/") else one for one, other in pairs]


@pytest.mark.django_db
def test_strangers_get_in_at_public_addresses_only(official, values):
    addresses = list_ours(values, official)
    linked = (
        *("associations:opt-out", "associations:opt-out-end", "associations:case-question"),
        "partners:invitation",
    )
    arguments = {name: [values["token"]] for name in linked}
    public = {reverse(name, args=arguments.get(name)) for name in PUBLIC}
    public |= {f"{reverse(name, args=arguments[name])[:-1]})" for name in linked}
    public |= {
        each for each in addresses if each.endswith(")") and resolve(each).func is lead_to_link
    }

    found = find_open(Client(), addresses)

    assert len(addresses) > 100
    assert found.keys() == public


@pytest.mark.django_db
def test_every_address_names_something_that_exists(official, values):
    """Else a view that looks before it asks who is there would pass for a closed one."""
    member, staff = Client(), Client()
    member.force_login(official.created_by)
    staff.force_login(cast.UserFactory(is_staff=True, is_superuser=True))

    mine = f"{official.partner.get_absolute_url()}claims/"

    missing = [
        address
        for address in list_ours(values, official)
        if address.startswith((mine, "/claims/", "/associations/", "/files/"))
        and fetch(member, address).status_code == 404
    ]

    assert missing == []
    assert staff.get(f"/admin/associations/claim/{official.pk}/change/").status_code == 200


@pytest.mark.django_db
def test_an_open_address_is_caught(settings):
    leaky = types.ModuleType("leaky")
    leaky.urlpatterns = [
        *get_resolver().url_patterns,
        path("all-claims/<int:pk>/", lambda request, pk: HttpResponse("every claim")),
        path("elsewhere/", lambda request: HttpResponse(status=302, headers={"Location": "/x/"})),
    ]
    settings.ROOT_URLCONF = leaky
    addresses = list(list_addresses(leaky.urlpatterns[-2:], {"pk": 1}))

    assert find_open(Client(), addresses) == {"/all-claims/1/": 200, "/elsewhere/": 302}


# --- Content security policy ---------------------------------------------------------------------


def read_policy(response):
    """The policy as directive → its sources."""
    policy = response.headers["Content-Security-Policy"]
    words = [part.split() for part in policy.split(";") if part.strip()]
    return {name: set(sources) for name, *sources in words}


def find_weak(policy):
    """What in a policy would let a page run or load what is not ours."""
    wide = {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:"}
    faults = [f"{name} {source}" for name, some in policy.items() for source in some & wide]
    if policy.get("default-src") != {"'self'"}:
        faults.append("default-src is not 'self' alone")
    scripts = policy.get("script-src", {"'self'"})
    return faults + [f"script-src {source}" for source in scripts - {"'self'"}]


PAGES = {
    "start": ("stranger", "/", 200),
    "explanation": ("stranger", "/about-cpor/", 200),
    "sign-in": ("stranger", "/accounts/login/", 200),
    "nowhere": ("stranger", "/nowhere/", 404),
    "redirect": ("stranger", "/claims/", 302),
    "dashboard": ("member", "/p/{partner_key}/", 200),
    "claims": ("member", "/p/{partner_key}/claims/", 200),
    "claim": ("member", "/claims/{reference}/", 200),
    "filing": ("member", f"/p/{{partner_key}}/claims/new/{uuid.UUID(int=1)}/", 200),
    "usage": ("member", "/associations/{product}/usage/", 200),
    "mediation": ("member", "/claims/{reference}/mediation/{product}/", 200),
    "question": ("stranger", "/which-partner/{token}/", 200),
    "refused": ("member", "/admin/login/", 403),
    "admin": ("reviewer", "/admin/", 200),
    "queue": ("reviewer", "/admin/associations/claim/", 200),
    "decision": ("reviewer", "/admin/associations/claim/{pk}/change/", 200),
    "upload": ("loader", "/admin/associations/importfile/new/usage/", 200),
    "customer": ("stranger", "/opt-out/{token}/", 200),
    "ending": ("stranger", "/opt-out/{token}/end/", 200),
    "dead link": ("stranger", "/opt-out/never-given-out/", 404),
}


@pytest.fixture
def visit(official, values):
    """Get a page of PAGES as whom it is for."""
    people = {
        "member": official.created_by,
        "reviewer": cast.make_reviewer(),
        "loader": cast.make_staff(DATA_LOADER),
    }

    def get(who, address):
        client = Client()
        if who in people:
            client.force_login(people[who])
        return client.get(address.format(**values))

    return get


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "address", "status"), PAGES.values(), ids=PAGES)
def test_every_kind_of_page_has_a_strict_policy(visit, who, address, status):
    page = visit(who, address)

    assert page.status_code == status
    assert find_weak(read_policy(page)) == []


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'self'; script-src 'self' 'unsafe-inline'",
        "default-src 'self'; style-src 'self' 'unsafe-inline'",
        "default-src 'self'; script-src 'unsafe-eval'",
        "default-src 'self' https:",
        "default-src 'self'; script-src 'self' cdn.example",
        "img-src 'self'",
    ],
)
def test_a_weak_policy_is_caught(policy):
    answer = HttpResponse(headers={"Content-Security-Policy": policy})

    assert find_weak(read_policy(answer))


def test_a_strict_policy_is_let_be():
    policy = "default-src 'self'; img-src 'self' data:; base-uri 'none'"

    assert find_weak(read_policy(HttpResponse(headers={"Content-Security-Policy": policy}))) == []
