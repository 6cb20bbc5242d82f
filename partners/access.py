"""Who gets to a partner's page, and what the others are told [R41], [R43].

404 for what they may not see, 403 with who can for what they may see but not do, 409 for what belongs
to another of their partners than the one they work for now. Each changes nothing.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from cpor_site.web.kept_form import keep_form

from .current import FORM_FIELD, SWITCH_FIELD
from .enums import Role
from .models import Membership, Partner, User

#: More names than these help nobody.
NAMES_SHOWN = 5
CONFLICT = 409


def find_people_who_may(
    partner_id: int, *, location_id: int | None = None, for_all_locations: bool = False
) -> list[User]:
    """The first of ``find_admins_who_may``, to be named to whoever is not one."""
    people = find_admins_who_may(
        partner_id, location_id=location_id, for_all_locations=for_all_locations
    )
    return list(people[:NAMES_SHOWN])


def find_admins_who_may(
    partner_id: int, *, location_id: int | None = None, for_all_locations: bool = False
) -> QuerySet[User]:
    """A partner's Incentives admins who can sign in, by name.

    With ``location_id`` only those whose role covers it, with ``for_all_locations`` those who reach
    everywhere [R41].
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

    ``request.membership`` is then an Incentives admin's.
    """

    @login_required
    @wraps(view)
    def wrapped(request, *args, **kwargs) -> HttpResponse:
        if not request.membership:
            raise Http404
        if not request.membership.is_incentives_admin:
            sentence = _("Only an Incentives admin of your company can open this page.")
            partner_id = request.membership.partner_id
            return render_forbidden(request, partner_id=partner_id, sentence=sentence)
        return view(request, *args, **kwargs)

    return wrapped


def render_forbidden(
    request: HttpRequest,
    *,
    partner_id: int,
    sentence: str,
    location_id: int | None = None,
    for_all_locations: bool = False,
    back: str = "",
    back_words: str = "",
) -> HttpResponse:
    """Say that the person's role does not allow this (``sentence``), and who can do it [R43].

    ``location_id`` or ``for_all_locations`` narrow to those who can do it there; ``back`` is where
    the page leads back to.
    """
    people = find_people_who_may(
        partner_id, location_id=location_id, for_all_locations=for_all_locations
    )
    context = {
        "sentence": sentence,
        "people": people,
        "back": back,
        "back_words": back_words,
    }
    return render(request, "partners/forbidden.html", context, status=403)


def render_wrong_partner(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Say that this is ``partner``'s, and offer to switch: to open the page, or to send the form anew.

    What was typed goes along in the page; files cannot.
    """
    is_sent = request.method == "POST"
    context = {
        "partner": partner,
        "is_sent": is_sent,
        "is_unnamed": is_sent and FORM_FIELD not in request.POST,
        "kept": keep_form(request, without=(FORM_FIELD, SWITCH_FIELD)) if is_sent else None,
        "form_field": FORM_FIELD,
        "switch_field": SWITCH_FIELD,
    }
    response = render(request, "partners/wrong_partner.html", context, status=CONFLICT)
    add_never_cache_headers(response)
    return response


def render_not_a_member(request: HttpRequest) -> HttpResponse:
    """Say that nothing was done for a partner the person does not belong to, there or not [R42], [R43]."""
    return render(request, "partners/not_a_member.html", {"kept": keep_form(request)}, status=404)
