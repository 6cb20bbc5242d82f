"""The reviewers' forms: reasons, messages, and the revision of the claim that the page showed."""

from typing import TYPE_CHECKING, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..customer import registered
from ..enums import REVIEWER_REJECTION_REASONS, AssociationStatus, InformationReason
from ..models import Association, Claim, Contact
from ..models.comment import WORDS_MAX
from ..review.assignment import list_candidates, list_reviewers

if TYPE_CHECKING:
    from django.db.models import QuerySet


class ReviewForm(forms.Form):
    """A form about ``claim``; its hidden revision says which state of the claim the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data=None, *, claim: Claim):
        super().__init__(
            data, initial={"revision": claim.revision}, auto_id="review-%s", label_suffix=""
        )

    def values(self) -> dict:
        """Return the arguments of the domain function, besides claim and actor."""
        return dict(self.cleaned_data)


class WordsField(forms.CharField):
    """A text for the partner."""

    def __init__(self, **kwargs):
        widget = forms.Textarea(attrs={"rows": 5})
        super().__init__(widget=widget, max_length=WORDS_MAX, **kwargs)


class BeginForm(ReviewForm):
    """Only the revision."""


class RequestInformationForm(ReviewForm):
    reasons = forms.MultipleChoiceField(
        label=_("What is missing"),
        choices=InformationReason,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Select at least one reason.")},
    )
    message = WordsField(
        label=_("Message to the partner"),
        help_text=_(
            "Say what you need. The partner will read this by email and on the claim page."
        ),
        error_messages={"required": _("Tell the partner what you need.")},
    )


class ConfirmationField(WordsField):
    """How a reviewer knows a contact that is neither registered nor within the customer's domains [R57]."""

    def __init__(self):
        super().__init__(
            label=_("How do you know that this person can decide for the customer?"),
            error_messages={
                "required": _("Say how you know that this person can decide for the customer.")
            },
        )

    def name(self, people: "list[Contact]") -> None:
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


class ProductChoice(forms.ModelMultipleChoiceField):
    def label_from_instance(self, association: Association) -> str:
        if association.subscription is None:
            return str(association.product)
        return f"{association.product} ({association.subscription.subscription_id})"


class KeepForm(ReviewForm):
    """An approval, which may exclude products that the proof does not support [R16]."""

    keep = ProductChoice(
        label=_("Products that the proof supports"),
        queryset=Association.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Clear any product the proof doesn't support; it will be removed from the claim."
        ),
        error_messages={"required": _("Keep at least one product, or reject the claim.")},
    )
    confirmation = ConfirmationField()

    def __init__(self, data=None, *, claim: Claim):
        super().__init__(data, claim=claim)
        # Asked only if a contact is neither registered nor within the customer's domains [R57].
        if people := registered.list_unconfirmed(claim):
            cast("ConfirmationField", self.fields["confirmation"]).name(people)
        else:
            del self.fields["confirmation"]
        proposed = claim.associations.filter(status=AssociationStatus.PROPOSED)
        self._keep.queryset = proposed.select_related("product", "subscription")
        self.initial["keep"] = [each.pk for each in proposed]

    @property
    def _keep(self) -> ProductChoice:
        return cast("ProductChoice", self.fields["keep"])

    def values(self) -> dict:
        kept = {each.pk for each in self.cleaned_data["keep"]}
        every = cast("QuerySet[Association]", self._keep.queryset)  # __init__ sets it
        return {
            "revision": self.cleaned_data["revision"],
            "words": self.cleaned_data["words"],
            "confirmation": self.cleaned_data.get("confirmation", ""),
            "exclude": [each for each in every if each.pk not in kept],
        }


class ApproveForm(KeepForm):
    field_order = ("revision", "keep", "confirmation", "words")

    words = WordsField(
        label=_("Message to the partner (optional)"),
        required=False,
        help_text=_("If you leave a product out, say why."),
    )


class RejectForm(ReviewForm):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(each.value, each.label) for each in REVIEWER_REJECTION_REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the reasons for a rejection.")},
    )
    words = WordsField(
        label=_("Message to the partner"),
        help_text=_(
            "Say what is wrong with the proof, so that the partner can fix it or dispute the "
            "rejection."
        ),
        error_messages={"required": _("Tell the partner why.")},
    )


class DecideDisputeForm(KeepForm):
    """Accepting approves the claim with the chosen products; rejecting ignores that choice."""

    field_order = ("revision", "decision", "keep", "confirmation", "words")

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("accept", _("Accept the dispute: the claim is approved and the customer is notified")),
            ("turn-down", _("Reject the dispute: the rejection becomes final")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision.")},
    )
    words = WordsField(
        label=_("Message to the partner"), error_messages={"required": _("Give your reasons.")}
    )

    def __init__(self, data=None, *, claim: Claim):
        super().__init__(data, claim=claim)
        self._keep.required = False
        if "confirmation" in self.fields:
            self.fields["confirmation"].required = False
        self._keep.help_text = _(
            "If you accept, clear any product the proof doesn't support; it will be removed from "
            "the claim."
        )

    def clean_keep(self) -> "QuerySet[Association]":
        """Require a product if the dispute is accepted; the decision is cleaned first (``field_order``)."""
        kept = self.cleaned_data["keep"]
        if self.cleaned_data.get("decision") == "accept" and not kept:
            raise forms.ValidationError(
                _("Keep at least one product, or reject the dispute."), "required"
            )
        return kept

    def clean_confirmation(self) -> str:
        """Require it if the dispute is accepted, since that is an approval [R57]."""
        words = self.cleaned_data["confirmation"]
        if self.cleaned_data.get("decision") == "accept" and not words:
            raise forms.ValidationError(
                self.fields["confirmation"].error_messages["required"], "required"
            )
        return words

    def values(self) -> dict:
        return {**super().values(), "accept": self.cleaned_data["decision"] == "accept"}


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


class CommentForm(forms.Form):
    """A comment to the partner; it changes nothing else, so it needs no revision [R18]."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The partner will read this on the claim page and by email."),
        error_messages={"required": _("Enter a comment.")},
    )

    def __init__(self, data=None, *, claim: Claim | None = None):
        super().__init__(data, auto_id="comment-%s", label_suffix="")
        self.claim = claim

    def values(self) -> dict:
        return dict(self.cleaned_data)
