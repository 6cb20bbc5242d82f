"""How allauth's sign-in fits in here: nobody signs up, and its mails go through the outbox."""

import uuid

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from notifications import outbox

from .addresses import find_person
from .enums import MailKind

#: allauth's mail → our kind, and what it prints of allauth's context.
MAILS: dict[str, tuple[str, dict[str, str]]] = {
    "account/email/password_reset_key": (
        MailKind.PASSWORD_RESET,
        {"url": "password_reset_url"},
    ),
    "account/email/unknown_account": (MailKind.UNKNOWN_ACCOUNT, {}),
    "account/email/email_confirmation": (MailKind.CONFIRM_ADDRESS, {"url": "activate_url"}),
}
#: allauth's notifications → what happened, in words. Whoever did not do it learns of it so.
CHANGES = {
    "account/email/password_changed": gettext_noop("Your password was changed."),
    "account/email/password_reset": gettext_noop("Your password was set anew, by a link we sent."),
    "account/email/password_set": gettext_noop("A password was set."),
    "mfa/email/totp_activated": gettext_noop("An authenticator app was set up."),
    "mfa/email/totp_deactivated": gettext_noop("The authenticator app was removed."),
    "mfa/email/webauthn_added": gettext_noop("A passkey was added."),
    "mfa/email/webauthn_removed": gettext_noop("A passkey was removed."),
    "mfa/email/recovery_codes_generated": gettext_noop(
        "New recovery codes were made. The former ones do not work any more."
    ),
}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """People join by invitation or are made by staff; there is no sign-up page [R42]."""
        return False

    @transaction.atomic
    def send_mail(self, template_prefix, email, context):
        """Queue the mail: a page must not wait for, or fail with, a mail server."""
        user = find_person(email)
        language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
        kind: str = MailKind.SIGN_IN_CHANGED
        if template_prefix in CHANGES:
            with translation.override(language):
                values = {
                    "what": gettext(CHANGES[template_prefix]),
                    "url": settings.CPOR_BASE_URL + reverse("mfa_index"),
                }
        else:
            kind, printed = MAILS[template_prefix]
            values = {name: context[theirs] for name, theirs in printed.items()}
        outbox.enqueue(
            kind,
            key=f"{kind}:{uuid.uuid4()}",
            to=outbox.Recipient(
                email=email, name=user.full_name if user else "", language=language
            ),
            context=values,
        )
