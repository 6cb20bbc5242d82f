"""How the cast signs in: passwords, proven addresses, authenticator apps, passkeys."""

import time
import uuid

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from partners.sign_in.addresses import confirm_address

TOTP_PERIOD = 30


def give_totp(user):
    """Set up an authenticator app for someone; returns its secret for ``totp_code``."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def give_passkey(user, name="Work laptop"):
    """A passkey as a device would have made it; signing in with it takes the browser tests' device."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(Aaguid.NONE, uuid.uuid4().bytes, key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(bytes(32), flags, 0, credential)
    answer = {
        "id": websafe_encode(credential.credential_id),
        "rawId": websafe_encode(credential.credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(
                b'{"type":"webauthn.create","challenge":"","origin":""}'
            ),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return WebAuthn.add(user, name, answer).instance


def totp_code(secret):
    """What the app shows now; waits where it is about to change."""
    left = TOTP_PERIOD - time.time() % TOTP_PERIOD
    if left < 2:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_PERIOD))


def let_sign_in(user, password):
    """A person who gets in by the sign-in form: with a password, and an address that is proven."""
    user.set_password(password)
    user.save()
    confirm_address(user)
    return user


def prove_second_factor(session, user):
    """As if the session had been begun with a second factor; ``user`` gets one if need be."""
    if not Authenticator.objects.filter(user=user).exists():
        give_totp(user)
    factor = Authenticator.objects.filter(user=user).first()
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time(), "id": factor.pk, "type": factor.type}
    ]
    session["account_authentication_methods_user"] = str(user.pk)


def forget_second_factor(client):
    """Leave a signed-in client with a session that was begun by a password alone."""
    session = client.session
    session.pop("account_authentication_methods", None)
    session.save()
