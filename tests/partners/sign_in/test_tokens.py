"""The identity token, with keys of our own: what the provider's process cannot be made to send [R44]."""

import base64
import hmac
import json
import time

import jwt
import pytest
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from partners.single_sign_on.tokens import read_token

ISSUER, CLIENT, NONCE = "https://login.example", "cpor", "nonce-of-this-sign-in"


@pytest.fixture(scope="module")
def pair():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def keys(pair):
    public = RSAAlgorithm.to_jwk(pair.public_key(), as_dict=True)
    return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}


def claims(**others):
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60, "nonce": NONCE}
    return {name: value for name, value in {**usual, **others}.items() if value is not None}


def read(token, keys):
    return read_token(token, keys=keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE)


def encode(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def sign(pair, payload, *, kid="one", algorithm="RS256"):
    return jwt.encode(payload, pair, algorithm=algorithm, headers={"kid": kid} if kid else None)


def test_a_good_token_is_read(pair, keys):
    assert read(sign(pair, claims(email="a@b.example")), keys)["email"] == "a@b.example"


def test_several_audiences_must_name_us_as_the_party(pair, keys):
    both = [CLIENT, "other"]

    assert read(sign(pair, claims(aud=both, azp=CLIENT)), keys)["sub"] == "1"
    with pytest.raises(OAuth2Error, match="another application"):
        read(sign(pair, claims(aud=both)), keys)


def test_the_only_key_need_not_be_named(pair, keys):
    assert read(sign(pair, claims(), kid=None), keys)["sub"] == "1"


@pytest.mark.parametrize(
    "others",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"azp": "other"},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_is_refused(pair, keys, others):
    with pytest.raises(OAuth2Error):
        read(sign(pair, claims(**others)), keys)


def test_another_key_under_the_same_name_is_refused(keys):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    with pytest.raises(OAuth2Error):
        read(sign(other, claims()), keys)


def test_a_key_the_provider_does_not_have_is_refused(pair, keys):
    with pytest.raises(OAuth2Error, match="no such key"):
        read(sign(pair, claims(), kid="two"), keys)


def test_changed_claims_are_refused(pair, keys):
    head, _body, signature = sign(pair, claims()).split(".")

    with pytest.raises(OAuth2Error):
        read(f"{head}.{encode(claims(sub='2'))}.{signature}", keys)


def test_a_token_that_no_one_signed_is_refused(keys):
    with pytest.raises(OAuth2Error):
        read(jwt.encode(claims(), None, algorithm="none", headers={"kid": "one"}), keys)


def test_the_public_key_is_no_shared_secret(pair, keys):
    """The old trick: sign with HMAC, and the provider's public key as the secret."""
    public = pair.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = encode({"alg": "HS256", "typ": "JWT", "kid": "one"})
    signed = f"{head}.{encode(claims())}"
    signature = hmac.digest(public, signed.encode(), "sha256")
    token = f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    with pytest.raises(OAuth2Error):
        read(token, keys)


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", 5, {"a": 1}])
def test_what_is_no_token_is_refused(token, keys):
    with pytest.raises(OAuth2Error):
        read(token, keys)


@pytest.mark.parametrize("broken", [{}, {"keys": []}, {"keys": [{}]}, {"keys": None}, [], None])
def test_what_is_no_key_set_is_refused(pair, broken):
    with pytest.raises(OAuth2Error):
        read(sign(pair, claims()), broken)
