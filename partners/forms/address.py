"""A mail address says the same wherever it is typed."""

from django import forms

from ..validators import read_address, validate_address


class AddressField(forms.EmailField):
    """An address that somebody can be found by: see ``read_address``."""

    default_validators = [validate_address]

    def to_python(self, value) -> str:
        return read_address(super().to_python(value) or "")
