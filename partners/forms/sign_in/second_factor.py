"""allauth's forms for second factors, in our wording and with the right keyboard on a phone."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_fields import IdentifierField, NameField
from cpor_site.web.form_layout import make_helper

from ...sign_in.one_time_codes import find_step, use_code

NAME_LIMIT = 60


def _code_field(help_text) -> IdentifierField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
    # Longer than any code: people paste spaces with it, which allauth removes.
    return IdentifierField(
        label=_("Code"),
        help_text=help_text,
        max_length=20,
        widget=forms.TextInput(attrs=attributes),
    )


class UsedOnce:
    """Extends allauth's check of a code: each works once, and never ahead of time."""

    helper = make_helper()

    def clean_code(self) -> str:
        code = super().clean_code()  # type: ignore[misc]  # allauth's forms have it
        factor = self.authenticator  # type: ignore[attr-defined]  # set by allauth
        if factor.type == Authenticator.Type.TOTP and not use_code(factor, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(UsedOnce, AuthenticateForm):
    code = _code_field(_("The six-digit code from your authenticator app, or a recovery code."))


class RepeatedCodeForm(UsedOnce, ReauthenticateForm):
    code = _code_field(_("The six-digit code from your authenticator app, or a recovery code."))


class FirstCodeForm(ActivateTOTPForm):
    code = _code_field(_("The six-digit code your app is showing now."))
    helper = make_helper()

    def clean_code(self) -> str:
        code = super().clean_code()
        if find_step(self.secret, code) is None:
            raise get_adapter().validation_error("incorrect_code")
        return code


class CredentialForm(forms.Form):
    """A browser's answer about a passkey. An invalid one is a form error, not a server error.

    allauth and fido2 check the answer, but raise various exceptions for something that only resembles one.
    """

    def full_clean(self):
        try:
            super().full_clean()
        except (AttributeError, LookupError, TypeError, ValueError):
            self.add_error("credential", _("That passkey didn't work. Try again."))


class PasskeySignInForm(CredentialForm, LoginWebAuthnForm):
    pass


class PasskeyStepForm(CredentialForm, AuthenticateWebAuthnForm):
    pass


class PasskeyProofForm(CredentialForm, ReauthenticateWebAuthnForm):
    pass


class PasskeyForm(CredentialForm, AddWebAuthnForm):
    """A key that verifies its owner by fingerprint, face or PIN: it replaces password and second factor."""

    name = NameField(
        label=_("Name"),
        help_text=_("A name to recognise it by, such as “Work laptop”."),
        max_length=NAME_LIMIT,
        required=False,
    )
    passwordless = forms.BooleanField(
        widget=forms.HiddenInput, initial=True, required=False, label=_("Passkey")
    )
    helper = make_helper()

    def clean_passwordless(self) -> bool:
        return True  # whatever was sent: the key must have verified its user


class PasskeyNameForm(EditWebAuthnForm):
    name = NameField(label=_("Name"), max_length=NAME_LIMIT)
    helper = make_helper()
