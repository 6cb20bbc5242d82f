"""Page 4: the contacts, and three more facts for a revenue association [R10]."""

from functools import cached_property

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from associations.enums import ContactRole
from associations.filing import drafts
from associations.filing.contacts import (
    CUSTOMER_ROLES,
    contacts_outside_tenant,
    describe_wrong_side,
)
from associations.models import Claim, Contact
from cpor_site.web.form_fields import NameField, PersonNameField
from cpor_site.web.form_layout import make_helper
from partners.models import Partner, User

from .base import FilingForm
from .people import make_contact_field

REVENUE_FIELDS = ("solution_seller", "revenue_customer_name", "isv_product")
#: Role → the fields that page 4 asks for.
PARTS = {
    ContactRole.CUSTOMER: ("name", "title", "email", "language"),
    ContactRole.TECHNICAL: ("name", "title", "email", "language"),
    ContactRole.PARTNER: ("name", "email"),
}
HEADINGS = {
    ContactRole.CUSTOMER: (
        _("Customer contact"),
        _(
            "Someone who can decide for the customer. We'll email them once the claim is approved, "
            "and they can opt out."
        ),
    ),
    ContactRole.TECHNICAL: (
        _("Technical contact"),
        _("Someone at the customer who knows the subscription. We'll email them as well."),
    ),
    ContactRole.PARTNER: (
        _("Your contact"),
        _("The person at your company we should contact about this claim."),
    ),
}


class ContactsForm(FilingForm):
    solution_seller = PersonNameField(
        label=_("Dynamics solution seller"),
        max_length=150,
        help_text=_("The person at the operator who sold the subscription with you."),
        error_messages={"required": _("Enter the name of the Dynamics solution seller.")},
    )
    revenue_customer_name = NameField(
        label=_("Customer name"),
        max_length=200,
        error_messages={"required": _("Enter the customer's name.")},
    )
    isv_product = NameField(
        label=_("Your ISV product"),
        max_length=200,
        help_text=_("Your software that led to the sale."),
        error_messages={"required": _("Enter the name of your product that led to the sale.")},
    )

    def read_claim(self) -> dict:
        if self.claim.pk is None:
            return {}
        tenant = self.claim.tenant
        initial = {
            "partner_name": self.user.full_name,
            "partner_email": self.user.email,
            "customer_language": tenant.language if tenant else "",
            "technical_language": tenant.language if tenant else "",
            "solution_seller": self.claim.solution_seller,
            "revenue_customer_name": self.claim.revenue_customer_name or str(tenant or ""),
            "isv_product": self.claim.isv_product,
        }
        for contact in self.claim.contacts.all():
            for part in PARTS[ContactRole(contact.role)]:
                initial[f"{contact.role}_{part}"] = getattr(contact, part)
        return initial

    def tell_field(self, bound: forms.BoundField) -> str:
        role, _part = bound.name.split("_", 1)
        if role not in HEADINGS:
            return super().tell_field(bound)
        return f"{HEADINGS[ContactRole(role)][0]}: {bound.label}"

    def configure(self) -> None:
        self.roles = list(self.claim.roles_needed)
        for role in self.roles:
            for part in PARTS[role]:
                self.fields[f"{role}_{part}"] = make_contact_field(role, part)
        if not self.claim.is_revenue:
            for name in REVENUE_FIELDS:
                del self.fields[name]

    @cached_property
    def helper(self) -> FormHelper:
        panels = [_make_contact_panel(role) for role in self.roles]
        if self.claim.is_revenue:
            panels.append(_make_panel(_("Revenue association"), REVENUE_FIELDS))
        return make_helper(*panels)

    def clean(self) -> dict:
        for role in self.roles:
            if role in CUSTOMER_ROLES:
                self._check_address(f"{role}_email")
        return self.cleaned_data

    def save(self, *, revision: int | None) -> Claim:
        people = {
            role.value: {part: self.cleaned_data[f"{role}_{part}"] for part in PARTS[role]}
            for role in self.roles
        }
        partner = people[ContactRole.PARTNER]
        partner["language"] = find_language(
            partner["email"], self.claim.partner, otherwise=self.user.language
        )
        facts = {name: self.cleaned_data[name] for name in REVENUE_FIELDS if name in self.fields}
        claim = drafts.save_contacts(
            self.claim, people, actor=self.user, revision=revision, **facts, now=timezone.now()
        )
        self.notes += [describe_outside(contact) for contact in contacts_outside_tenant(claim)]
        return claim

    def _check_address(self, field: str) -> None:
        email = self.cleaned_data.get(field)
        partner_email = self.cleaned_data.get("partner_email") or ""
        words = email and describe_wrong_side(
            self.claim.partner, email, partner_email=partner_email
        )
        if words:
            self.add_error(field, words)


def describe_outside(contact: Contact) -> str:
    """Return the warning that an address is outside the tenant's domains [R10]."""
    return str(
        _(
            "%(email)s is outside this customer's domains. You can continue; the reviewer will see "
            "this too."
        )
        % {"email": contact.email}
    )


def find_language(email: str, partner: Partner, *, otherwise: str) -> str:
    """Return the language of the partner's member with this address, or ``otherwise``.

    Other people's accounts are ignored: their language would reveal which addresses have one.
    """
    members = User.objects.with_address(email).filter(memberships__partner=partner)
    return members.values_list("language", flat=True).first() or otherwise


def _make_contact_panel(role: ContactRole) -> Fieldset:
    heading, words = HEADINGS[role]
    about = HTML(format_html('<p class="form-text">{}</p>', words))
    fields = [f"{role}_{part}" for part in PARTS[role]]
    return _make_panel(heading, fields, about, css_id=f"contact-{role}")


def _make_panel(heading, fields, *above, css_id: str | None = None) -> Fieldset:
    """Return a panel with its fields in pairs, below what stands ``above`` them."""
    pair = Div(*fields, css_class="filing-pair")
    return Fieldset(heading, *above, pair, css_class="panel", css_id=css_id)
