"""How allauth's sign-in fits in here: nobody signs up, and its mails go through the outbox."""

import uuid

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.utils import translation

from notifications import outbox

from .models import User

#: allauth's mail → our kind, and what it prints of allauth's context.
MAILS = {
    "account/email/password_reset_key": ("password_reset", {"url": "password_reset_url"}),
    "account/email/unknown_account": ("unknown_account", {}),
}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """People join by invitation or are made by staff; there is no sign-up page [R42]."""
        return False

    @transaction.atomic
    def send_mail(self, template_prefix, email, context):
        """Queue the mail: a page must not wait for, or fail with, a mail server."""
        kind, printed = MAILS[template_prefix]
        user = User.objects.filter(email__iexact=email).first()
        language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
        outbox.enqueue(
            kind,
            key=f"{kind}:{uuid.uuid4()}",
            to=outbox.Recipient(
                email=email, name=user.full_name if user else "", language=language
            ),
            context={name: context[theirs] for name, theirs in printed.items()},
        )
