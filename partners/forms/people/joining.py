"""What a person without an account enters to join a partner [R42]."""

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_fields import PersonNameField
from cpor_site.web.form_layout import make_helper

from ...enums import Language
from ...models import User


class JoinForm(forms.Form):
    """The address is the invitation's; it is shown for the reader and for password managers."""

    email = forms.EmailField(
        label=_("Email"),
        disabled=True,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    full_name = PersonNameField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Colleagues and reviewers see it next to what you do."),
        error_messages={"required": _("Enter your name.")},
    )
    language = forms.ChoiceField(label=_("Language for pages and emails"), choices=Language.choices)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, not only digits, and not easy to guess."),
        error_messages={"required": _("Choose a password.")},
    )
    password_again = forms.CharField(
        label=_("Confirm password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter the password again.")},
    )

    helper = make_helper()

    def clean(self):
        data = super().clean() or self.cleaned_data
        password, again = data.get("password"), data.get("password_again")
        if password and again and password != again:
            self.add_error("password_again", _("The passwords don't match."))
        if password:
            self._check_password(password)
        return data

    def make_person(self) -> User:
        """Return the person, unsaved; hashing the password is slow and needs no lock."""
        data = self.cleaned_data
        person = User(
            email=self.initial["email"], full_name=data["full_name"], language=data["language"]
        )
        person.set_password(data["password"])
        return person

    def _check_password(self, password: str) -> None:
        like = User(email=self.initial["email"], full_name=self.cleaned_data.get("full_name", ""))
        try:
            password_validation.validate_password(password, like)
        except forms.ValidationError as error:
            self.add_error("password", error)
