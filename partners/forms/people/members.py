"""What an Incentives admin enters about a member's seat, or about a person to invite [R41], [R42]."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_fields import AddressField
from cpor_site.web.form_layout import make_helper

from ...enums import Language, Role
from ...models import Location
from ...people.seats import Seat

ALL, CHOSEN = "all", "chosen"
ROLE_CHOICES = [
    (
        Role.INCENTIVES_USER.value,
        _("Incentives user: sees claims and usage, starts drafts, adds proof and comments"),
    ),
    (
        Role.INCENTIVES_ADMIN.value,
        _("Incentives admin: also submits, answers, disputes and withdraws, and manages members"),
    ),
]


class SeatForm(forms.Form):
    """A role and its locations, limited to those of the person filling in the form.

    ``mine`` is their seat, ``locations`` the partner's locations it covers.
    """

    role = forms.ChoiceField(
        label=_("Role"),
        choices=ROLE_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role.")},
    )
    reach = forms.ChoiceField(
        label=_("Which locations?"),
        choices=[
            (ALL, _("All locations, including future ones")),
            (CHOSEN, _("Only chosen locations")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the locations this role applies to.")},
    )
    locations = forms.ModelMultipleChoiceField(
        label=_("Chosen locations"),
        queryset=Location.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    helper = make_helper()

    def __init__(self, *args, mine: Seat, locations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["locations"].queryset = locations.order_by("name")  # type: ignore[attr-defined]
        if not mine.has_all_locations:
            self.fields["locations"].label = self.fields["reach"].label
            del self.fields["reach"]  # no one can give more than they have

    def clean(self):
        data = super().clean() or self.cleaned_data
        is_for_chosen = "reach" not in self.fields or data.get("reach") == CHOSEN
        if is_for_chosen and not data.get("locations") and "locations" not in self.errors:
            self.add_error("locations", _("Choose at least one location."))
        return data

    @property
    def seat(self) -> Seat:
        """Return the seat that a valid form describes."""
        data = self.cleaned_data
        role = Role(data["role"])
        if data.get("reach") == ALL:
            return Seat(role)
        return Seat(role, frozenset(each.pk for each in data["locations"]))


class InvitationForm(SeatForm):
    email = AddressField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Only someone who receives email at this address can join."),
        error_messages={"required": _("Enter the email address of the person you're inviting.")},
    )
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=Language.choices)
    field_order = ("email", "language", "role", "reach", "locations")


class MemberForm(SeatForm):
    """A member's seat, with the one that the page showed in ``shown``, so that a stale page is detected."""

    shown = forms.CharField(widget=forms.HiddenInput)


def describe_seat(seat: Seat) -> dict:
    """Return a form's ``initial`` for an existing seat."""
    return {
        "role": seat.role.value,
        "reach": ALL if seat.has_all_locations else CHOSEN,
        "locations": list(seat.location_ids or ()),
        "shown": seat.code,
    }
