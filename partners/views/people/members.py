"""A partner's members: list them, change their roles and locations, end their access."""

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ...access import incentives_admin_required, member_of_partner, render_forbidden
from ...forms.people.members import MemberForm, describe_seat
from ...models import Invitation, Membership
from ...people.members import (
    BeyondReachError,
    MemberError,
    StaleMemberError,
    change_member,
    find_members,
    find_open_invitations,
    is_last_admin,
    leave_partner,
    remove_member,
)
from ...people.seats import Seat, describe_places, read_seat
from ...rules import locations_of

CONFLICT = 409
#: Members, and invitations, on a page.
PAGE_SIZE = 50
TERM_MAX = 100


@require_safe
@incentives_admin_required
def member_list(request) -> HttpResponse:
    """List members and open invitations; admins for some locations see all and manage their own [R41]."""
    return show_members(request)


def show_members(request) -> HttpResponse:
    """Show the list to an Incentives admin, with the message of a refused act above it, if any."""
    mine = read_seat(request.membership)
    partner = request.membership.partner
    term = request.GET.get("q", "").replace("\0", "").strip()[:TERM_MAX]
    members = find_members(partner, term)
    invitations = find_open_invitations(partner, term)
    context = {
        "term": term,
        "members": _read_page(request, "page", members, mine),
        "invitations": _read_page(request, "invited", invitations, mine),
        "partner": partner,
    }
    return render(request, "partners/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@incentives_admin_required
def member(request, key: UUID) -> HttpResponse:
    """Change the role and locations of a member, or one's own [R41]."""
    found = _find_member(request, key)
    mine, seat = read_seat(request.membership), read_seat(found)
    if not mine.may_manage(seat):
        return render_beyond_reach(request)
    make_form = partial(MemberForm, mine=mine, locations=locations_of(request.membership))
    if request.method != "POST":
        return _show(request, found, make_form(initial=describe_seat(seat)))
    form = make_form(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=400)
    return _change(request, found, form)


def _change(request, found: Membership, form: MemberForm) -> HttpResponse:
    try:
        change_member(found, form.seat, shown=form.cleaned_data["shown"], actor=request.user)
    except BeyondReachError:
        return render_beyond_reach(request)
    except StaleMemberError as error:
        return _send_back(request, error)
    except MemberError as error:
        form.add_error(None, str(error))
        return _show(request, found, form, status=CONFLICT)
    messages.success(request, _("%(person)s: the role is saved.") % {"person": found.user})
    return _back_to_list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@incentives_admin_required
def remove(request, key: UUID) -> HttpResponse:
    """Ask, then end a member's access [R42]."""
    found = _find_member(request, key)
    if found.user == request.user:
        return redirect("partners:leave", found.partner.key)
    if not read_seat(request.membership).may_manage(read_seat(found)):
        return render_beyond_reach(request)
    if request.method != "POST":
        return _ask_to_end(request, found)
    return _remove(request, found)


def _remove(request, found: Membership) -> HttpResponse:
    try:
        remove_member(found, actor=request.user)
    except BeyondReachError:
        return render_beyond_reach(request)
    except StaleMemberError as error:
        return _send_back(request, error)
    except MemberError as error:
        return _ask_to_end(request, found, refusal=str(error), status=CONFLICT)
    messages.success(request, _("%(person)s is no longer a member.") % {"person": found.user})
    return _back_to_list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@member_of_partner
def leave(request) -> HttpResponse:
    """Ask, then end one's own membership of the partner [R45]."""
    mine = request.membership
    if request.method != "POST":
        return _ask_to_end(request, mine)
    try:
        leave_partner(mine)
    except MemberError as error:
        return _ask_to_end(request, mine, refusal=str(error), status=CONFLICT)
    words = _("You are no longer a member of %(partner)s.") % {"partner": mine.partner}
    messages.success(request, words)
    return redirect("home")


def render_beyond_reach(request) -> HttpResponse:
    """Tell an admin for some locations that this goes beyond them [R43]."""
    return render_forbidden(
        request,
        partner_id=request.membership.partner_id,
        sentence=_("Your role is for chosen locations, and this reaches beyond them."),
        for_all_locations=True,
        back=reverse("partners:members", args=[request.membership.partner.key]),
        back_words=_("Back to the members"),
    )


def redirect_to_members(request) -> HttpResponse:
    """Redirect to the members of the page's partner."""
    return redirect("partners:members", request.membership.partner.key)


def _read_page(request, name: str, holders, mine: Seat) -> dict:
    """Return one page of a list: its rows, its position, and the addresses of its neighbours.

    ``name`` is its number's in the address; what else the address says stays in the links.
    """
    page = Paginator(holders, PAGE_SIZE).get_page(request.GET.get(name))
    other = {key: value for key, value in request.GET.items() if key != name}

    def link(number: int) -> str:
        return "?" + urlencode({**other, name: number})

    return {
        "rows": _mark(page.object_list, mine),
        "number": page.number,
        "pages": page.paginator.num_pages,
        "previous": link(page.number - 1) if page.has_previous() else "",
        "next": link(page.number + 1) if page.has_next() else "",
    }


def _mark(holders, mine: Seat) -> list:
    """Give each holder its locations in words, and whether the reader can manage it."""
    marked = list(holders.prefetch_related("locations"))
    for each in marked:
        seat = read_seat(each)
        each.may_manage = mine.may_manage(seat)
        each.places = sorted(place.name for place in each.locations.all())
    return marked


def _find_member(request, key: UUID) -> Membership:
    own = Membership.objects.filter(partner=request.membership.partner_id)
    return get_object_or_404(own.select_related("user", "partner"), key=key)


def _show(request, found: Membership, form: MemberForm, *, status: int = 200) -> HttpResponse:
    context = {"member": found, "form": form, "is_me": found.user == request.user}
    return render(request, "partners/member.html", context, status=status)


def _ask_to_end(request, found: Membership, *, refusal: str = "", status: int = 200):
    sent = Invitation.objects.in_force().filter(partner=found.partner, invited_by=found.user)
    context = {
        "member": found,
        "places": describe_places(read_seat(found)),
        "is_me": found.user == request.user,
        "is_last_admin": bool(refusal) or is_last_admin(found, after=None),
        "refusal": refusal,
        "invitations": sent.order_by("email"),
    }
    return render(request, "partners/member_end.html", context, status=status)


def _send_back(request, error: MemberError) -> HttpResponse:
    messages.error(request, str(error))
    return _back_to_list(request)


def _back_to_list(request) -> HttpResponse:
    """Redirect to the members, or to the dashboard if the person has just given up their own role."""
    fresh = Membership.objects.filter(pk=request.membership.pk).first()
    if fresh and fresh.is_incentives_admin:
        return redirect_to_members(request)
    return redirect(request.membership.partner if fresh else "home")
