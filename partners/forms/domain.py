"""A domain says the same wherever it is typed."""

from django import forms

from ..validators import read_domain


class DomainForm(forms.ModelForm):
    """A row with a ``domain``, which may be pasted from a browser.

    Here and not in the model's ``clean`` alone: the checks for a domain given twice, in this form or
    by another row, then see what will be stored.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A row of a table has its words in the head, which admin's page does not tie to the field.
        if "domain" in self.fields:
            field = self.fields["domain"]
            field.widget.attrs["aria-label"] = field.label

    def clean_domain(self) -> str:
        return read_domain(self.cleaned_data["domain"])
