"""The time zone in which a person reads times; empty means that of their location."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.countries import list_time_zones
from cpor_site.web.form_layout import make_helper

from ..models import User


def list_choices():
    return [("", _("Same as my location")), *list_time_zones()]


class TimeZoneForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=list_choices,
        help_text=_(
            "Applies to history, comments and uploads. Deadlines are in the time zone of the partner, "
            "customer or reviewers who have to act, which is always named."
        ),
    )

    helper = make_helper()

    class Meta:
        model = User
        fields = ("time_zone",)
