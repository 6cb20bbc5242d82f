"""The OpenID provider of OIDC_* in the form allauth expects; it finds this module by name."""

from functools import cached_property

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.urls import reverse
from django.utils.crypto import get_random_string, salted_hmac

from .tokens import read_token

PROVIDER = "oidc"


def make_nonce(state_id: str) -> str:
    """Tie the identity token to the sign-in it answers.

    The state is random, kept in the browser's session and used once; a person who steals a provider's
    answer has another state, for which this returns another nonce.
    """
    return salted_hmac("cpor.single-sign-on.nonce", state_id, algorithm="sha256").hexdigest()


class CheckedAdapter(OpenIDConnectOAuth2Adapter):
    """Talks to the provider, and trusts nothing that is not signed for this sign-in."""

    def __init__(self, request, provider_id=PROVIDER):
        super().__init__(request, provider_id)

    @cached_property
    def openid_config(self) -> dict:
        """Return the provider's own description; raise OAuth2Error if it belongs to another issuer."""
        config = super().openid_config
        wanted = self.get_provider().app.settings["server_url"]
        if str(config.get("issuer", "")).rstrip("/") != wanted:
            raise OAuth2Error(f"the provider calls itself {config.get('issuer')}, not {wanted}")
        return config

    def complete_login(self, request, app, token, **kwargs):
        claims = read_token(
            kwargs["response"].get("id_token"),
            keys=self._fetch_json(self.openid_config["jwks_uri"]),
            issuer=self.openid_config["issuer"],
            client_id=app.client_id,
            nonce=make_nonce(request.GET["state"]),
        )
        if "email" not in claims:
            claims = {**self._read_user_info(token, subject=claims["sub"]), **claims}
        return self.get_provider().sociallogin_from_response(request, claims)

    def _read_user_info(self, token, *, subject: str) -> dict:
        """Return the user info, where some providers put the address; it must be about the same person."""
        info = self._fetch_user_info(token.token)
        if info.get("sub") != subject:
            raise OAuth2Error("the provider's user info is about someone else")
        return info

    def _fetch_json(self, address: str) -> dict:
        with get_adapter().get_requests_session() as session:
            response = session.get(address)
            response.raise_for_status()
            return response.json()

    def get_callback_url(self, request, app):
        return build_absolute_uri(request, reverse("oidc_callback"))


class SingleSignOnProvider(OpenIDConnectProvider):
    id = PROVIDER
    oauth2_adapter_class = CheckedAdapter

    def get_oauth2_adapter(self, request):
        return CheckedAdapter(request)

    def get_callback_url(self):
        return reverse("oidc_callback")

    def get_redirect_from_request_kwargs(self, request):
        """Return only the next page from the request: no additional scopes or parameters."""
        state_id = get_random_string(32)
        return {
            "process": AuthProcess.LOGIN,
            "next_url": get_next_redirect_url(request),
            "state_id": state_id,
            "auth_params": {"nonce": make_nonce(state_id)},
        }

    def extract_uid(self, data):
        return data["sub"][:191]  # allauth's column; never used for matching


provider_classes = [SingleSignOnProvider]
