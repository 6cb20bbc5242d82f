"""The fields of a claim's contacts: the same wherever a person is named [R10], [R21]."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_fields import AddressField, NameField, PersonNameField
from partners.enums import Language

from ...enums import ContactRole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def make_contact_field(role: ContactRole, part: str) -> forms.Field:
    """Return the field for one part of a contact: name, title, email or language."""
    if part == "email":
        return AddressField(
            label=_("Email"),
            max_length=254,
            error_messages={
                "required": _("Enter the email address of the %(who)s.")
                % {"who": role.label.lower()},
            },
            widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        )
    if part == "language":
        return forms.ChoiceField(
            label=_("Language"),
            choices=Language.choices,
            help_text=_("We'll email this person in this language."),
        )
    if part == "title":
        return _make_text_field(
            _("Job title") if role == ContactRole.CUSTOMER else _("Job title (optional)"),
            _("Enter the job title of the %(who)s."),
            role,
            required=role == ContactRole.CUSTOMER,
        )
    return _make_text_field(
        _("Name"), _("Enter the name of the %(who)s."), role, make_field=PersonNameField
    )


def _make_text_field(
    label: "StrOrPromise",
    missing: "StrOrPromise",
    role: ContactRole,
    *,
    required: bool = True,
    make_field: type[NameField] = NameField,
) -> NameField:
    return make_field(
        label=label,
        max_length=150,
        required=required,
        error_messages={"required": missing % {"who": role.label.lower()}},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
