"""Page 1: the location that claims, and the customer by domain and Tenant ID [R7]."""

from functools import cached_property
from typing import cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from associations.filing import drafts
from associations.filing.programs import describe_missing_enrollment, local_today
from associations.models import Claim
from cpor_site.web.form_fields import AS_TYPED, DomainField, IdField
from cpor_site.web.form_layout import include, make_helper
from partners.models import Enrollment, Location
from partners.rules import find_membership, locations_of

from .base import FilingForm


class CustomerForm(FilingForm):
    is_unknown = False  # domain and Tenant ID are valid, but belong to no customer

    location = forms.ChoiceField(
        label=_("Your location"),
        help_text=_(
            "The location that did the work. Its program enrollments determine which incentives "
            "apply."
        ),
        error_messages={
            "required": _("Choose the location that did the work."),
            "invalid_choice": _("Choose one of your own locations from the list."),
        },
    )
    customer_domain = DomainField(
        label=_("Customer's domain"),
        max_length=253,
        help_text=_("The part after the @ in the customer's email addresses, such as contoso.com."),
        error_messages={"required": _("Enter the customer's domain, such as contoso.com.")},
        widget=forms.TextInput(attrs=AS_TYPED),
    )
    tenant_id = IdField(
        label=_("Tenant ID"),
        help_text=_("The customer's Directory ID: 32 digits and letters from a to f."),
        error_messages={
            "required": _("Enter the customer's Tenant ID."),
            "invalid": _(
                "This is not a Tenant ID. One looks like 8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913: "
                "32 digits and letters from a to f."
            ),
        },
        widget=forms.TextInput(attrs={**AS_TYPED, "class": "mono"}),
    )

    def read_claim(self) -> dict:
        return {
            "location": str(self.claim.location_id or ""),
            "customer_domain": self.claim.customer_domain,
            "tenant_id": self.claim.tenant.tenant_id if self.claim.tenant else "",
        }

    def configure(self) -> None:
        membership = find_membership(self.user, self.claim.partner_id)
        covered = locations_of(membership) if membership else []
        self.locations: dict[str, Location] = {str(each.pk): each for each in covered}
        enrolled, others = split_by_enrollment(list(self.locations.values()))
        field = cast("forms.ChoiceField", self.fields["location"])
        field.choices = _choices_of(enrolled, others)
        self.has_unenrolled = bool(others)
        if not self.claim.location_id and enrolled:
            self.initial["location"] = str(enrolled[0].pk) if len(enrolled) == 1 else ""
        if not self.claim.is_draft:
            self.fields["customer_domain"].disabled = True
            self.fields["tenant_id"].disabled = True

    @cached_property
    def helper(self) -> FormHelper:
        customer = [include("associations/filing/customer_fixed.html")]
        if self.claim.is_draft:
            about = include("associations/filing/customer_help.html")
            customer = ["customer_domain", "tenant_id", about]
        about = include("associations/filing/customer_location.html")
        return make_helper(Div("location", about, *customer, css_class="panel"))

    def clean_location(self) -> Location:
        location = self.locations[self.cleaned_data["location"]]
        if not self.claim.is_draft and location.pk != self.claim.location_id:
            words = describe_missing_enrollment(
                location, self.claim.solution_area, self.claim.activity, now=timezone.now()
            )
            if words:
                raise forms.ValidationError(words)
        return location

    def clean(self) -> dict:
        domain = self.cleaned_data.get("customer_domain")
        tenant_id = self.cleaned_data.get("tenant_id")
        if self.claim.is_draft and domain and tenant_id:
            self.cleaned_data["tenant"] = drafts.find_tenant(domain, tenant_id)
            if self.cleaned_data["tenant"] is None:
                self.is_unknown = True
                self.add_error("tenant_id", drafts.UNKNOWN_CUSTOMER)
        return self.cleaned_data

    def save(self, *, revision: int | None) -> Claim:
        facts = {"location": self.cleaned_data["location"]}
        if self.claim.is_draft:
            facts["customer_domain"] = self.cleaned_data["customer_domain"]
            facts["tenant"] = self.cleaned_data["tenant"]
        words = _("The customer changed, so choose the products again.")
        return self.save_facts(facts, revision=revision, note=str(words))


def split_by_enrollment(locations: list[Location]) -> tuple[list[Location], list[Location]]:
    """Split locations into those enrolled in some program today, by their own date, and the others [R8]."""
    rows = Enrollment.objects.filter(location__in=locations).select_related("program")
    spans: dict[int, list] = {}
    for enrollment in rows:
        spans.setdefault(enrollment.location_id, []).append(enrollment)
    enrolled: list[Location] = []
    others: list[Location] = []
    now = timezone.now()
    for location in locations:
        today = local_today(location, now=now)
        is_enrolled = any(each.is_in_force_on(today) for each in spans.get(location.pk, []))
        (enrolled if is_enrolled else others).append(location)
    return enrolled, others


def _choices_of(enrolled: list[Location], others: list[Location]) -> list:
    choices: list = [("", _("Choose a location"))]
    if enrolled and others:
        choices.append((_("Enrolled in a program today"), _options(enrolled)))
    else:
        choices += _options(enrolled)
    if others:
        choices.append((_("Not enrolled: revenue association only"), _options(others)))
    return choices


def _options(locations: list[Location]) -> list[tuple[str, str]]:
    return [(str(each.pk), str(each)) for each in locations]
