"""What a customer sends from the page of a link [R22]–[R24]."""

from typing import cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..enums import AssociationStatus
from ..models import Association

#: Characters; several times what anybody wrote so far, and short enough to be read in a mail.
REASON_LIMIT = 2000
#: Instead of ticking each product that can be refused.
ALL = "all"
#: Acts that name products, and answers that are about the request as a whole.
ACTS = ("refuse", "take-back", "end")
ANSWERS = ("confirm", "wrong-person")


class DecisionForm(forms.Form):
    """An answer, some of a claim's products, and why.

    Every product that the customer was asked about may be named, in whatever state it is: a form
    that is sent twice must not turn into an error. What may happen is for the domain to say. Nothing is
    chosen beforehand, so a form that is sent as it came chooses nothing.
    """

    action = forms.ChoiceField(
        label=_("Your answer"),
        choices=[(each, each) for each in (*ACTS, *ANSWERS)],
        error_messages={
            "required": _("You chose nothing. Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers on this page."),
        },
    )
    products = forms.MultipleChoiceField(
        label=_("Products"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("One of the products is not part of this request any more."),
        },
    )
    # The product that “I refuse” is about where a page asks about one alone; it chooses nothing by itself.
    only = forms.CharField(required=False)
    # A validator and not max_length: the browser would cut what is pasted without a word.
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
        """Offer ``products``, those of one claim."""
        super().__init__(*args, **kwargs)
        self.refusable = [
            each.reference
            for each in products
            if each.status in (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT)
        ]
        field = cast("forms.MultipleChoiceField", self.fields["products"])
        field.choices = [(ALL, ALL), *((each.reference, str(each.product)) for each in products)]

    def clean(self) -> dict:
        """Products belong to an act and not to another answer; the answer says which act it is."""
        action, ticked = self.cleaned_data.get("action"), self.cleaned_data.get("products")
        only = self.cleaned_data.pop("only", "")
        if ticked is None:
            return self.cleaned_data  # it has its own error
        if action == "refuse" and only in self.refusable:
            ticked = ticked or [only]
        if action in ACTS and not ticked:
            self.add_error("products", _("You chose nothing. Tick at least one product."))
        elif ticked and action in ANSWERS:
            # It may be a refusal: which of the two is meant is not ours to guess.
            words = _(
                "You ticked products to refuse and chose another answer. Choose one of the two."
            )
            self.add_error("action", words)
        self.cleaned_data["products"] = self.refusable if ALL in ticked else ticked
        return self.cleaned_data

    def find_ticked(self) -> list[str]:
        """The references that are ticked: as they were sent; none on a fresh page."""
        return self["products"].data if self.is_bound else []
