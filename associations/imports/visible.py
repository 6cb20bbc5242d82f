"""Which imports a person on the staff may make and see [R60]."""

from collections.abc import Mapping

from django.db.models import QuerySet

from ..models import ImportFile
from .kinds import Kind


def kinds_for(user, kinds: Mapping[str, Kind]) -> list[Kind]:
    """Return the kinds that this member of staff may import, in their order; partners' kinds never."""
    return [
        each for each in kinds.values() if each.permissions and user.has_perms(each.permissions)
    ]


def own_import_files(user, partner) -> QuerySet[ImportFile]:
    """Return the files that this person uploaded for a partner, newest first.

    No one else sees them: their rows may be for locations that a colleague's role does not cover [R41].
    """
    return ImportFile.objects.filter(loaded_by=user, partner=partner).order_by("-pk")


def list_kinds_visible_to(user, kinds: Mapping[str, Kind]) -> list[str]:
    """Return the codes of kinds whose files staff may see: that they may import, or may look up."""
    may_look = user.has_perm("associations.view_importfile")
    may_import = kinds_for(user, kinds)
    return [
        each.code
        for each in kinds.values()
        if each in may_import
        or (may_look and each.permissions and user.has_perms(each.view_permissions))
    ]


def import_files_visible_to(user, kinds: Mapping[str, Kind]) -> QuerySet[ImportFile]:
    """Return the files that staff may see; those of partners never."""
    return ImportFile.objects.filter(kind__in=list_kinds_visible_to(user, kinds), partner=None)
