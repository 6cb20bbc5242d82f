"""Emails about a mediation: to each side, which never learns who the others are, and to staff [R33], [R35].

Each is sent once for a limit or a decision of the case, whose instant is in its key.
"""

from collections.abc import Collection

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cpor_site.web.instants import to_microseconds
from partners.models import User

from ..display.sentences import describe_deadline
from ..enums import Actor, AssociationStatus, ClaimEmail
from ..models import Association, CaseSide, Claim, Event, MediationCase
from .recipients import address_person, find_staff_with, find_support
from .to_partner import tell_contact
from .wording import Value, absolute, queue

MEDIATE = "associations.mediate"


def mediation_opened(side: CaseSide) -> None:
    """Ask a side for its newest proof and a statement by the case's deadline."""
    _tell_side(ClaimEmail.MEDIATION_OPENED, side, deadline=lambda: describe_limit(side.case))


def mediation_extended(side: CaseSide) -> None:
    """Say that the statements have a new deadline, the same for all sides."""
    has_stated = bool(side.stated_at)
    _tell_side(
        ClaimEmail.MEDIATION_EXTENDED,
        side,
        deadline=lambda: describe_limit(side.case),
        statement=side.statement if has_stated else "",
    )


def mediation_reminder(side: CaseSide) -> None:
    """Remind a side that has given no statement of the deadline; once in its limit [R61]."""
    _tell_side(ClaimEmail.MEDIATION_REMINDER, side, deadline=lambda: describe_limit(side.case))


def mediation_won(side: CaseSide) -> None:
    """Say that the decision names this partner, and what follows."""
    _tell_side(
        ClaimEmail.MEDIATION_WON,
        side,
        words=side.case.reason,
        how=lambda: describe_decider(side.case),
    )


def mediation_lost(side: CaseSide, *, can_dispute: bool) -> None:
    """Say that the decision names someone else or no one, why, and until when it can be disputed."""
    _tell_side(
        ClaimEmail.MEDIATION_LOST,
        side,
        words=side.case.reason,
        how=lambda: describe_decider(side.case),
        deadline=lambda: describe_limit(side.case) if can_dispute else "",
    )


def mediation_dispute_reminder(side: CaseSide) -> None:
    """Remind a side that lost of the deadline to dispute the decision; once in its limit [R61]."""
    _tell_side(
        ClaimEmail.MEDIATION_DISPUTE_REMINDER, side, deadline=lambda: describe_limit(side.case)
    )


def mediation_disputed(case: MediationCase, by: CaseSide) -> None:
    """Tell staff, and the side that the decision names, that it is disputed."""
    _tell_mediators(ClaimEmail.CASE_DISPUTED, case, partner=str(by.partner), words=by.dispute)
    if winner := case.sides.filter(partner=case.winner_id).select_related("claim__partner").first():
        winner.case = case
        _tell_side(ClaimEmail.MEDIATION_UNSETTLED, winner)


def mediation_over(side: CaseSide) -> None:
    """Say that the mediation ended without a decision that stands."""
    _tell_side(ClaimEmail.MEDIATION_OVER, side)


def handed_over(claim: Claim, event: Event, *, products: Collection[str], words: str) -> None:
    """Say that the claim's products went to the partner that the mediation was decided for."""
    key = f"handed-over:{claim.pk}:{event.number}"
    tell_contact(ClaimEmail.HANDED_OVER, claim, key=key, products=", ".join(products), words=words)


def case_to_decide(case: MediationCase, sides: Collection[CaseSide]) -> None:
    """Tell those who may decide that a mediation waits for them, until when, and who stated what."""
    silent = [str(each.partner) for each in sides if not each.stated_at]
    _tell_mediators(ClaimEmail.CASE_TO_DECIDE, case, silent=", ".join(silent))


def case_late(case: MediationCase) -> None:
    """Tell those who may decide that the deadline of a mediation has passed; once in its limit [R61]."""
    _tell_mediators(ClaimEmail.CASE_LATE, case)


def describe_limit(case: MediationCase) -> str:
    """Return the case's deadline in words: in the operator's zone, the same for all sides."""
    return describe_deadline(case.due_at, settings.OPERATOR_TIME_ZONE)


def describe_decider(case: MediationCase) -> str:
    """Say who decided, and whether the customer was asked: partners learn that with the decision [R33]."""
    if case.decider == Actor.CUSTOMER:
        return _("We asked the customer, and their answer decided.")
    if case.sides.filter(disputed_at__isnull=False).exists():
        return _("The reviewers decided again after a dispute.")
    if case.asked_at is not None:
        return _("We asked the customer. They left the choice to us, so the reviewers decided.")
    return _("The reviewers decided on the basis of the proof and the statements.")


def find_reference(side: CaseSide) -> str:
    """Return the reference of the side's product, which its partner's pages about the case carry."""
    own = Association.objects.filter(claim=side.claim_id, slot_key=side.case.slot_key).exclude(
        status=AssociationStatus.EXCLUDED
    )
    return own.values_list("reference", flat=True).first() or ""


def _tell_side(kind: ClaimEmail, side: CaseSide, **values: Value) -> None:
    key = _name(kind, side.case, side.pk)
    values = {"product": str(side.case.product), "url": _find_page(side), **values}
    tell_contact(kind, side.claim, key=key, **values)


def _find_page(side: CaseSide) -> str:
    claim = side.claim
    if reference := find_reference(side):
        page = reverse("associations:claim-mediation", args=[claim.reference, reference])
        return absolute(page)
    return absolute(claim.get_absolute_url())


def _tell_mediators(kind: ClaimEmail, case: MediationCase, **values: Value) -> None:
    """Queue an email to each review lead without a stake in the case [R19], or else to support."""
    facts: dict[str, Value] = {
        "product": str(case.product),
        "customer": str(case.tenant),
        "url": absolute(case.get_admin_url()),
        "deadline": lambda: describe_limit(case),
    }
    people = find_mediators(case)
    to = {f":{each.pk}": address_person(each) for each in people} or {"": find_support()}
    for mark, recipient in to.items():
        queue(kind, key=_name(kind, case) + mark, to=recipient, values={**facts, **values})


def find_mediators(case: MediationCase) -> list[User]:
    """Return the staff who may decide the case and are members of none of its partners."""
    partners = case.sides.values("partner")
    people = find_staff_with(MEDIATE, include_superusers=False)
    return list(people.exclude(memberships__partner__in=partners))


def _name(kind: ClaimEmail, case: MediationCase, side: int = 0) -> str:
    """Return the key of an email about the limit or the decision that the case has now."""
    at = case.window_opened_at or case.opened_at
    parts = [kind.value.replace("_", "-"), str(case.pk), str(to_microseconds(at))]
    return ":".join([*parts, str(side)] if side else parts)
