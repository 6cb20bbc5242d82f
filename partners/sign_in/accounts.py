"""How allauth's sign-in is integrated: there is no sign-up, and its emails go through the outbox."""

from copy import copy
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from cpor_site.web.client_address import read_client_address
from cpor_site.web.way_back import is_page_here

from ..models import User
from . import emails
from .addresses import find_person

#: allauth's notifications → what happened, in words.
CHANGES = {
    "account/email/password_changed": gettext_noop("Your password was changed."),
    "account/email/password_reset": gettext_noop("Your password was reset by a link we sent."),
    "account/email/password_set": gettext_noop("A password was set."),
    "mfa/email/totp_activated": gettext_noop("An authenticator app was set up."),
    "mfa/email/totp_deactivated": gettext_noop("The authenticator app was removed."),
    "mfa/email/webauthn_added": gettext_noop("A passkey was added."),
    "mfa/email/webauthn_removed": gettext_noop("A passkey was removed."),
    "mfa/email/recovery_codes_generated": gettext_noop(
        "New recovery codes were generated. The old ones no longer work."
    ),
}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Return False: people join by invitation or are created by staff [R42]."""
        return False

    def get_client_ip(self, request):
        """Return the address that allauth counts by and stores with a session, as we read it."""
        return read_client_address(request)

    def is_safe_url(self, url):
        """Return whether allauth can redirect to ``url``: only to pages of this site."""
        return is_page_here(context.request, url or "")

    def pre_authenticate(self, request, **credentials):
        """Count an attempt to sign in to an account, and refuse one too many.

        allauth counts by account and host. Here every spelling of the host is one, such as with another port:
        otherwise each would get attempts of its own.
        """
        counted = copy(request)
        counted.get_host = lambda: urlsplit(settings.CPOR_BASE_URL).netloc
        super().pre_authenticate(counted, **credentials)

    @transaction.atomic
    def send_mail(self, template_prefix, email, values):
        """Queue the email: a page must neither wait for a mail server nor fail with it."""
        user = find_person(email)
        if template_prefix in CHANGES:
            emails.sign_in_changed(email, user=user, what=CHANGES[template_prefix])
        elif template_prefix == "account/email/password_reset_key":
            url = _lead_here(values["password_reset_url"])
            emails.password_reset(email, user=user, url=url)
        elif template_prefix == "account/email/email_confirmation":
            emails.confirm_address(email, user=user, url=_lead_here(values["activate_url"]))
        elif template_prefix == "account/email/unknown_account":
            emails.unknown_account(email, user=user)
        else:
            raise ValueError(f"an email of allauth that has no words here: {template_prefix}")

    def reauthenticate(self, user, password):
        """Ask for the password again; entering it correctly ends no session."""
        is_right = super().reauthenticate(user, password)
        if is_right:
            keep_session(context.request, user, entered=password)
        return is_right


def keep_session(request: HttpRequest, user: User, *, entered: str) -> None:
    """Keep the session if the password that was ``entered`` has just been rehashed.

    Django does that after its hashing has become stronger. A session holds a digest of the former hash, and
    would end as if the password had been changed. If it really was changed, even while the former one was
    being checked, the session ends.
    """
    fresh = User.objects.get(pk=user.pk)
    hashed = fresh.get_session_auth_hash()
    is_its_own = request.session.get(SESSION_KEY) == str(user.pk)
    if not is_its_own or request.session.get(HASH_SESSION_KEY) == hashed:
        return
    if check_password(entered, fresh.password):
        request.session[HASH_SESSION_KEY] = hashed


def _lead_here(url: str) -> str:
    """Return an emailed link with the site's own address instead of the host of the request."""
    return settings.CPOR_BASE_URL + urlunsplit(("", "", *urlsplit(url)[2:]))
