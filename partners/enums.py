from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member can do for a partner (section 11)."""

    INCENTIVES_ADMIN = "incentives_admin", _("Incentives admin")
    INCENTIVES_USER = "incentives_user", _("Incentives user")


class Language(models.TextChoices):
    """The languages of pages and emails [R51]; to add one, add a catalogue and a line here."""

    ENGLISH = "en", _("English")
    BRAZILIAN_PORTUGUESE = "pt-br", _("Brazilian Portuguese")


class InvitationState(models.TextChoices):
    """The state of an invitation [R42]. An open one may have expired."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Revoked")
    REPLACED = "replaced", _("Replaced by a newer one")


class AccountEmail(models.TextChoices):
    """Emails about accounts; each is a template under templates/mail/."""

    PASSWORD_RESET = "password_reset", _("To a user: link to choose a new password")
    UNKNOWN_ACCOUNT = "unknown_account", _("To an unknown address: no account here")
    CONFIRM_ADDRESS = "confirm_address", _("To a user: link that confirms the address")
    SIGN_IN_CHANGED = "sign_in_changed", _("To a user: how they sign in was changed")
    ADDRESS_CHANGED = ("address_changed", _("To a user’s former address: the address was changed"))
    MEMBER_INVITED = "member_invited", _("To an invited person: link to join a partner")
    MEMBER_CHANGED = "member_changed", _("To a member: role or locations changed")
    MEMBER_REMOVED = "member_removed", _("To a former member: access ended")


class AccessKind(models.TextChoices):
    """The kinds of rows in the access record [R40]."""

    SIGNED_IN = "signed_in", _("Signed in")
    MEMBER_INVITED = "member_invited", _("Invited a member")
    INVITATION_RESENT = "invitation_resent", _("Sent an invitation again")
    INVITATION_REVOKED = "invitation_revoked", _("Revoked an invitation")
    MEMBER_JOINED = "member_joined", _("Accepted an invitation")
    MEMBER_ADDED = "member_added", _("Added a member")
    ROLE_CHANGED = "role_changed", _("Changed a role or its locations")
    MEMBER_REMOVED = "member_removed", _("Removed a member")
    MEMBER_LEFT = "member_left", _("Left the partner")
    CLAIMS_EXPORTED = "claims_exported", _("Exported the claims list")
    PROOF_OPENED = "proof_opened", _("Opened a file of proof")
    PROOF_REVIEWED = "proof_reviewed", _("Opened a file of proof as staff")
    USAGE_VIEWED = "usage_viewed", _("Looked at usage")
    USAGE_EXPORTED = "usage_exported", _("Exported usage")
    USAGE_LISTED = "usage_listed", _("Looked at the usage overview")
    USAGE_LIST_EXPORTED = "usage_list_exported", _("Exported the usage overview")
