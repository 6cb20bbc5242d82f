"""What customer, partner and staff are told when a customer refuses or takes a refusal back [R23]."""

from django.utils.translation import gettext

from .. import clock
from ..claims.grace import is_window_open
from ..claims.history import By, record_event
from ..emails import messages
from ..enums import EventKind, Status
from ..models import Association, Claim, CustomerNotice


def tell_everyone(
    claim: Claim,
    notice: CustomerNotice,
    kind: EventKind,
    mail: str,
    chosen: list[Association],
    *,
    reason: str = "",
) -> None:
    """Record it in the history, and write to the customer, the partner and staff."""
    names = [str(each.product) for each in chosen]
    by = By.customer(notice.signature)
    event = record_event(claim, kind, by=by, reason=reason, subjects=names)
    key, products = f"{kind}:{event.pk}", ", ".join(names)
    messages.tell_customer(
        notice,
        f"customer_{mail}",
        key=f"{key}:customer",
        products=products,
        until_when=lambda: _describe_return(claim, kind),
    )
    facts: dict[str, messages.Value] = {
        "products": products,
        "reason": reason,
        "what_next": lambda: _describe_rest(claim),
    }
    messages.tell_partner(claim, f"partner_{mail}", key=f"{key}:partner", **facts)
    messages.tell_staff(
        claim, f"staff_{mail}", key=f"{key}:staff", partner=str(claim.partner), **facts
    )


def _is_final(claim: Claim) -> bool:
    """Is the time over in which a refusal can be taken back, as pages name it?"""
    if claim.is_parked or claim.status == Status.OFFICIAL:
        return True
    return not is_window_open(claim, at=clock.now())


def _describe_return(claim: Claim, kind: EventKind) -> str:
    """Tell the customer whether and until when this can be turned round again [R23]."""
    is_refusal = kind == EventKind.OPTED_OUT
    if _is_final(claim):
        return (
            gettext("Your time to take it back is over, so this is final.")
            if is_refusal
            else gettext("Your time to refuse is over.")
        )
    if claim.due_at is None:
        return (
            gettext(
                "You can take this back. Your time to decide has not begun yet; "
                "you get a mail that names its last day."
            )
            if is_refusal
            else gettext(
                "You can refuse again. Your time to refuse has not begun yet; "
                "you get a mail that names its last day."
            )
        )
    sentence = (
        gettext("You can take this back until %(deadline)s.")
        if is_refusal
        else gettext("You can refuse again until %(deadline)s.")
    )
    return sentence % {"deadline": messages.describe_deadline(claim.due_at, claim.due_time_zone)}


def _describe_rest(claim: Claim) -> str:
    """Tell partner and staff what follows from a refusal."""
    if _is_final(claim):
        return gettext("Their time to take it back is over, so this is final.")
    return gettext(
        "They can take this back until their time is over; then it is final. "
        "What they did not refuse goes on."
    )
