"""Page 6: the last word before the claim goes to the reviewers, or back to them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from associations.enums import Status

from .base import FilingForm


class ReviewForm(FilingForm):
    """Acknowledgements and a comment for a draft; an answer where a reviewer asked for more."""

    is_true = forms.BooleanField(
        label=_("My company did this work for the customer, and the files prove it."),
        error_messages={"required": _("Confirm that your company did this work.")},
    )
    is_known = forms.BooleanField(
        label=_(
            "The customer knows of this claim, and I may give you the addresses of the people "
            "named."
        ),
        error_messages={"required": _("Confirm that the customer knows of this claim.")},
    )
    is_told = forms.BooleanField(
        label=_("I understand that the customer is told, and may refuse or end this at any time."),
        error_messages={"required": _("Confirm that you understand that the customer may refuse.")},
    )
    comment = forms.CharField(
        label=_("Comment to the reviewer (optional)"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer = forms.CharField(
        label=_("Your answer to the reviewer"),
        max_length=5000,
        help_text=_("Say what you added or changed, and where the reviewer finds it."),
        error_messages={"required": _("Say what you added or changed.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    ACKNOWLEDGEMENTS = ("is_true", "is_known", "is_told")

    def configure(self) -> None:
        shown = {
            Status.EDITING: {*self.ACKNOWLEDGEMENTS, "comment"},
            Status.ACTION_REQUIRED: {"answer"},
        }.get(Status(self.claim.status), set())
        for name in set(self.fields) - shown:
            del self.fields[name]

    @property
    def acknowledgements(self) -> list:
        return [self[name] for name in self.ACKNOWLEDGEMENTS if name in self.fields]
