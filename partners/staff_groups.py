"""What each kind of staff can do, as groups that a migration creates (section 11, the staff column).

None of them can set a partner's roles or act in a partner's name: partners manage their own access.
Only superusers manage staff accounts and their groups; nothing else needs one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop

#: Applications whose pages staff use.
APPLICATIONS = ("partners", "associations", "notifications")


@dataclass(frozen=True)
class StaffGroup:
    """A group: its name and purpose in English, and permissions as "application.permission"."""

    name: str
    purpose: str
    permissions: tuple[str, ...]


def _each(verbs: str, *models: str) -> tuple[str, ...]:
    """Permissions for every verb on every model: ``_each("view add", "partners.location")``."""
    parts = [model.split(".") for model in models]
    return tuple(f"{app}.{verb}_{model}" for app, model in parts for verb in verbs.split())


#: What reviewers compare a claim with, and all staff can look up.
REGISTER = (
    *("partners.partner", "partners.partnerdomain", "partners.location", "partners.enrollment"),
    *("partners.program", "associations.tenant", "associations.tenantdomain"),
    *("associations.registeredcontact", "associations.subscription", "associations.product"),
)

#: Registered contacts: maintained by programme managers, read by reviewers and support [R57].
REGISTERED_CONTACTS = _each("view add change delete", "associations.registeredcontact")

#: Entries to look at; each kind requires another permission (notifications/to_look_at.py) [R59].
LOOK_AT = ("notifications.view_lookatentry", "notifications.close_lookatentry")

#: Customers that partners ask for [R58].
CUSTOMER_REQUESTS = ("associations.view_customerrequest", "associations.answer_customerrequest")

#: Mediation cases: reviewers and support read them, review leads decide [R33].
READ_CASES = ("associations.view_mediationcase",)
MEDIATION = (*READ_CASES, "associations.mediate")

REVIEWER = StaffGroup(
    gettext_noop("Reviewer"),
    gettext_noop(
        "Reviews claims, decides disputes, and follows up emails that were not delivered."
    ),
    (
        "associations.review_claim",
        *READ_CASES,
        *_each("view", *REGISTER, "associations.timelimit", "notifications.message"),
        "notifications.retry_message",
        "notifications.mark_bounced",
        *LOOK_AT,
    ),
)
REVIEW_LEAD = StaffGroup(
    gettext_noop("Review lead"),
    gettext_noop(
        "Assigns claims to reviewers, decides mediations, sees how long claims have been waiting, and "
        "is told of late ones."
    ),
    (
        "associations.assign_review",
        "associations.view_ageing",
        *MEDIATION,
        *_each("view", *REGISTER, "associations.timelimit", "associations.claim"),
    ),
)
PROGRAMME_MANAGER = StaffGroup(
    gettext_noop("Programme manager"),
    gettext_noop(
        "Maintains the catalogue, time limits, partners, enrollments and customers, and invites "
        "a partner's first admin. Cannot see claims."
    ),
    (
        *_each("view add change", *(each for each in REGISTER if each != "partners.program")),
        *_each("view change", "partners.program"),
        *_each("view add change delete", "associations.timelimit"),
        *_each("delete", "partners.partnerdomain", "partners.enrollment"),
        *_each("delete", "associations.product", "associations.tenant"),
        *_each("delete", "associations.tenantdomain", "associations.subscription"),
        *_each("delete", "associations.registeredcontact"),
        *CUSTOMER_REQUESTS,
        *_each("view", "partners.membership"),
        *_each("view add", "partners.invitation"),
        *_each("view change", "partners.user"),
        *LOOK_AT,
    ),
)
DATA_LOADER = StaffGroup(
    gettext_noop("Data loader"),
    gettext_noop("Loads usage files, and looks up the customers and subscriptions they name."),
    (
        "associations.load_usage",
        *_each("view", "associations.tenant", "associations.tenantdomain"),
        *_each("view", "associations.subscription", "associations.product"),
    ),
)
SUPPORT = StaffGroup(
    gettext_noop("Support"),
    gettext_noop(
        "Reads claims, emails, partners and records to answer questions. Cannot change anything."
    ),
    (
        *_each("view", *REGISTER, "associations.timelimit", "associations.claim"),
        *READ_CASES,
        *_each("view", "associations.customerrequest"),
        *_each("view", "associations.importfile", "partners.accessrecord"),
        *_each("view", "notifications.message", "partners.membership", "partners.user"),
        *_each("view", "partners.invitation", "notifications.lookatentry"),
    ),
)
STAFF_GROUPS = (REVIEWER, REVIEW_LEAD, PROGRAMME_MANAGER, DATA_LOADER, SUPPORT)


@transaction.atomic
def make_staff_groups(
    wanted: Iterable[StaffGroup] = STAFF_GROUPS,
    *,
    using: str = DEFAULT_DB_ALIAS,
    reset: bool = False,
) -> list[Group]:
    """Create those of the ``wanted`` groups that are missing; with ``reset``, restore the permissions of
    the others.

    An existing group keeps what superusers changed. Raises LookupError for a permission
    that does not exist.
    """
    # Django creates permissions after the last migration, but this runs during one.
    for label in APPLICATIONS:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    groups = []
    for each in wanted:
        group, is_new = Group.objects.db_manager(using).get_or_create(name=each.name)
        if is_new or reset:
            group.permissions.set(find_permissions(each.permissions, using=using))
        groups.append(group)
    return groups


@transaction.atomic
def extend_staff_groups(codes: Iterable[str], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Give new permissions to the groups of an existing site that ship with them.

    ``codes`` are permissions that this version added. Nothing is removed, and a group that a
    superuser renamed or deleted is left alone. Raises LookupError for a code that does not exist.
    """
    for label in APPLICATIONS:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    new = set(codes)
    for each in STAFF_GROUPS:
        added = find_permissions(new.intersection(each.permissions), using=using)
        for group in Group.objects.db_manager(using).filter(name=each.name):
            group.permissions.add(*added)


def find_permissions(codes: Iterable[str], *, using: str = DEFAULT_DB_ALIAS) -> list[Permission]:
    """Return the permissions with these codes; raise LookupError for one that does not exist."""
    wanted = Q(pk__in=[])
    for code in codes:
        app_label, _dot, codename = code.partition(".")
        wanted |= Q(content_type__app_label=app_label, codename=codename)
    found = list(Permission.objects.using(using).filter(wanted).select_related("content_type"))
    known = {f"{each.content_type.app_label}.{each.codename}" for each in found}
    if missing := set(codes) - known:
        raise LookupError(f"There are no such permissions: {sorted(missing)}")
    return found


def name_group(group: Group) -> str:
    """Return the group's name in the reader's language; a custom group's name is unchanged."""
    ours = {each.name for each in STAFF_GROUPS}
    return gettext(group.name) if group.name in ours else group.name


def describe_group(group: Group) -> str:
    """Return the group's purpose in the reader's language; empty for a custom group."""
    purposes = {each.name: each.purpose for each in STAFF_GROUPS}
    return gettext(purposes[group.name]) if group.name in purposes else ""
