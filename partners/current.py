"""For which partner a person works now; somebody at several partners switches [R41].

The choice is in the session, and every page follows it. What is not that partner's is not shown, even
to somebody who may see it at another of theirs: they are asked to switch first. A form carries the
partner it was opened for, so that a tab left open cannot act for the wrong one.
"""

from collections.abc import Callable

from .models import Membership, Partner

SESSION_KEY = "partner"
#: What a form of a partner's page carries: the number of the partner it was opened for.
FORM_FIELD = "for_partner"
#: What somebody adds who switches and sends the form anew with one button.
SWITCH_FIELD = "switch_partner"
#: Where a form without that field is refused to somebody at several partners.
PARTNER_NAMESPACES = frozenset({"associations", "partners"})


class WrongPartner(Exception):
    """What was asked for is of another of the person's partners than the one they work for now."""

    def __init__(self, partner: Partner):
        super().__init__(partner.pk)
        self.partner = partner


class NotAMember(Exception):
    """A form was opened for a partner that the person does not belong to, or not any more."""


def find_current_membership(request) -> Membership | None:
    """Return the membership chosen in this session, else the first one by name, else None."""
    if not request.user.is_authenticated:
        return None
    chosen = request.session.get(SESSION_KEY)
    memberships = list(
        Membership.objects.filter(user=request.user)
        .select_related("partner")
        .order_by("partner__name", "pk")
    )
    request.user.all_memberships = memberships
    first = memberships[0] if memberships else None
    return next((m for m in memberships if m.partner_id == chosen), first)


def list_memberships(request) -> list[Membership]:
    """The memberships of whoever asks, by the partner's name."""
    return request.user.all_memberships if request.membership else []


def switch_partner(request, partner_id: int) -> bool:
    """Work for another of one's partners from now on; False where one is no member there."""
    if not Membership.objects.filter(user=request.user, partner_id=partner_id).exists():
        return False
    request.session[SESSION_KEY] = partner_id
    return True


def for_any_partner(view: Callable) -> Callable:
    """Decorate a view that is for no partner in particular: its forms name none."""
    view.is_for_any_partner = True  # type: ignore[attr-defined]  # read by require_right_partner
    return view


def require_right_partner(request, view: Callable) -> None:
    """Let a sent form through only where it was opened for the partner that is chosen now [R41].

    Somebody at one partner cannot mistake it, so that for them a form without the field passes.
    Raises WrongPartner or NotAMember.
    """
    if not request.user.is_authenticated or getattr(view, "is_for_any_partner", False):
        return
    opened_for = request.POST.get(FORM_FIELD)
    if opened_for is None:
        _require_no_doubt(request)
    elif not request.membership or opened_for != str(request.membership.partner_id):
        _switch_or_refuse(request, opened_for)


def _require_no_doubt(request) -> None:
    match = request.resolver_match
    is_about_a_partner = match is not None and match.app_name in PARTNER_NAMESPACES
    if is_about_a_partner and len(list_memberships(request)) > 1:
        raise WrongPartner(request.membership.partner)


def _switch_or_refuse(request, opened_for: str) -> None:
    wanted = next(
        (each for each in list_memberships(request) if str(each.partner_id) == opened_for), None
    )
    if wanted is None:
        raise NotAMember
    if request.POST.get(SWITCH_FIELD) != opened_for:
        raise WrongPartner(wanted.partner)
    switch_partner(request, wanted.partner_id)
    request.membership = wanted
