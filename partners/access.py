"""Access to a partner's pages, and the answers for people who have none [R41], [R43].

The address names the partner: ``/p/<key>/…``, or a claim or file that belongs to one. The answer is 404
for what a person cannot see, and 403 with the names of those who can for what they can see but not do.
Neither changes anything.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from .enums import Role
from .models import Membership, User

V = TypeVar("V", bound=HttpResponseBase)

#: A longer list of names would not help.
NAMES_SHOWN = 5


def list_memberships(user) -> list[Membership]:
    """Return the user's memberships by the partner's name, read once per user object."""
    if not user.is_authenticated:
        return []
    if not hasattr(user, "all_memberships"):
        found = Membership.objects.filter(user=user).select_related("partner")
        user.all_memberships = list(found.order_by("partner__name", "pk"))
    return user.all_memberships


def enter_partner(request, partner_id: int) -> None:
    """Set ``request.membership`` to the person's membership of the partner whose page this is.

    Raise Http404 if they are not a member.
    """
    found = (each for each in list_memberships(request.user) if each.partner_id == partner_id)
    request.membership = next(found, None)
    if request.membership is None:
        raise Http404


def find_membership_of_page(request) -> Membership | None:
    """Return the membership of the page's partner; on other pages the person's only one, if any."""
    if membership := getattr(request, "membership", None):
        return membership
    memberships = list_memberships(request.user)
    return memberships[0] if len(memberships) == 1 else None


def member_of_partner(view: Callable[..., V]) -> Callable[..., V]:
    """Decorate a page below ``/p/<partner_key>/`` with sign-in and membership [R41], [R43].

    The view is called without the key and with ``request.membership``. Raise Http404 if the person is
    not a member of such a partner, whether it exists or not.
    """

    @login_required
    @wraps(view)
    def wrapped(request, partner_key: str, **kwargs) -> V:
        found = (
            m.partner_id for m in list_memberships(request.user) if m.partner.key == partner_key
        )
        enter_partner(request, next(found, 0))
        return view(request, **kwargs)

    return wrapped


def find_people_who_may(partner_id: int, **where) -> list[User]:
    """Return the first few of ``find_admins_who_may``, to name them on a page."""
    return list(find_admins_who_may(partner_id, **where)[:NAMES_SHOWN])


def find_admins_who_may(
    partner_id: int, *, location_id: int | None = None, for_all_locations: bool = False
) -> QuerySet[User]:
    """Return a partner's Incentives admins who can sign in, by name.

    With ``location_id``, only those whose role covers that location; with ``for_all_locations``, only
    those whose role covers all of them [R41].
    """
    admins = Membership.objects.filter(partner=partner_id, role=Role.INCENTIVES_ADMIN)
    if for_all_locations:
        admins = admins.filter(has_all_locations=True)
    elif location_id is not None:
        admins = admins.filter(has_all_locations=True) | admins.filter(locations=location_id)
    people = User.objects.filter(memberships__in=admins.values("pk"), is_active=True)
    return people.order_by("full_name", "email")


def incentives_admin_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page of a partner's Incentives admins with sign-in, membership and role [R43].

    In the view, ``request.membership`` is an Incentives admin's.
    """

    @member_of_partner
    @wraps(view)
    def wrapped(request, **kwargs) -> HttpResponse:
        if not request.membership.is_incentives_admin:
            sentence = _("Only an Incentives admin of your company can open this page.")
            partner_id = request.membership.partner_id
            return render_forbidden(request, partner_id=partner_id, sentence=sentence)
        return view(request, **kwargs)

    return wrapped


def render_forbidden(
    request: HttpRequest,
    *,
    partner_id: int,
    sentence: str,
    back: str = "",
    back_words: str = "",
    **where,
) -> HttpResponse:
    """Say that the person's role does not allow this (``sentence``), and who can do it [R43].

    ``where`` limits the list to those who can do it there (see ``find_admins_who_may``); ``back`` is the
    address of the link back.
    """
    people = find_people_who_may(partner_id, **where)
    context = {"sentence": sentence, "people": people, "back": back, "back_words": back_words}
    return render(request, "partners/forbidden.html", context, status=403)
