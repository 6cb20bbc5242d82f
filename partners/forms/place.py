"""Where a customer or a location is: country, part of it and time zone, chosen by name [R5]."""

from typing import cast

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cpor_site.web.countries import list_countries, list_parts, list_time_zones


def _with_nothing_chosen(choices):
    return lambda: [("", "---------"), *choices()]


class PlaceForm(forms.ModelForm):
    """A row with ``country``, ``country_part`` and ``time_zone``.

    A part is chosen together with its country (GB-ENG) from one list, so that no script is needed; only
    the part is stored.
    """

    country = forms.ChoiceField(label=_("country"), choices=_with_nothing_chosen(list_countries))
    time_zone = forms.ChoiceField(
        label=_("time zone"), choices=_with_nothing_chosen(list_time_zones)
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        part = self.fields.get("country_part")
        if part is not None:
            choices = _with_nothing_chosen(list_parts)
            self.fields["country_part"] = forms.ChoiceField(
                label=part.label, help_text=part.help_text, required=False, choices=choices
            )
            if self.instance.country_part:
                code = f"{self.instance.country}-{self.instance.country_part}"
                self.initial["country_part"] = code
        for name in {"country", "country_part", "time_zone"} & self.fields.keys():
            label = self._meta.model._meta.get_field(name).verbose_name
            self.fields[name].label = capfirst(str(label))
        self._keep_unlisted("time_zone")

    def _keep_unlisted(self, name: str) -> None:
        """Offer the stored value even if no list has it, such as an older name of a time zone."""
        field, stored = self.fields.get(name), getattr(self.instance, name)
        if field is not None and stored:
            listed = {value for _group, group in list_time_zones() for value, _words in group}
            if stored not in listed:
                offered = [*_with_nothing_chosen(list_time_zones)(), (stored, stored)]
                cast("forms.ChoiceField", field).choices = offered

    def clean_country_part(self) -> str:
        """Return only the part; for one in another country, the model's ``clean`` names both."""
        country, _dash, part = self.cleaned_data["country_part"].partition("-")
        if part and country != self.cleaned_data.get("country"):
            raise forms.ValidationError(_("This part belongs to another country."))
        return part
