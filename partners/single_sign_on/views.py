"""Redirects to the provider, and its callback."""

from allauth.core.ratelimit import consume_or_429
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from requests import RequestException

from .provider import PROVIDER, CheckedAdapter

#: What reading the answers of a provider that is away, broken or hostile can raise.
BAD_ANSWERS = (OAuth2Error, RequestException, AttributeError, KeyError, TypeError, ValueError)


def find_provider(request):
    """Return the configured provider; raise Http404 if OIDC_* is not set."""
    try:
        return get_adapter().get_provider(request, PROVIDER)
    except SocialApp.DoesNotExist:
        raise Http404 from None


@login_not_required
@never_cache
def login(request):
    """Send the person to the provider.

    Through a page of ours that redirects automatically: our policy allows no form to lead to other
    sites, and the provider may redirect to further ones.
    """
    provider = find_provider(request)
    if request.method != "POST":
        return redirect("account_login")
    refusal = consume_or_429(request, action="login")
    if refusal:
        return refusal
    try:
        onward = provider.redirect_from_request(request)
    except BAD_ANSWERS as error:
        return render_authentication_error(request, provider, exception=error)
    if "Location" not in onward.headers:
        return onward
    context = {"address": onward.headers["Location"], "name": provider.name}
    return render(request, "socialaccount/leaving.html", context)


@login_not_required
@never_cache
def callback(request):
    """Process the provider's answer; only an answer to this browser's own request counts."""
    provider = find_provider(request)
    try:
        return OAuth2CallbackView.adapter_view(CheckedAdapter(request))(request)
    except BAD_ANSWERS as error:
        return render_authentication_error(request, provider, exception=error)
