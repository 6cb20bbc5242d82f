"""What a notice to the customer says, in the words of its reader [R20]."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from cpor_site.web.addresses import fold_address
from cpor_site.web.countries import name_country

from ..claims.deadlines import Deadline
from ..emails import messages
from ..enums import AssociationStatus, ContactRole
from ..models import Association, Claim
from . import registered


def products_asked_for(claim: Claim) -> list[Association]:
    """What a notice asks the customer about: neither excluded at review nor refused.

    Where all of it is refused already (and can be taken back), the refused products are named.
    """
    statuses = (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
    named = list(claim.associations.filter(status__in=statuses).select_related("product"))
    undecided = [each for each in named if each.status == AssociationStatus.PROPOSED]
    return undecided or named


def describe_data(associations: Collection[Association]) -> str:
    """What the partner will see, in the words of the reader [R20], [R36]."""
    seen = []
    if any(each.subscription_id is None for each in associations):
        seen.append(_("how many people use it each month, and how many paid units you have"))
    if any(each.subscription_id for each in associations):
        seen.append(_("how many seats are sold, assigned and in use each month"))
    return "; ".join(seen)


def describe_asker(claim: Claim) -> str:
    """Name the person who asks: the claim's partner contact; "" where it names none."""
    contact = claim.contacts.filter(role=ContactRole.PARTNER).first()
    return contact.name if contact else ""


def describe_location(claim: Claim) -> str:
    """Name the partner's location that asks, with its country in the reader's language."""
    return f"{claim.location.name}, {name_country(claim.location.country)}"


def describe_promise(promise: Deadline) -> str:
    """Name the last moment of a window that is promised [R6]."""
    return messages.describe_deadline(promise.at, promise.time_zone)


def describe_now(claim: Claim, promise: Deadline) -> dict[str, str]:
    """The values of a notice that are found as it is sent, whatever they were when it was queued."""
    return {
        "deadline": describe_promise(promise),
        "if_later": describe_later_end(claim),
        "asker": describe_asker(claim),
        "location": describe_location(claim),
    }


def describe_later_end(claim: Claim) -> str:
    """Tell one of several readers that the time may end later than this email says, or "" [R20], [R21].

    It ends by the day on which the last of them was reached, so never sooner than any email says.
    """
    readers = {fold_address(each.email) for each in registered.list_named(claim)}
    if len(readers) == 1 and registered.find_registered(claim) is None:
        return ""
    return _(
        "A colleague also receives this email. If theirs arrives later, you both have more time: "
        "the page behind the link always shows the current deadline."
    )
