"""Filters of the access record, all of them in the address."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_layout import make_filter_helper

from ..audit.access_record import STAFF_KINDS, list_people
from ..enums import AccessKind


class AccessFilterForm(forms.Form):
    """Sent by GET; an unknown value is ignored."""

    person = forms.ChoiceField(label=_("Person"), required=False)
    kind = forms.ChoiceField(
        label=_("What happened"),
        required=False,
        choices=[
            ("", _("All activity")),
            *(each for each in AccessKind.choices if each[0] not in STAFF_KINDS),
        ],
    )

    helper = make_filter_helper(person="claim-filter", kind="claim-filter")

    def __init__(self, data, *, partner_id: int):
        super().__init__(data)
        people = [(str(person.pk), str(person)) for person in list_people(partner_id)]
        field = cast("forms.ChoiceField", self.fields["person"])
        field.choices = [("", _("Everyone")), *people]

    def read(self) -> dict[str, str]:
        """Return what was chosen, without invalid values."""
        self.full_clean()
        self.errors.clear()  # nothing says so on the page, and no field is marked
        return {name: value for name, value in self.cleaned_data.items() if value}
