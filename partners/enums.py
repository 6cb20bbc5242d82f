from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do for a partner (section 11)."""

    INCENTIVES_ADMIN = "incentives_admin", _("Incentives admin")
    INCENTIVES_USER = "incentives_user", _("Incentives user")


class Language(models.TextChoices):
    """The languages of pages and mails [R51]; adding one is adding a catalogue and a line here."""

    ENGLISH = "en", _("English")
    BRAZILIAN_PORTUGUESE = "pt-br", _("Brazilian Portuguese")


class MailKind(models.TextChoices):
    """Mails about accounts; each is a template under templates/mail/."""

    PASSWORD_RESET = "password_reset", _("To somebody who signs in: link for a new password")
    UNKNOWN_ACCOUNT = "unknown_account", _("To a stranger: no account for this address")
