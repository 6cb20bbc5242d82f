"""What a text that several sides read must not contain: anything that tells them who the others are [R33]."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from partners.models import PartnerDomain

from ..claims.lifecycle import LifecycleError
from ..models import CaseSide, Claim, MediationCase


class NamesASide(LifecycleError):
    """A text tells a side who another one is."""


def require_neutral(text: str, sides: Iterable[CaseSide]) -> None:
    """Raise NamesASide if ``text`` names a side: its company, claim, domain or Partner ID."""
    if named := find_named(text, sides):
        raise NamesASide(
            _(
                "All sides read this, and no partner may learn who the others are: leave out "
                "%(names)s."
            )
            % {"names": ", ".join(named)}
        )


def require_silent(text: str, *, to: Claim) -> None:
    """Raise NamesASide if ``text`` of the staff tells the partner of a claim who else is in its mediations.

    That holds for those that are closed, too. One query for a claim without any, none for an empty text.
    """
    if not text:
        return
    about = MediationCase.objects.filter(
        slot_key__in=to.associations.order_by().values("slot_key"), sides__partner=to.partner_id
    )
    others = CaseSide.objects.filter(case__in=about.order_by().values("pk"))
    sides = others.exclude(partner=to.partner_id).select_related("partner", "claim")
    if named := find_named(text, sides):
        raise NamesASide(
            _("This partner must not learn who the other side is: leave out %(names)s.")
            % {"names": ", ".join(named)}
        )


def find_named(text: str, sides: Iterable[CaseSide]) -> list[str]:
    """Return what in ``text`` gives away a side, as whole words in any capitals."""
    listed = list(sides)
    return [each for each in _list_marks(listed) if _contains(text, each)] if listed else []


def _list_marks(sides: list[CaseSide]) -> list[str]:
    partners = {each.partner_id: each.partner for each in sides}
    domains = PartnerDomain.objects.filter(partner__in=partners).values_list("domain", flat=True)
    claims = [each.claim.reference for each in sides]
    codes = [
        code
        for partner in partners.values()
        for code in partner.locations.values_list("partner_code", flat=True)
    ]
    return sorted({*(each.name for each in partners.values()), *domains, *claims, *codes})


def _contains(text: str, mark: str) -> bool:
    return (
        bool(mark)
        and re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", text, re.IGNORECASE) is not None
    )
