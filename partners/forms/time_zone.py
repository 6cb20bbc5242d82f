"""The time zone in which a person reads times, and whether single keys act for them (WCAG 2.1.4)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.countries import list_time_zones
from cpor_site.web.form_layout import make_helper

from ..access import list_memberships
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

    uses_single_keys = forms.BooleanField(
        label=_("Jump to the search box with the / key"),
        required=False,
        help_text=_("Switch this off if you use voice input or press keys by accident."),
    )

    helper = make_helper()

    class Meta:
        model = User
        fields = ("time_zone", "uses_single_keys")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.is_staff:
            self.fields["uses_single_keys"].label = _(
                "Use single keys on the decision page (J, K, A, I, R, C, ?) and / for the search box"
            )
        elif not list_memberships(self.instance):  # only a partner's pages have the search box
            del self.fields["uses_single_keys"]
