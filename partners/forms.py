"""Forms that say the same wherever a thing is typed."""

from django import forms

from .validators import read_domain


class DomainForm(forms.ModelForm):
    """A row with a ``domain``, which may be pasted from a browser.

    Here and not in the model's ``clean`` alone: the checks for a domain given twice, in this form or
    by another row, then see what will be stored.
    """

    def clean_domain(self) -> str:
        return read_domain(self.cleaned_data["domain"])
