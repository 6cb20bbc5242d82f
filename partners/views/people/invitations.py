"""Invite people to a partner; resend or revoke an invitation [R42]."""

import re
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cpor_site.web.limits import ask_to_wait

from ...access import incentives_admin_required
from ...forms.people.members import InvitationForm
from ...models import Invitation
from ...people.invitation_limits import TooManyInvitations
from ...people.invitations import AddressTaken, invite_member, resend_invitation, revoke_invitation
from ...people.members import BeyondReachError, MemberError
from ...people.seats import describe_places, read_seat
from ...rules import locations_of
from .members import CONFLICT, redirect_to_members, render_beyond_reach, show_members


@require_http_methods(["GET", "HEAD", "POST"])
@incentives_admin_required
def invite(request) -> HttpResponse:
    """Invite a person by email, with a role and its locations."""
    make_form = partial(
        InvitationForm,
        mine=read_seat(request.membership),
        locations=locations_of(request.membership),
    )
    if request.method != "POST":
        return _show(request, make_form(initial={"language": get_language()}))
    form = make_form(request.POST)
    if not form.is_valid():
        return _show(request, form, status=400)
    return _invite(request, form)


def _invite(request, form: InvitationForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        invitation = invite_member(
            request.membership.partner,
            form.seat,
            email=data["email"],
            language=data["language"],
            actor=request.user,
        )
    except BeyondReachError:
        return render_beyond_reach(request)
    except AddressTaken as error:
        form.add_error("email", str(error))
        return _show(request, form, status=CONFLICT)
    except TooManyInvitations as error:
        form.add_error("email", str(error))
        return ask_to_wait(_show(request, form), seconds=error.seconds)
    words = _("The invitation is on its way to %(email)s.") % {"email": invitation.email}
    messages.success(request, words)
    return redirect_to_members(request)


@require_POST
@incentives_admin_required
def resend(request, key: UUID) -> HttpResponse:
    """Mail a new link; the one before stops working."""
    found = _find_invitation(request, key)
    sendings = request.POST.get("sendings", "")
    try:
        resend_invitation(
            found,
            sendings=int(sendings) if re.fullmatch("[0-9]{1,5}", sendings) else -1,
            actor=request.user,
        )
    except BeyondReachError:
        return render_beyond_reach(request)
    except TooManyInvitations as error:
        messages.warning(request, str(error))
        return ask_to_wait(show_members(request), seconds=error.seconds)
    except MemberError as error:
        messages.warning(request, str(error))
        return redirect_to_members(request)
    messages.success(
        request,
        _("A new link is on its way to %(email)s. Older ones stopped working.")
        % {"email": found.email},
    )
    return redirect_to_members(request)


@require_http_methods(["GET", "HEAD", "POST"])
@incentives_admin_required
def revoke(request, key: UUID) -> HttpResponse:
    """Ask, then make an invitation's link stop working."""
    found = _find_invitation(request, key)
    seat = read_seat(found)
    if not read_seat(request.membership).may_manage(seat):
        return render_beyond_reach(request)
    if request.method != "POST":
        context = {"invitation": found, "places": describe_places(seat)}
        return render(request, "partners/member_revoke.html", context)
    try:
        revoke_invitation(found, actor=request.user)
    except BeyondReachError:
        return render_beyond_reach(request)
    except MemberError as error:
        messages.warning(request, str(error))
        return redirect_to_members(request)
    words = _("The invitation of %(email)s is revoked.") % {"email": found.email}
    messages.success(request, words)
    return redirect_to_members(request)


def _find_invitation(request, key: UUID) -> Invitation:
    """One of the partner's own, whatever became of it: an old page gets an answer in words."""
    own = Invitation.objects.filter(partner=request.membership.partner_id)
    return get_object_or_404(own.select_related("partner"), key=key)


def _show(request, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    return render(request, "partners/member_invite.html", {"form": form}, status=status)
