"""Emails that tell people that how they sign in was changed, in case it was not them."""

import uuid

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from notifications import outbox

from ..enums import MailKind
from ..models import User


def tell_change(what: str, *, email: str, user: User | None) -> None:
    """Queue the email to ``email``. ``what`` is a msgid, translated into the reader's language."""
    language = user.language if user else translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(language):
        values = {"what": gettext(what), "url": settings.CPOR_BASE_URL + reverse("mfa_index")}
    _enqueue(MailKind.SIGN_IN_CHANGED, values, email=email, user=user, language=language)


def tell_former_address(email: str, *, user: User) -> None:
    """Queue an email to the former address of ``user``. It contains no link."""
    _enqueue(MailKind.ADDRESS_CHANGED, {}, email=email, user=user, language=user.language)


def _enqueue(kind: str, values: dict, *, email: str, user: User | None, language: str) -> None:
    outbox.enqueue(
        kind,
        key=f"{kind}:{uuid.uuid4()}",
        to=outbox.Recipient(email=email, name=user.full_name if user else "", language=language),
        context=values,
    )
