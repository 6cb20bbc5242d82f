"""The reviewers' forms about a mediation case: its decision, asking the customer, a comment to one side."""

from collections.abc import Iterable
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import CaseSide, MediationCase
from ..models.comment import WORDS_MAX

#: The choice of a decision that names no partner.
NONE = "none"


class CaseForm(forms.Form):
    """A form about ``case``; its hidden revision says which state of the case the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data=None, *, case: MediationCase):
        super().__init__(
            data, initial={"revision": case.revision}, auto_id="case-%s", label_suffix=""
        )

    def values(self) -> dict:
        """Return the arguments of the domain function, besides case and actor."""
        return dict(self.cleaned_data)


class AskCustomerForm(CaseForm):
    """Only the revision."""


class DecideCaseForm(CaseForm):
    """One of the ``sides``, or none, and why; nothing is chosen beforehand [R35]."""

    winner = forms.ChoiceField(
        label=_("Who gets the product?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one of the sides, or none of them."),
            "invalid_choice": _(
                "The sides have changed since you opened the page. Choose one of those listed now."
            ),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("All sides read this. Don't name any of them."),
        error_messages={"required": _("Give the reason for the decision.")},
    )

    def __init__(self, data=None, *, case: MediationCase, sides: Iterable[CaseSide]):
        super().__init__(data, case=case)
        listed = [(str(each.partner_id), _name_side(each)) for each in sides]
        winner = cast("forms.ChoiceField", self.fields["winner"])
        winner.choices = [*listed, (NONE, _("None of them"))]

    def values(self) -> dict:
        winner = self.cleaned_data["winner"]
        return {**self.cleaned_data, "winner": None if winner == NONE else int(winner)}


def _name_side(side: CaseSide) -> str:
    return f"{side.partner} ({side.claim.reference})"


class SideCommentForm(forms.Form):
    """A comment that only one ``side`` reads."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Only this partner will read this, on its claim page and by email. Don't name another side."
        ),
        error_messages={"required": _("Enter a comment.")},
    )

    def __init__(self, data=None, *, side: CaseSide):
        super().__init__(data, auto_id=f"comment-{side.pk}-%s", label_suffix="")
        self.side = side
