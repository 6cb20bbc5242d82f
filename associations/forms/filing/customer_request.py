"""The form with which a partner asks for a customer that the operator does not know [R58]."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_fields import NameField
from cpor_site.web.form_layout import make_helper

from .customer import CustomerForm


class CustomerRequestForm(forms.Form):
    """The customer as named in the draft, and what helps staff to verify it."""

    organisation = NameField(
        label=_("Organisation's name"),
        max_length=200,
        help_text=_("As it is registered, such as Fabrikam Motors Inc."),
        error_messages={"required": _("Enter the organisation's name.")},
    )
    customer_domain = CustomerForm.base_fields["customer_domain"]
    tenant_id = CustomerForm.base_fields["tenant_id"]
    note = forms.CharField(
        label=_("How can we check this? (optional)"),
        max_length=2000,
        required=False,
        help_text=_("For example the organisation's website, or who at the customer confirms it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    helper = make_helper()

    def __init__(self, data=None, *, initial=None):
        super().__init__(data, initial=initial, label_suffix="", use_required_attribute=False)
