"""Rows of domains in admin: a partner's own, a customer's verified ones."""

from django import forms


class DomainForm(forms.ModelForm):
    """A row of a table has its label in the head, which admin's page does not tie to the field."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "domain" in self.fields:
            field = self.fields["domain"]
            field.widget.attrs["aria-label"] = field.label
