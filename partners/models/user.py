from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cpor_site.web.addresses import fold_address, validate_address
from cpor_site.web.model_fields import AccountAddressField, PersonNameField

from ..enums import Language
from ..validators import validate_time_zone

#: What makes an address unique to one person: constraints and unique fields of ``User``.
ONCE_PER_ADDRESS = ("email", "user_email_once")


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def with_address(self, email: str) -> models.QuerySet["User"]:
        """Return people with exactly this address, ignoring case: one person or none.

        Not with ``iexact``: PostgreSQL would then take a dotless i for an i and a long s for an s.
        """
        return self.alias(address=Lower("email")).filter(address=fold_address(email))

    def get_by_natural_key(self, username):
        return self.with_address(username).get()

    @classmethod
    def normalize_email(cls, email):
        """Return the address as it is stored, in lower case: allauth looks people up by that."""
        return fold_address(email or "")

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Create a person who signs in with ``email``; without a password they must reset it first.

        Raises ValidationError for an address that no one can be found by.
        """
        address = self.normalize_email(email)
        validate_address(address)
        user = self.model(email=address, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a partner's member, one of the operator's staff, or (rarely) both."""

    email = AccountAddressField(_("email"), unique=True)
    full_name = PersonNameField(_("full name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("Empty: that of the person's location, or the operator's for staff."),
    )
    uses_single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    is_staff = models.BooleanField(
        _("staff"), default=False, help_text=_("May sign in to the operator's admin pages.")
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Untick instead of deleting: history names people.")
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("An account with this email already exists."),
            )
        ]
        indexes = [
            # The filters of the staff list, for the few rows they match.
            models.Index(fields=["email"], condition=models.Q(is_staff=True), name="user_of_staff"),
            models.Index(fields=["email"], condition=models.Q(is_active=False), name="user_closed"),
        ]

    def __str__(self):
        return self.full_name or self.email

    def clean(self):
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)
