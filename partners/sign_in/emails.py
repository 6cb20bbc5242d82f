"""Emails about signing in, one function each. People are told of changes others made to their account."""

import uuid

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from notifications import outbox
from notifications.outbox import Recipient

from ..enums import AccountEmail
from ..models import User


def password_reset(email: str, *, user: User | None, url: str) -> None:
    """Send the link that sets a new password."""
    _queue(AccountEmail.PASSWORD_RESET, email, user, url=url)


def unknown_account(email: str, *, user: User | None) -> None:
    """Say that there is no open account for an address that asked for a new password."""
    _queue(AccountEmail.UNKNOWN_ACCOUNT, email, user)


def confirm_address(email: str, *, user: User | None, url: str) -> None:
    """Send the link that proves that the address belongs to the person."""
    _queue(AccountEmail.CONFIRM_ADDRESS, email, user, url=url)


def sign_in_changed(email: str, *, user: User | None, what: str) -> None:
    """Say that how ``user`` signs in has changed; ``what`` is a msgid, translated for the reader."""
    with translation.override(_find_language(user)):
        words = gettext(what)
    _queue(
        AccountEmail.SIGN_IN_CHANGED,
        email,
        user,
        what=words,
        url=settings.CPOR_BASE_URL + reverse("mfa_index"),
    )


def address_changed(email: str, *, user: User) -> None:
    """Tell the former address of ``user`` that it changed. The email contains no link."""
    _queue(AccountEmail.ADDRESS_CHANGED, email, user)


def _queue(kind: AccountEmail, email: str, user: User | None, **values: str) -> None:
    name = user.full_name if user else ""
    outbox.enqueue(
        kind,
        key=f"{kind.value}:{uuid.uuid4()}",
        to=Recipient(email=email, name=name, language=_find_language(user)),
        context=values,
    )


def _find_language(user: User | None) -> str:
    return user.language if user else translation.get_language() or settings.LANGUAGE_CODE
