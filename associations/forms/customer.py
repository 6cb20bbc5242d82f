"""What a customer sends from the page of a link [R22]–[R24]."""

from typing import cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..enums import AssociationStatus
from ..models import Association

#: In characters: several times the longest reason so far, and short enough to read in an email.
REASON_LIMIT = 2000
#: Instead of ticking each product that can be refused.
ALL = "all"
#: Acts that name products, and answers that are about the request as a whole.
ACTS = ("refuse", "take-back", "end")
ANSWERS = ("confirm", "wrong-person")


class DecisionForm(forms.Form):
    """Take an answer, some of a claim's products, and a reason.

    Accept every product that the customer was asked about, whatever its state, so that sending a form
    twice is no error; the domain decides what may happen. Nothing is preselected, so an unchanged
    form chooses nothing.
    """

    action = forms.ChoiceField(
        label=_("Your answer"),
        choices=[(each, each) for each in (*ACTS, *ANSWERS)],
        error_messages={
            "required": _("Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers on this page."),
        },
    )
    products = forms.MultipleChoiceField(
        label=_("Products"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("One of the products is no longer part of this request."),
        },
    )
    # The product that “I refuse” means on a page about only one; it selects nothing by itself.
    only = forms.CharField(required=False)
    # A validator and not max_length: the browser would silently truncate pasted text.
    reason = forms.CharField(
        label=_("Why? (optional)"),
        required=False,
        widget=forms.Textarea,
        validators=[
            MaxLengthValidator(
                REASON_LIMIT,
                message=ngettext_lazy(
                    "Your reason has %(show_value)d characters. Shorten it to %(limit_value)d.",
                    "Your reason has %(show_value)d characters. Shorten it to %(limit_value)d.",
                    "limit_value",
                ),
            )
        ],
    )

    def __init__(self, *args, products: list[Association], **kwargs):
        """Offer ``products``, all of one claim."""
        super().__init__(*args, **kwargs)
        self.refusable = [
            each.reference
            for each in products
            if each.status in (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
        ]
        field = cast("forms.MultipleChoiceField", self.fields["products"])
        field.choices = [(ALL, ALL), *((each.reference, str(each.product)) for each in products)]

    def clean(self) -> dict:
        """Require products for an act, and refuse them beside any other answer."""
        action, ticked = self.cleaned_data.get("action"), self.cleaned_data.get("products")
        only = self.cleaned_data.pop("only", "")
        if ticked is None:
            return self.cleaned_data  # it has its own error
        if action == "refuse" and only in self.refusable:
            ticked = ticked or [only]
        if action in ACTS and not ticked:
            self.add_error("products", _("Select at least one product."))
        elif ticked and action in ANSWERS:
            # It may be meant as a refusal, so we do not guess.
            words = _(
                "You ticked products to refuse but chose another answer. Choose one or the other."
            )
            self.add_error("action", words)
        self.cleaned_data["products"] = self.refusable if ALL in ticked else ticked
        return self.cleaned_data

    def find_ticked(self) -> list[str]:
        """Return the references that were selected, as they were sent; [] for an unbound form."""
        return self["products"].data if self.is_bound else []
