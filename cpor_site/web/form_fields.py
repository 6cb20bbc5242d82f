"""Form fields for what identifies a person or a thing, each read by its own reader.

Input is cleaned before it is checked, so no error message shows a value that looks correct.
"""

import uuid
from typing import Any

from django import forms

from .addresses import (
    fold_address,
    read_address,
    read_domain,
    read_search,
    validate_address,
    validate_domain,
)
from .identifiers import read_identifier, read_words, validate_person_name

#: Attributes of an input for what browsers must neither complete, correct nor capitalise.
AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class NameField(forms.CharField):
    """A name or title of anything except a person."""

    def to_python(self, value: Any) -> str:
        return read_words(super().to_python(value) or "")


class PersonNameField(NameField):
    """A person's name, without a web address that an email program would turn into a link."""

    default_validators = [validate_person_name]


class IdentifierField(forms.CharField):
    """An ID or a code in ASCII, such as a Partner ID or the six digits of an authenticator app.

    The length is checked after reading: if a browser cut off text pasted with hidden characters, a
    different ID would remain.
    """

    def widget_attrs(self, widget):
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs

    def to_python(self, value: Any) -> str:
        return read_identifier(super().to_python(value) or "")


class IdField(forms.UUIDField):
    """A UUID, such as a Tenant ID or a subscription ID."""

    def to_python(self, value: Any) -> uuid.UUID | None:  # type: ignore[override]  # as Django's own
        return super().to_python(read_identifier(value) if isinstance(value, str) else value)


class DomainField(forms.CharField):
    """A domain, which can be pasted from a browser."""

    default_validators = [validate_domain]

    def to_python(self, value: Any) -> str:
        return read_domain(super().to_python(value) or "")


class AddressField(forms.EmailField):
    """An email address that can exist."""

    default_validators = [validate_address]

    def to_python(self, value: Any) -> str:
        return read_address(super().to_python(value) or "")


class SignInAddressField(forms.EmailField):
    """The email address of an account, which may be older than the rules for new ones."""

    default_validators = []

    def to_python(self, value: Any) -> str:
        return fold_address(super().to_python(value) or "")


class SearchField(forms.CharField):
    """A search term."""

    def to_python(self, value: Any) -> str:
        return read_search(super().to_python(value) or "")
