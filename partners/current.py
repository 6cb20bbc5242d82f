"""For which partner a person works now; somebody at several partners switches [R41]."""

from .models import Membership

SESSION_KEY = "partner"


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


def switch_partner(request, partner_id: int) -> bool:
    """Work for another of one's partners from now on; False where one is no member there."""
    if not Membership.objects.filter(user=request.user, partner_id=partner_id).exists():
        return False
    request.session[SESSION_KEY] = partner_id
    return True
