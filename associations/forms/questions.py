"""What a customer answers about a mediation, from the page of its link [R33]."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from ..enums import CaseChoice
from ..models import CaseSide


class AnswerForm(forms.Form):
    """One answer: a side, none of them, or leave it to the operator. Nothing is preselected."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("You chose nothing. Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers on this page."),
        },
    )

    def __init__(self, *args, sides: list[CaseSide], **kwargs):
        """Offer ``sides``, each by its number: it means nothing in any other case."""
        super().__init__(*args, **kwargs)
        self.sides = {str(each.pk): each for each in sides}
        field = cast("forms.ChoiceField", self.fields["answer"])
        others = [CaseChoice.NEITHER.value, CaseChoice.OPERATOR.value]
        field.choices = [(each, each) for each in (*self.sides, *others)]

    def read_choice(self) -> tuple[CaseChoice, int | None]:
        """Return the choice of a valid form, and the ID of the partner if one was chosen."""
        answer = self.cleaned_data["answer"]
        side = self.sides.get(answer)
        return (CaseChoice.PARTNER, side.partner_id) if side else (CaseChoice(answer), None)

    def find_ticked(self) -> str:
        """Return what was selected, as it was sent; "" for an unbound form."""
        return (self["answer"].data or "") if self.is_bound else ""
