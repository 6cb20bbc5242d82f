"""allauth's forms for a new password, labelled like all our forms: in sentence case."""

from allauth.account.forms import (
    ChangePasswordForm,
    ReauthenticateForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.core import context
from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_layout import make_helper

from ...sign_in.accounts import keep_session

LABELS = {
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("Confirm new password"),
}


class OwnLabels(forms.Form):
    helper = make_helper()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS[name]
            # A placeholder that disappears while typing is no help, and only repeats the label.
            field.widget.attrs.pop("placeholder", None)


class NewPasswordForm(OwnLabels, ChangePasswordForm):
    def clean_oldpassword(self):
        entered = super().clean_oldpassword()
        keep_session(context.request, self.user, entered=entered)
        return entered


class ForgottenPasswordForm(OwnLabels, ResetPasswordKeyForm):
    pass


class FirstPasswordForm(SetPasswordForm):
    """allauth's own, laid out as all our forms are."""

    helper = make_helper()


class RepeatedPasswordForm(ReauthenticateForm):
    """allauth's own, laid out as all our forms are."""

    helper = make_helper()
