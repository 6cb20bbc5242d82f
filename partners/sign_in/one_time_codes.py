"""Codes of an authenticator app (TOTP, RFC 6238): of this step or the one that just ended, each once.

People may still be typing when a code changes, so the previous code is accepted too, but never a future one.
allauth remembers a used code in the cache, for one step: not long enough for two, and not at all while the
cache is away. The newest step that was used is therefore stored with the factor.
"""

import base64
import hmac
import struct
import time

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction

#: Seconds that the app shows a code, and its number of digits; allauth's defaults, which apps expect.
PERIOD, DIGITS = 30, 6
#: Steps back from now whose code is accepted.
STEPS_TAKEN = (0, 1)
LAST_STEP = "last_step"


def find_step(secret: str, code: str) -> int | None:
    """Return the step of ``code``, current or just ended, for the app's ``secret`` in base32; else None."""
    digits = "".join(filter(str.isdecimal, code))
    now = read_step()
    steps = (now - back for back in STEPS_TAKEN)
    return next((step for step in steps if _is_same(digits, make_code(secret, step))), None)


def read_step() -> int:
    """Return the number of the current step."""
    return int(time.time()) // PERIOD


def make_code(secret: str, step: int) -> str:
    """Return the code that the app shows in a step (RFC 4226)."""
    key = base64.b32decode(secret, casefold=True)
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    start = digest[-1] & 0xF
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


@transaction.atomic
def use_code(factor: Authenticator, code: str) -> bool:
    """Use up a code of the app; return False for one that was used, or is older than one that was.

    Locks the factor, so that of two browsers with the same code only one gets in.
    """
    fresh = Authenticator.objects.select_for_update().get(pk=factor.pk)
    step = find_step(get_adapter().decrypt(fresh.data["secret"]), code)
    if step is None or step <= fresh.data.get(LAST_STEP, -1):
        return False
    _remember(fresh, step)
    return True


def use_up_what_is_shown(factor: Authenticator) -> None:
    """Accept no code up to the current one again: one of them set up the app."""
    _remember(factor, read_step())


def _remember(factor: Authenticator, step: int) -> None:
    factor.data[LAST_STEP] = step
    factor.save(update_fields=["data"])


def _is_same(typed: str, expected: str) -> bool:
    return hmac.compare_digest(typed.encode(), expected.encode())
