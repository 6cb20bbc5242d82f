"""Staff can open none of their pages before signing in with a second factor [R44].

What counts is the session: an account with a second factor is not enough if the session was started with a
password alone, before the factor was set up. And the factor must still exist: removing it, because a phone
was lost, ends access at the next page.
"""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .one_time_codes import use_up_what_is_shown

#: Factors that are sufficient on their own; recovery codes come with one of these.
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

#: In the session: the factors that were set up in it, beside those that allauth records as used.
FRESH_FACTORS = "fresh_second_factors"

#: Pages that are the same for everyone, and those that a sign-in needs.
OPEN_PAGES = {
    *("about-cpor", "theme", "choose-language", "healthz", "readyz", "statusz"),
    *("partners:invitation", "associations:opt-out", "associations:opt-out-end"),
    "associations:case-question",
}
#: Pages that replace the password, or sign out the owner's browsers.
ACCOUNT_PAGES = {
    *("account_reauthenticate", "account_change_password", "account_set_password"),
    *("usersessions_list",),
}
#: Pages where a person proves a factor. The others about factors could replace it.
PROVING_PAGES = {
    *("mfa_authenticate", "mfa_login_webauthn"),
    *("mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
}


def has_proven_second_factor(request: HttpRequest) -> bool:
    """Return whether this session was started, or later confirmed, with a second factor that still exists."""
    records = get_authentication_records(request, request.user)
    used = {record["id"] for record in records if record["method"] == "mfa"}
    used.update(request.session.get(FRESH_FACTORS, ()))
    return bool(used) and Authenticator.objects.filter(user=request.user, pk__in=used).exists()


class StaffSecondFactorMiddleware(MiddlewareMixin):
    """Redirects staff without a proven second factor to the page where they set one up or use it.

    It guards every page, not only the admin: staff see claims and proof elsewhere too.
    """

    def process_view(self, request, view, args, kwargs):
        return ask_for_second_factor(request) if _lacks_second_factor(request) else None


def _lacks_second_factor(request: HttpRequest) -> bool:
    """Return whether staff still lack a factor. No query for visitors without a session."""
    if not settings.STAFF_NEED_SECOND_FACTOR or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    if not request.user.is_authenticated or not request.user.is_staff or _is_open_page(request):
        return False
    return not has_proven_second_factor(request)


def _is_open_page(request: HttpRequest) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name in OPEN_PAGES:
        return True
    if not request.path.startswith(reverse("account_login").removesuffix("login/")):
        return False
    return not (_could_replace_factor(name) and _has_strong_factor(request))


def _could_replace_factor(name: str) -> bool:
    """Return whether the page shows codes, adds or removes factors, or changes the password that opens those.

    A person who took over an old session and knows the password must first prove the factor, and can
    neither create a new one nor lock out the owner.
    """
    return name in ACCOUNT_PAGES or (name.startswith("mfa_") and name not in PROVING_PAGES)


def _has_strong_factor(request: HttpRequest) -> bool:
    return Authenticator.objects.filter(user=request.user, type__in=STRONG).exists()


def ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    """Redirect to the page that asks for the person's factor, or else to the one where they set one up."""
    types = Authenticator.objects.filter(user=request.user).values_list("type", flat=True)
    if Authenticator.Type.TOTP in types:
        page = "mfa_reauthenticate"
    elif Authenticator.Type.WEBAUTHN in types:
        page = "mfa_reauthenticate_webauthn"
    else:
        messages.warning(request, _("Staff need two-step sign-in. Set it up here to continue."))
        return redirect("mfa_index")
    back = request.get_full_path() if request.method == "GET" else reverse("home")
    return redirect(f"{reverse(page)}?{urlencode({'next': back})}")


@receiver(authenticator_added, dispatch_uid="partners.sign_in.second_factor")
def remember_fresh_factor(sender, *, request, user, authenticator, **_others):
    """Count setting up a factor as proving it, so that it need not be proven again in the same session."""
    if authenticator.type == Authenticator.Type.TOTP:
        use_up_what_is_shown(authenticator)
    if authenticator.type in STRONG:
        known = request.session.get(FRESH_FACTORS, [])
        request.session[FRESH_FACTORS] = [*known, authenticator.pk]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Names that people see outside this site, on phones and in keychains, and helpful error messages."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "That code is wrong, already used or expired. Enter the one your app is showing now."
        ),
    }

    def get_public_key_credential_rp_entity(self):
        return {**super().get_public_key_credential_rp_entity(), "name": settings.OPERATOR_NAME}

    def generate_authenticator_name(self, user, type):  # noqa: A002 - allauth's signature
        known = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)s") % {"number": known + 1}
