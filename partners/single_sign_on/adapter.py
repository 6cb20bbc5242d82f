"""Whose account a sign-in with the company's account opens [R42], [R44]."""

from typing import NoReturn

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import get_language

from cpor_site.web.constraints import is_violation_of
from cpor_site.web.identifiers import read_words, validate_person_name

from ..models import ONCE_PER_ADDRESS, User
from ..people.members import has_open_invitation
from ..sign_in.addresses import confirm_address, find_person

log = structlog.get_logger(__name__)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Matches only by verified address, at each sign-in; never stores or links a provider's account."""

    def pre_social_login(self, request, sociallogin):
        claims = sociallogin.account.extra_data
        address = str(claims.get("email") or "")
        if not address or not _is_vouched_for(claims, sociallogin.provider):
            refuse(request, "unverified", sociallogin, address=address)
        user = find_or_make_person(address, name=str(claims.get("name") or ""))
        if user is None:
            refuse(request, "unknown", sociallogin, address=address)
        sociallogin.user = user

    def on_authentication_error(
        self, request, provider, error=None, exception=None, extra_context=None
    ):
        """Tell the operator what is wrong; the person gets a page without details."""
        log.warning("single sign-on failed", error=str(error), reason=str(exception or ""))

    def is_open_for_signup(self, request, sociallogin):
        return False  # people are created above, or not at all


def _is_vouched_for(claims: dict, provider) -> bool:
    """Return whether the provider verified the address, or the operator trusts it (OIDC_TRUST_ADDRESSES).

    Entra ID never says whether it verified an address. A provider that says it did not is believed.
    """
    said = claims.get("email_verified")
    if said is None:
        return provider.app.settings.get("trust_addresses", False)
    return said in (True, "true")  # some providers send the string instead of the boolean


def refuse(request: HttpRequest, reason: str, sociallogin, *, address: str) -> NoReturn:
    """Show why the sign-in was refused; raises ImmediateHttpResponse."""
    context = {"reason": reason, "address": address, "name": sociallogin.provider.name}
    page = render(request, "socialaccount/refused.html", context, status=403)
    raise ImmediateHttpResponse(page)


def find_or_make_person(address: str, *, name: str) -> User | None:
    """Return the person with the address, or create one if it has an open invitation; otherwise None."""
    user = find_person(address)
    if user is None and has_open_invitation(address):
        user = _make_person(address, name=name)
    if user is not None and user.is_active:
        confirm_address(user)
    return user


def _make_person(address: str, *, name: str) -> User | None:
    """Create an account; the provider's name is used if it is valid."""
    try:
        with transaction.atomic():
            return User.objects.create_user(
                address, full_name=_read_name(name), language=get_language() or "en"
            )
    except IntegrityError as error:  # created concurrently in another tab
        if not is_violation_of(error, User, *ONCE_PER_ADDRESS):
            raise
        return find_person(address)
    except ValidationError:  # an invitation from before the address rules
        return None


def _read_name(said: str) -> str:
    name = read_words(said)[:150]
    try:
        validate_person_name(name)
    except ValidationError:
        return ""
    return name
