import secrets

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import DomainField, IdentifierField, NameField

from ..validators import (
    COUNTRY_PART_HELP,
    validate_country,
    validate_country_part,
    validate_partner_id,
    validate_time_zone,
)

#: No vowels (no words), no 0/O, 1/I/L, and no U/V pair.
KEY_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
KEY_LENGTH = 8


def make_key() -> str:
    """Return a random key for a partner's addresses, one of 280,000 million."""
    return "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))


class Partner(models.Model):
    """A company that claims to be partner of record."""

    #: Stands for the partner in addresses: its number would tell how many partners there are.
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False, default=make_key)
    name = NameField(_("name"), max_length=200)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["name"]
        indexes = [models.Index(fields=["name"], name="partner_by_name")]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the partner's dashboard, below which its pages are."""
        return reverse("associations:dashboard", args=[self.key])


class PartnerDomain(models.Model):
    """One of the partner's own email domains, at which customer contacts may not be [R10]."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="domains", verbose_name=_("partner")
    )
    domain = DomainField(_("domain"), max_length=253, unique=True)

    class Meta:
        verbose_name = _("partner's mail domain")
        verbose_name_plural = _("partner's mail domains")
        ordering = ["domain"]

    def __str__(self):
        return self.domain


class Location(models.Model):
    """A partner's office, with the Partner ID under which it files claims."""

    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="locations", verbose_name=_("partner")
    )
    name = NameField(_("name"), max_length=200)
    partner_code = IdentifierField(
        _("Partner ID"),
        max_length=12,
        unique=True,
        validators=[validate_partner_id],
        help_text=_("The MPN ID of this location, digits only."),
    )
    country = models.CharField(_("country"), max_length=2, validators=[validate_country])
    country_part = models.CharField(
        _("part of the country"), max_length=3, blank=True, help_text=COUNTRY_PART_HELP
    )
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["name"]
        indexes = [models.Index(fields=["name"], name="location_by_name")]

    def __str__(self):
        return f"{self.name} ({self.partner_code})"

    def clean(self):
        validate_country_part(self.country, self.country_part)
