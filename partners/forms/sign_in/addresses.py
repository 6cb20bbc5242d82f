"""allauth's forms that ask for an account's address, read like every other address."""

from allauth.account.forms import LoginForm, ResetPasswordForm

from cpor_site.web.form_fields import AddressField, SignInAddressField
from cpor_site.web.form_layout import make_helper


class SignInForm(LoginForm):
    helper = make_helper()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        theirs = self.fields["login"]
        self.fields["login"] = SignInAddressField(label=theirs.label, widget=theirs.widget)


class ForgotPasswordForm(ResetPasswordForm):
    helper = make_helper()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        theirs = self.fields["email"]
        self.fields["email"] = AddressField(label=theirs.label, widget=theirs.widget)
