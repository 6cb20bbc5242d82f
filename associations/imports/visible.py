"""Which imports a person on the staff may make and see [R60]."""

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from ..models import ImportFile
from .kinds import Kind


def kinds_for(user, kinds: Mapping[str, Kind]) -> list[Kind]:
    """Return the kinds that this member of staff may import, in their order; partners' kinds never."""
    return [
        each for each in kinds.values() if each.permissions and user.has_perms(each.permissions)
    ]


def own_import_files(user, partner) -> QuerySet[ImportFile]:
    """Return the files that this person uploaded for a partner, newest first.

    Nobody else sees them: their rows may be for locations that a colleague's role does not cover [R41].
    """
    return ImportFile.objects.filter(loaded_by=user, partner=partner).order_by("-pk")


def import_files_visible_to(user, kinds: Mapping[str, Kind]) -> QuerySet[ImportFile]:
    """Return the files that staff may see: of what they may import, or may look up with its files."""
    visible = Q(kind__in=[each.code for each in kinds_for(user, kinds)])
    if user.has_perm("associations.view_importfile"):
        known = [
            each.code
            for each in kinds.values()
            if each.permissions and user.has_perms(each.view_permissions)
        ]
        visible |= Q(kind__in=known)
    return ImportFile.objects.filter(visible, partner=None)
