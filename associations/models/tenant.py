from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import (
    AddressField,
    DomainField,
    IdField,
    NameField,
    PersonNameField,
)
from partners.enums import Language
from partners.validators import (
    COUNTRY_PART_HELP,
    validate_country,
    validate_country_part,
    validate_time_zone,
)

from ..enums import Channel, SubscriptionState
from .catalogue import Product


class Tenant(models.Model):
    """A customer's directory. Its country, time zone and language apply to the customer's review period."""

    tenant_id = IdField(_("Tenant ID"), unique=True)
    name = NameField(_("organisation"), max_length=200)
    country = models.CharField(_("country"), max_length=2, validators=[validate_country])
    country_part = models.CharField(
        _("part of the country"), max_length=3, blank=True, help_text=COUNTRY_PART_HELP
    )
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name"]
        # Staff's list with its filter, and the countries of the review queue.
        indexes = [
            models.Index(fields=["name"], name="tenant_by_name"),
            models.Index(fields=["language", "name"], name="tenant_by_language"),
            models.Index(fields=["country"], name="tenant_by_country"),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        validate_country_part(self.country, self.country_part)


class TenantDomain(models.Model):
    """A domain that the customer has verified; it belongs to only one tenant [R7]."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="domains", verbose_name=_("customer")
    )
    domain = DomainField(_("domain"), max_length=253, unique=True)

    class Meta:
        verbose_name = _("verified domain")
        verbose_name_plural = _("verified domains")
        ordering = ["domain"]

    def __str__(self):
        return self.domain


class RegisteredContact(models.Model):
    """A person who speaks for the customer, maintained by staff: every notice also goes to one [R57]."""

    tenant = models.ForeignKey(
        Tenant,
        on_delete=models.CASCADE,
        related_name="registered_contacts",
        verbose_name=_("customer"),
    )
    name = PersonNameField(_("name"), max_length=150)
    title = NameField(_("job title"), max_length=150, blank=True)
    email = AddressField(_("email"))
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    is_undelivered = models.BooleanField(_("last notice was not delivered"), default=False)

    class Meta:
        verbose_name = _("registered contact")
        verbose_name_plural = _("registered contacts")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "tenant",
                Lower("email"),
                name="registered_contact_once",
                violation_error_message=_("This person is already registered for the customer."),
            )
        ]

    def __str__(self):
        return f"{self.name} <{self.email}>"


class Subscription(models.Model):
    """What a tenant bought: one product, a number of seats, an end date.

    ``product`` is empty if what was bought is not a Dynamics product [R9].
    """

    subscription_id = IdField(_("subscription ID"), unique=True)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="subscriptions", verbose_name=_("customer")
    )
    product = models.ForeignKey(
        Product,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="subscriptions",
        verbose_name=_("product"),
        help_text=_("Leave empty if it is not one of the catalogue's products."),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    state = models.CharField(_("state"), max_length=20, choices=SubscriptionState)
    sold_seats = models.PositiveIntegerField(_("sold seats"), default=0)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["tenant", "product"]
        indexes = [
            models.Index(fields=["tenant", "product"], name="subscription_by_tenant"),
            # The filters of the staff's list.
            models.Index(fields=["state", "-id"], name="subscription_by_state"),
            models.Index(fields=["channel", "-id"], name="subscription_by_channel"),
        ]

    def __str__(self):
        return f"{self.product or '–'} {self.subscription_id}"

    @property
    def is_live(self) -> bool:
        """Is it active or in its grace period, so that it can be claimed [R9]?"""
        return self.state in (SubscriptionState.ACTIVE, SubscriptionState.GRACE)
