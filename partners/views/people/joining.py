"""The page of an invitation's link, for people with and without an account [R42].

It is public: the key in the address gives access, together with the account that has the invited
address, or with creating one. GET never changes anything.
"""

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cpor_site.web.limits import limit_rate

from ...enums import InvitationState
from ...forms.people.joining import JoinForm
from ...models import Invitation
from ...people.emails import describe_expiry
from ...people.invitations import NotOpenError, find_invitation
from ...people.joining import (
    AccountExistsError,
    accept_as_new,
    accept_invitation,
    find_account,
    is_for,
)
from ...people.seats import describe_places, read_seat
from ...rules import find_membership

GONE, CONFLICT = 410, 409


@limit_rate("invitation", looks=120, acts=20)
@never_cache
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request, token: str) -> HttpResponse:
    """Show an invitation, and accept it by POST."""
    invitation = find_invitation(token)
    if invitation is None:
        return _finish(render(request, "partners/invitation_unknown.html", status=404))
    _speak(request, invitation)
    return _finish(_answer(request, invitation))


def _answer(request, invitation: Invitation) -> HttpResponse:
    user = request.user
    if user.is_authenticated and not is_for(invitation, user):
        return _show(request, "wrong_person", invitation, status=403)
    if not invitation.is_in_force:
        return _show_over(request, invitation)
    if user.is_authenticated:
        return _accept(request, invitation)
    account = find_account(invitation)
    if account is None:
        return _make_account(request, invitation)
    if not account.is_active:
        return render(request, "account/account_inactive.html", status=403)
    return _show(request, "sign_in", invitation)


def _accept(request, invitation: Invitation) -> HttpResponse:
    if request.method != "POST":
        return _show(request, "accept", invitation)
    try:
        accept_invitation(invitation, user=request.user)
    except NotOpenError:
        return _show_over(request, invitation)
    return _welcome(request, invitation)


def _make_account(request, invitation: Invitation) -> HttpResponse:
    initial = {"email": invitation.email, "language": translation.get_language()}
    if request.method != "POST":
        return _show(request, "join", invitation, form=JoinForm(initial=initial))
    form = JoinForm(request.POST, initial=initial)
    if not form.is_valid():
        return _show(request, "join", invitation, form=form, status=400)
    person = form.make_person()
    try:
        accept_as_new(invitation, person=person)
    except NotOpenError:
        return _show_over(request, invitation)
    except AccountExistsError as error:
        return _show(request, "sign_in", invitation, conflict=str(error), status=CONFLICT)
    answer = perform_login(request, person)
    return _welcome(request, invitation) if request.user.is_authenticated else answer


def _welcome(request, invitation: Invitation) -> HttpResponse:
    words = _("You are a member of %(partner)s now.") % {"partner": invitation.partner}
    messages.success(request, words)
    return redirect(invitation.partner)


def _show_over(request, invitation: Invitation) -> HttpResponse:
    """Say why the invitation is over; send on the person who accepted it (a second click)."""
    invitation.refresh_from_db()
    if invitation.accepted_by_id and invitation.accepted_by_id == request.user.pk:
        still_there = find_membership(request.user, invitation.partner_id)
        return redirect(invitation.partner if still_there else "home")
    is_used = invitation.state == InvitationState.ACCEPTED
    is_revoked = invitation.state == InvitationState.REVOKED
    context = {"is_used": is_used, "is_revoked": is_revoked}
    return _show(request, "over", invitation, status=GONE, **context)


def _show(request, page: str, invitation: Invitation, *, status: int = 200, **more) -> HttpResponse:
    context = {
        "invitation": invitation,
        "partner": invitation.partner,
        "places": describe_places(read_seat(invitation)),
        "expires": describe_expiry(invitation),
        **more,
    }
    return render(request, f"partners/invitation_{page}.html", context, status=status)


def _speak(request, invitation: Invitation) -> None:
    """Continue in the email's language, unless this browser or this person chose another [R51]."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or request.user.is_authenticated:
        return
    translation.activate(invitation.language)
    request.LANGUAGE_CODE = translation.get_language()


def _finish(response: HttpResponse) -> HttpResponse:
    """Keep the address, which holds a key, out of search engines."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
