from django.db import models
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import AddressField, NameField, PersonNameField
from partners.enums import Language

from ..enums import ContactRole
from .claim import Claim


class Contact(models.Model):
    """A person named on a claim. Customers have no account; this is how they are reached."""

    claim = models.ForeignKey(
        Claim, on_delete=models.CASCADE, related_name="contacts", db_index=False
    )
    role = models.CharField(_("role"), max_length=10, choices=ContactRole)
    name = PersonNameField(_("name"), max_length=150)
    title = NameField(_("job title"), max_length=150, blank=True)
    email = AddressField(_("email"))
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    confirmation = models.TextField(
        _("reviewer's confirmation"), blank=True, db_default="", editable=False
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["claim", "role"], name="contact_once_per_role")
        ]

    def __str__(self):
        return f"{self.name} <{self.email}>"
