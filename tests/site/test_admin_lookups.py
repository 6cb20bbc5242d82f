"""A list in admin answers by its own filters alone: a person who sees a row can ask for nothing behind it [R37]."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.auth import get_user, get_user_model
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import OrderBy
from django.test import RequestFactory
from django.urls import reverse

from associations.enums import Status
from associations.models import Claim
from cpor_site.web.admin_site import CporAdminSite, StaffAdmin
from notifications.models import Message
from partners.staff_groups import STAFF_GROUPS
from tests import cast
from tests.soak import choose

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

GROUPS = {group.name: group for group in STAFF_GROUPS}
#: What each list may be asked for, written out by hand; an admin that is not here may be asked for nothing.
DECLARED = {
    "notifications.message": {
        *("state__exact", "state__isnull", "kind__exact", "kind__isnull"),
        *("language", "created_at__gte", "created_at__lt"),
    },
    "partners.accessrecord": {"kind__exact", "kind__isnull"},
    "partners.invitation": {
        *("state__exact", "state__isnull", "role__exact", "role__isnull"),
        *("is_undelivered__exact", "is_undelivered__isnull"),
    },
    "partners.membership": {
        *("role__exact", "role__isnull"),
        *("has_all_locations__exact", "has_all_locations__isnull", "partner"),
    },
    "partners.location": {"partner"},
    "partners.user": {
        *("is_staff__exact", "is_staff__isnull", "is_active__exact", "is_active__isnull"),
        *("groups__id__exact", "groups__isnull"),
    },
    "partners.program": {"is_active__exact", "is_active__isnull"},
    "partners.enrollment": {"program__id__exact", "program__isnull"},
    "associations.product": {
        *("solution_area__exact", "solution_area__isnull"),
        *("is_active__exact", "is_active__isnull"),
    },
    "associations.timelimit": {
        *("window__exact", "window__isnull", "program__id__exact", "program__isnull"),
    },
    "associations.claim": {
        *("status", "sla", "reviewer", "turn", "program", "country", "competing", "parked"),
    },
    "associations.mediationcase": {"status", "sla"},
    "associations.tenant": {"language__exact", "language__isnull"},
    "associations.subscription": {
        *("state__exact", "state__isnull", "channel__exact", "channel__isnull"),
    },
    "associations.customerrequest": {"state__exact", "state__isnull"},
    "associations.registeredcontact": {
        *("is_undelivered__exact", "is_undelivered__isnull", "language__exact", "language__isnull"),
    },
    "associations.importfile": {"kind", "state__exact", "state__isnull"},
    "notifications.lookatentry": {"state", "kind__exact", "kind__isnull"},
}
ENDS = ("", "__exact", "__isnull", "__startswith", "__regex", "__gt", "__gte", "__lt", "__in")
#: What was asked once, and answered.
ATTACKS = [
    ("notifications.message", "context__url__startswith", "https"),
    ("notifications.message", "context__startswith", "{"),
    ("notifications.message", "key__startswith", "c"),
    ("partners.user", "password__startswith", "pbkdf2"),
    ("partners.user", "authenticator__isnull", "1"),
    ("partners.user", "usersession__isnull", "0"),
    ("partners.user", "memberships__isnull", "0"),
    ("partners.invitation", "key_digest__startswith", "a"),
    ("partners.partner", "claims__isnull", "0"),
    ("partners.partner", "associations__isnull", "0"),
    ("partners.location", "claims__isnull", "0"),
    ("associations.tenant", "claims__isnull", "0"),
    ("associations.tenant", "claims__notices__token__startswith", "a"),
    ("associations.subscription", "associations__isnull", "0"),
    ("associations.subscription", "sold_seats__gt", "1"),
    ("associations.claim", "notices__token__startswith", "a"),
    ("associations.claim", "rejection_reason", "lost-mediation"),
]
SECRETS = {
    *(("partners.user", "password"), ("partners.invitation", "key_digest")),
    *(("notifications.message", "context"), ("associations.customernotice", "html")),
    *(("associations.customernotice", "token"), ("associations.customernotice", "text")),
    *(("mfa.authenticator", "data"), ("sessions.session", "session_key")),
}


def list_admins():
    return {model._meta.label_lower: each for model, each in admin.site._registry.items()}


def list_of(label):
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


@pytest.fixture
def filled():
    """Something in each list that is filtered."""
    partner = cast.make_partner()
    person = cast.make_member(partner)
    cast.make_member(partner, role="incentives-user")
    for number in range(2):
        tenant = cast.make_tenant(f"t{number}.example", language=["en", "pt-br"][number])
        draft = cast.make_draft(partner, person, tenant, codes=("sales",), activity="presales")
        cast.walk(draft, Status.APPROVED, actor=person, reviewer=cast.make_reviewer())
    Message.objects.filter(pk=Message.objects.first().pk).update(language="pt-br")


@pytest.fixture(params=[*GROUPS, "superuser"])
def staff_client(request, client):
    if request.param == "superuser":
        user = get_user_model().objects.create_superuser("root@northwind.example", "x")
    else:
        user = cast.make_staff(GROUPS[request.param])
    client.force_login(user)
    return client


# --- What is not offered -------------------------------------------------------------------------


def list_paths(model, *, depth=2):
    """Every column and relation of a model, and of what it leads to."""
    for field in model._meta.get_fields(include_hidden=True):
        yield field.name
        if field.is_relation and field.related_model and depth > 1:
            for rest in list_paths(field.related_model, depth=depth - 1):
                yield f"{field.name}{LOOKUP_SEP}{rest}"


@pytest.mark.parametrize("label", list_admins())
def test_nothing_but_what_a_filter_names_may_be_asked_for(label):
    model_admin = list_admins()[label]
    request = RequestFactory().get("/")
    paths = ["pk", "nonsense", *list_paths(model_admin.model)]
    asked = {path + end for path in paths for end in ENDS} | DECLARED.get(label, set())

    allowed = {each for each in asked if model_admin.lookup_allowed(each, "1", request)}

    assert len(asked) > 50
    assert allowed == DECLARED.get(label, set())


def test_no_group_gets_a_list_by_what_is_not_offered(filled, staff_client):
    odd = [(label, "pk__gt", "1") for label in list_admins()]
    plain = {label: staff_client.get(list_of(label)).status_code for label in list_admins()}
    assert set(plain.values()) <= {200, 403}

    for label, lookup, value in [*ATTACKS, *odd]:
        answers = [staff_client.get(list_of(label), {lookup: value})]
        answers.append(staff_client.post(f"{list_of(label)}?{lookup}={value}", {"action": "x"}))

        wanted = {200: 400, 403: 403}[plain[label]]
        assert [each.status_code for each in answers] == [wanted, wanted], (label, lookup)


def test_what_a_package_registers_is_limited_too():
    site = CporAdminSite()

    class PackagesAdmin(admin.ModelAdmin):
        date_hierarchy = "expire_date"

        def lookup_allowed(self, lookup, value, request=None):
            return True

    site.register(Session, PackagesAdmin)
    site.register(Message, list_filter=["state"])

    sessions, messages = site._registry[Session], site._registry[Message]
    allowed = [
        (each, model_admin.lookup_allowed(each, "1", RequestFactory().get("/")))
        for model_admin, lookups in (
            (sessions, ("session_key__startswith", "expire_date__gt", "expire_date__year")),
            (messages, ("context__url__startswith", "state__exact")),
        )
        for each in lookups
    ]
    assert isinstance(sessions, StaffAdmin)
    assert [each for each, is_allowed in allowed if is_allowed] == [
        "expire_date__year",
        "state__exact",
    ]


def name_of(order) -> str:
    """The column by which a list is ordered, given by name or as an expression."""
    return order.expression.name if isinstance(order, OrderBy) else str(order).lstrip("-")


@pytest.mark.parametrize("label", list_admins())
def test_no_secret_is_searched_or_sorted_by(label):
    model_admin = list_admins()[label]
    paths = [path.lstrip("^=@") for path in model_admin.search_fields]
    paths += [name_of(path) for path in model_admin.get_ordering(RequestFactory().get("/"))]
    for column in model_admin.list_display:
        shown = getattr(model_admin, str(column), None)
        paths.append(str(getattr(shown, "admin_order_field", "pk") if shown else column))
    unfolded = [
        get_fields_from_path(model_admin.model, path) for path in paths if path not in ("pk", "")
    ]

    ends = {(fields[-1].model._meta.label_lower, fields[-1].name) for fields in unfolded}
    led_to = {field.related_model for fields in unfolded for field in fields if field.is_relation}

    assert not ends & SECRETS
    assert Claim not in led_to


# --- What is offered -----------------------------------------------------------------------------


def find_links(page):
    """Addresses and choices by which a list offers to be narrowed, ordered or turned."""
    links = {unescape(each) for each in re.findall(r'href="(\?[^"]*)"', page)}
    links = {each for each in links if not re.search(r"[?&]o=-|[?&]o=.*\.", each)}  # one a column
    for name, options in re.findall(r'(?s)<select[^>]*name="(\w+)"(.*?)</select>', page):
        if name != "action":
            values = re.findall(r'<option value="([^"]*)"', options)
            links |= {f"?{name}={value}" for value in values if value}
    return links


def test_every_link_that_a_list_offers_works(filled, staff_client):
    followed = set()
    is_root = get_user(staff_client).is_superuser  # the others are offered some of the same
    for label in list_admins():
        plain = staff_client.get(list_of(label))
        links = find_links(plain.content.decode()) if plain.status_code == 200 else ()
        for link in choose(sorted(links), one_in=1 if is_root else 3):
            answer = staff_client.get(list_of(label) + link)

            assert answer.status_code == 200, link
            followed |= {(label, name) for name, _value in parse_qsl(link[1:])}

    seen = {label for label, _name in followed}
    assert seen
    if not is_root:
        return
    offered = {(label, each) for label in seen for each in DECLARED.get(label, ())}
    missing = {(label, name) for label, name in offered - followed if "__isnull" not in name}
    # A partner's page leads to its own members and locations; their lists offer no partner.
    assert {name for _label, name in missing} <= {"competing", "parked", "country", "partner"}


def test_a_filter_narrows_as_before(filled, client):
    client.force_login(get_user_model().objects.create_superuser("root@northwind.example", "x"))

    page = client.get(list_of("associations.tenant"), {"language__exact": "pt-br"})

    assert [each.language for each in page.context["cl"].result_list] == ["pt-br"]


# --- “View on site” ------------------------------------------------------------------------------


def test_no_one_is_told_where_a_row_is_on_the_site(staff_client):
    partner = cast.make_partner()
    draft = cast.make_draft(partner, cast.make_member(partner), cast.make_tenant())
    kind = ContentType.objects.get_for_model(Claim)

    answer = staff_client.get(f"/admin/r/{kind.pk}/{draft.pk}/")

    assert answer.status_code == 404
    assert draft.reference not in answer.content.decode() + str(answer.headers)
    assert all(each.view_on_site is False for each in list_admins().values())
