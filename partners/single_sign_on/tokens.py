"""The identity token of an OpenID provider: OpenID Connect Core 1.0, section 3.1.3.7."""

from typing import Any

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.utils.crypto import constant_time_compare

#: Signed with a key that only the provider has; never with a shared secret, never unsigned.
ALGORITHMS = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
]
#: Seconds by which the provider's clock and ours can differ.
LEEWAY = 60


def read_token(token: str, *, keys: dict, issuer: str, client_id: str, nonce: str) -> dict:
    """Return the claims of a token that the issuer created for us and for this very sign-in.

    ``keys`` is the provider's published key set. Raises OAuth2Error for anything else: a wrong signature,
    issuer, audience or nonce, an expired token, or something that is not a token.
    """
    try:
        claims = jwt.decode(
            token,
            _find_key(token, keys),
            algorithms=ALGORITHMS,
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "exp", "iat", "sub"]},
        )
    except (jwt.PyJWTError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise OAuth2Error(f"the identity token is refused: {error}") from error
    if not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise OAuth2Error("the identity token is refused: it answers another sign-in")
    if _party_of(claims) != client_id:
        raise OAuth2Error("the identity token is refused: it was made for another application")
    return claims


def _find_key(token: str, keys: dict) -> jwt.PyJWK:
    """Return the key the token names; a token that names none is accepted only if there is a single key."""
    named = jwt.get_unverified_header(token).get("kid")
    known = jwt.PyJWKSet.from_dict(keys).keys
    fitting = [key for key in known if key.key_id == named or (named is None and len(known) == 1)]
    if not fitting:
        raise ValueError("the provider has no such key")
    return fitting[0]


def _party_of(claims: dict[str, Any]) -> str:
    """Return the application a token was made for, which a token for several audiences must name."""
    audience = claims["aud"]
    alone = [audience] if isinstance(audience, str) else audience
    return claims.get("azp") or (alone[0] if len(alone) == 1 else "")
