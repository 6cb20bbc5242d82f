"""What a new site needs before its first claim, in order: the list on the staff's start page.

Each person sees the steps that they have permission for, and nothing once these are done.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from associations.enums import ImportKind
from associations.importable import KINDS
from associations.imports.visible import kinds_for
from associations.models import Subscription, SubscriptionUsage, Tenant, WorkloadUsage
from partners.models import Enrollment, Invitation, Location, Membership, Partner, User

#: The step whose page belongs to a partner.
INVITATION = "invitation"
#: The page that imports a file of one kind.
IMPORT_PAGE = "admin:associations_importfile_new"


@dataclass(frozen=True)
class Step:
    """A step: what to do and why, who can do it, and the name of the page for it."""

    key: str
    label: Promise
    purpose: Promise
    permission: str
    page: str
    #: The kind of import that does it for many at once.
    kind: str = ""


@dataclass(frozen=True)
class Progress:
    """A step as one person sees it."""

    step: Step
    is_done: bool
    #: The address of the step's page; empty while an earlier step has to come first.
    address: str
    #: The address for importing a file instead; empty if the person may not, or there is none.
    import_address: str = ""


STEPS = (
    Step(
        "staff",
        _("Add a colleague"),
        _(
            "Save the account first, then tick “Staff” and choose a group, such as Reviewer. "
            "Superusers are for setting up, not for daily work."
        ),
        "partners.add_user",
        "admin:partners_user_add",
    ),
    Step(
        "partner",
        _("Add a partner"),
        _("The companies that file claims, with their email domains."),
        "partners.add_partner",
        "admin:partners_partner_add",
        ImportKind.PARTNERS,
    ),
    Step(
        "location",
        _("Add a location"),
        _("A claim is filed for a location; its country sets holidays, its time zone deadlines."),
        "partners.add_location",
        "admin:partners_location_add",
    ),
    Step(
        "enrollment",
        _("Enroll the location"),
        _("A location can file claims only in programs that it is enrolled in."),
        "partners.add_enrollment",
        "admin:partners_enrollment_add",
    ),
    Step(
        INVITATION,
        _("Invite the partner’s first admin"),
        _("They get a link by email, and invite everyone else at the partner."),
        "partners.add_invitation",
        "admin:partners_partner_invite",
        ImportKind.PEOPLE,
    ),
    Step(
        "customers",
        _("Add customers"),
        _("Partners find a customer by its domain and Tenant ID when they file a claim."),
        "associations.add_tenant",
        "admin:associations_tenant_add",
        ImportKind.CUSTOMERS,
    ),
    Step(
        "subscriptions",
        _("Add subscriptions"),
        _("Claims for business applications name a subscription of the customer."),
        "associations.add_subscription",
        "admin:associations_subscription_add",
        ImportKind.SUBSCRIPTIONS,
    ),
    Step(
        "usage",
        _("Load usage"),
        _("Partners see how a customer uses a product once their claim for it is official."),
        "associations.load_usage",
        IMPORT_PAGE,
        ImportKind.USAGE,
    ),
)


def list_progress(user) -> list[Progress]:
    """Return the steps that ``user`` may take, in order; empty once all are done. At most one query."""
    steps = [each for each in STEPS if user.has_perm(each.permission)]
    if not steps:
        return []
    found = _find(user, [each.key for each in steps])
    importable = {kind.code for kind in kinds_for(user, KINDS)}
    progress = [
        Progress(
            each,
            found[f"has_{each.key}"],
            _link(each, found),
            _link_import(each) if each.kind in importable else "",
        )
        for each in steps
    ]
    return [] if all(each.is_done for each in progress) else progress


def _find(user, keys: list[str]) -> dict[str, Any]:
    """Return ``has_`` plus a step's key → whether it is done, and the partner to invite for."""
    done = _list_conditions(user)
    asked = {f"has_{key}": done[key] for key in keys}
    first_partner = Subquery(Partner.objects.order_by("pk").values("pk")[:1])
    found = User.objects.filter(pk=user.pk).values(first_partner=first_partner, **asked)
    return dict(found.get())


def _list_conditions(user) -> dict[str, Any]:
    """Return the key of each step → the condition that it is done."""
    colleagues = User.objects.filter(is_staff=True, is_active=True, groups__permissions__gt=0)
    if user.is_superuser:
        colleagues = colleagues.exclude(pk=user.pk)
    return {
        "staff": Exists(colleagues),
        "partner": Exists(Partner.objects.all()),
        "location": Exists(Location.objects.all()),
        "enrollment": Exists(Enrollment.objects.all()),
        "invitation": Exists(Invitation.objects.all()) | Exists(Membership.objects.all()),
        "customers": Exists(Tenant.objects.all()),
        "subscriptions": Exists(Subscription.objects.all()),
        "usage": Exists(WorkloadUsage.objects.all()) | Exists(SubscriptionUsage.objects.all()),
    }


def _link(step: Step, found: dict[str, Any]) -> str:
    """Return the address of the step's page; inviting requires a partner to exist first."""
    if step.page == IMPORT_PAGE:
        return _link_import(step)
    if step.key != INVITATION:
        return reverse(step.page)
    partner = found["first_partner"]
    return reverse(step.page, args=[partner]) if partner else ""


def _link_import(step: Step) -> str:
    return reverse(IMPORT_PAGE, args=[step.kind])
