"""What a customer sends from the page of a link [R23], [R24]."""

from typing import cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

#: Characters; several times what anybody wrote so far, and short enough to be read in a mail.
REASON_LIMIT = 2000


class DecisionForm(forms.Form):
    """Some of a claim's products, and why.

    Every product that the customer was asked about may be named, in whatever state it is: a form
    that is sent twice must not turn into an error. What may happen is for the domain to say.
    """

    products = forms.MultipleChoiceField(
        label=_("Products"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one product."),
            "invalid_choice": _("One of the products is not part of this request any more."),
        },
    )
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

    def __init__(self, *args, products, **kwargs):
        """Offer ``products``, the LinkedProducts of one claim."""
        super().__init__(*args, **kwargs)
        field = cast("forms.MultipleChoiceField", self.fields["products"])
        field.choices = [(each.reference, each.name) for each in products]

    def find_ticked(self, *, otherwise: list[str]) -> list[str]:
        """The references that are ticked: as they were sent, or ``otherwise`` on a fresh page."""
        return self["products"].data if self.is_bound else otherwise
