from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Q

#: Group → what its members may do, as "application.permission" (section 11, the staff's column).
STAFF_GROUPS = {
    "Reviewers": (
        "associations.review_claim",
        "associations.load_usage",
        "associations.view_usageimport",
        "associations.add_usageimport",
        "associations.view_product",
        "associations.add_product",
        "associations.change_product",
        "associations.view_timelimit",
        "associations.add_timelimit",
        "associations.change_timelimit",
        "associations.delete_timelimit",
        "associations.view_tenant",
        "associations.view_tenantdomain",
        "associations.view_subscription",
        "partners.view_partner",
        "partners.view_location",
        "partners.view_program",
        "partners.view_enrollment",
    ),
    "Partner managers": (
        *(
            f"partners.{verb}_{model}"
            for verb in ("view", "add", "change")
            for model in (
                "partner",
                "partnerdomain",
                "location",
                "enrollment",
                "membership",
                "user",
            )
        ),
        "partners.delete_partnerdomain",
        "partners.delete_enrollment",
        "partners.delete_membership",
        "partners.view_program",
        "partners.change_program",
        *(
            f"associations.{verb}_{model}"
            for verb in ("view", "add", "change")
            for model in ("tenant", "tenantdomain", "subscription")
        ),
    ),
}


class Command(BaseCommand):
    help = (
        "Make the staff groups “Reviewers” and “Partner managers” with their permissions. "
        "A group that is there already keeps what you changed; --reset gives it the defaults again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--reset", action="store_true", help="set existing groups back too")

    @transaction.atomic
    def handle(self, *, reset: bool, **_options):
        for name, codes in STAFF_GROUPS.items():
            group, is_new = Group.objects.get_or_create(name=name)
            if is_new or reset:
                group.permissions.set(find_permissions(codes))
            self.stdout.write(f"{name}: {group.permissions.count()} permissions")


def find_permissions(codes) -> list[Permission]:
    """The permissions of these codes; raises LookupError for one that does not exist."""
    wanted = Q(pk__in=[])
    for code in codes:
        app_label, _dot, codename = code.partition(".")
        wanted |= Q(content_type__app_label=app_label, codename=codename)
    found = list(Permission.objects.filter(wanted).select_related("content_type"))
    if len(found) != len(set(codes)):
        known = {f"{each.content_type.app_label}.{each.codename}" for each in found}
        raise LookupError(f"There are no such permissions: {sorted(set(codes) - known)}")
    return found
