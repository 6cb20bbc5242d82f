"""Forms about people: how a reviewer knows a contact, and whom a claim is assigned to."""

from typing import cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ...customer import registered
from ...models import Claim, Contact
from ...review.assignment import list_candidates, list_reviewers
from .words import ReviewForm, WordsField


class ConfirmationField(WordsField):
    """How a reviewer knows a contact that is neither registered nor within the customer's domains [R57]."""

    def __init__(self):
        super().__init__(
            label=_("How do you know that this person can decide for the customer?"),
            error_messages={
                "required": _("Say how you know that this person can decide for the customer.")
            },
        )

    def name(self, people: list[Contact]) -> None:
        """Say in the help text whom to confirm, and why."""
        words = _(
            "%(people)s: outside the customer's domains, and the customer has no registered "
            "contact. Your answer is kept in the history for the reviewers."
        )
        self.help_text = words % {"people": ", ".join(str(each) for each in people)}


class ConfirmForm(ReviewForm):
    confirmation = ConfirmationField()

    def __init__(self, data=None, *, claim: Claim):
        super().__init__(data, claim=claim)
        if people := registered.list_unconfirmed(claim):
            cast("ConfirmationField", self.fields["confirmation"]).name(people)


class ReviewerField(forms.ModelChoiceField):
    """A colleague who may review claims; ``candidates`` are those to choose from."""

    def __init__(self, candidates=None):
        super().__init__(
            label=_("Reviewer"),
            queryset=list_reviewers() if candidates is None else candidates,
            empty_label=_("Choose a reviewer"),
            error_messages={
                "required": _("Choose a reviewer."),
                "invalid_choice": _("This person can't review the claim. Choose someone else."),
            },
        )


class AssignForm(ReviewForm):
    """Whom to give the claim to; any state of the claim may be given, so the revision is not compared."""

    def __init__(self, data=None, *, claim: Claim):
        super().__init__(data, claim=claim)
        self.fields["to"] = ReviewerField(list_candidates(claim, now=timezone.now()))

    def values(self) -> dict:
        return {"to": self.cleaned_data["to"]}
