"""Rows of domains in admin: a partner's own, a customer's verified ones."""

from django import forms


class DomainForm(forms.ModelForm):
    """In a table, labels are in the header, which admin does not associate with the fields."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "domain" in self.fields:
            field = self.fields["domain"]
            field.widget.attrs["aria-label"] = field.label
