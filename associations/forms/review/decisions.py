"""The forms of decisions, each with the checklist beside it and a drafted message [R16], [R64]."""

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.outbox import Recipient
from notifications.words.blocks import Letter

from ...customer import registered
from ...enums import (
    REVIEWER_REJECTION_REASONS,
    AssociationStatus,
    InformationReason,
    RejectionReason,
)
from ...models import Association, Claim
from ...review import drafting, previews
from ...review.checklist import Checklist, Fact
from ...review.drafting import Given
from .people import ConfirmationField
from .words import ReviewForm, WordsField

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms.boundfield import BoundField

#: The fields that the checklist shows instead of the form.
TICKS = ("keep", "facts")


class ProductChoice(forms.ModelMultipleChoiceField):
    def __init__(self, **kwargs):
        super().__init__(queryset=Association.objects.none(), label=_("Products"), **kwargs)

    def label_from_instance(self, association: Association) -> str:
        if association.subscription is None:
            return str(association.product)
        return f"{association.product} ({association.subscription.subscription_id})"


class DecisionForm(ReviewForm):
    """A decision: what is ticked on the checklist, and a message to the partner.

    ``drafted`` is the message as it was last drafted: one that still reads so was not edited.
    """

    keep = ProductChoice(required=False)
    facts = forms.MultipleChoiceField(label=_("Facts"), choices=Fact, required=False)
    drafted = forms.CharField(widget=forms.HiddenInput, required=False)

    #: The field for the message to the partner.
    message_field: ClassVar[str] = "words"

    def __init__(self, data=None, *, claim: Claim, typed: dict[str, Any] | None = None):
        super().__init__(data, claim=claim)
        proposed = claim.associations.filter(status=AssociationStatus.PROPOSED)
        self._keep.queryset = proposed.select_related("product", "subscription")
        self.initial.update(typed or {})

    @property
    def _keep(self) -> ProductChoice:
        return cast("ProductChoice", self.fields["keep"])

    def list_asked(self) -> "list[BoundField]":
        return [each for each in super().list_asked() if each.name not in TICKS]

    def read(self, name: str) -> Any:
        """Return what the field ``name`` shows, valid or not."""
        return self[name].value()

    def read_message(self) -> str:
        return self.read(self.message_field) or ""

    @classmethod
    def suggest(cls, given: Given) -> dict[str, Any]:
        """Return what follows from the checklist, by field."""
        raise NotImplementedError

    def preview(
        self, claim: Claim, checklist: Checklist, *, to: Recipient, now: dt.datetime
    ) -> Letter | None:
        """Return the email that ``to`` would get, or None while it depends on a choice not made yet."""
        raise NotImplementedError

    def values(self) -> dict:
        left_out = {*TICKS, "drafted"}
        return {key: value for key, value in super().values().items() if key not in left_out}


class RequestInformationForm(DecisionForm):
    message_field = "message"

    reasons = forms.MultipleChoiceField(
        label=_("What is missing"),
        choices=InformationReason,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Select at least one reason.")},
    )
    message = WordsField(
        rows=8,
        label=_("Message to the partner"),
        help_text=_(
            "Say what you need. The partner will read this by email and on the claim page."
        ),
        error_messages={"required": _("Tell the partner what you need.")},
    )

    @classmethod
    def suggest(cls, given: Given) -> dict[str, Any]:
        reasons = [each.value for each in given.checklist.list_reasons()]
        return {"reasons": reasons, "message": drafting.draft_request(given)}

    def preview(
        self, claim: Claim, checklist: Checklist, *, to: Recipient, now: dt.datetime
    ) -> Letter | None:
        chosen = self.read("reasons") or []
        reasons = [each for each in InformationReason if each in chosen]
        words = self.read_message()
        return previews.preview_request(claim, reasons=reasons, words=words, to=to, now=now)


class KeepForm(DecisionForm):
    """An approval, which may exclude products that the proof does not support [R16]."""

    confirmation = ConfirmationField()

    def __init__(self, data=None, *, claim: Claim, typed: dict[str, Any] | None = None):
        super().__init__(data, claim=claim, typed=typed)
        self._keep.required = True
        words = _("Keep at least one product, or reject the claim.")
        self._keep.error_messages["required"] = words
        # Asked only if a contact is neither registered nor within the customer's domains [R57].
        if people := registered.list_unconfirmed(claim):
            cast("ConfirmationField", self.fields["confirmation"]).name(people)
        else:
            del self.fields["confirmation"]

    def preview_approval(
        self, claim: Claim, checklist: Checklist, *, to: Recipient, now: dt.datetime
    ) -> Letter | None:
        products = [str(each.product) for each in checklist.kept]
        words = self.read_message()
        if not products:
            return None
        return previews.preview_approval(claim, products=products, words=words, to=to, now=now)

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
    field_order = ("revision", "confirmation", "words")

    words = WordsField(
        label=_("Message to the partner (optional)"),
        required=False,
        help_text=_("If you leave a product out, say why."),
    )

    @classmethod
    def suggest(cls, given: Given) -> dict[str, Any]:
        return {"words": drafting.draft_approval(given)}

    def preview(
        self, claim: Claim, checklist: Checklist, *, to: Recipient, now: dt.datetime
    ) -> Letter | None:
        return self.preview_approval(claim, checklist, to=to, now=now)


class RejectForm(DecisionForm):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(each.value, each.label) for each in REVIEWER_REJECTION_REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the reasons for a rejection.")},
    )
    words = WordsField(
        rows=8,
        label=_("Message to the partner"),
        help_text=_(
            "Say what is wrong with the proof, so that the partner can fix it or dispute the "
            "rejection."
        ),
        error_messages={"required": _("Tell the partner why.")},
    )

    @classmethod
    def suggest(cls, given: Given) -> dict[str, Any]:
        reason = given.checklist.suggest_rejection() or given.typed.get("reason", "")
        return {"reason": reason, "words": drafting.draft_rejection(given)}

    def preview(
        self, claim: Claim, checklist: Checklist, *, to: Recipient, now: dt.datetime
    ) -> Letter | None:
        reason = next((each for each in RejectionReason if each == self.read("reason")), None)
        words = self.read_message()
        if reason not in REVIEWER_REJECTION_REASONS:
            return None
        return previews.preview_rejection(claim, reason=reason, words=words, to=to, now=now)


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
        rows=8,
        label=_("Message to the partner"),
        error_messages={"required": _("Give your reasons.")},
    )

    def __init__(self, data=None, *, claim: Claim, typed: dict[str, Any] | None = None):
        super().__init__(data, claim=claim, typed=typed)
        self._keep.required = False
        if "confirmation" in self.fields:
            self.fields["confirmation"].required = False

    @classmethod
    def suggest(cls, given: Given) -> dict[str, Any]:
        if given.typed.get("decision") == "accept":
            return {"words": drafting.draft_approval(given)}
        return {"words": drafting.draft_rejection(given)}

    def preview(
        self, claim: Claim, checklist: Checklist, *, to: Recipient, now: dt.datetime
    ) -> Letter | None:
        decision = self.read("decision")
        if decision == "turn-down":
            return previews.preview_lost_dispute(claim, words=self.read_message(), to=to, now=now)
        if decision == "accept":
            return self.preview_approval(claim, checklist, to=to, now=now)
        return None

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
