"""References that people read to each other: short, no counter, no look-alikes, no accidental words.

Short means that chance repeats one now and then: every 377th new claim of a million meets a reference
that is taken. So rows that have one are created by ``create_drawn``.
"""

import secrets
from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, transaction

from cpor_site.web.constraints import is_violation_of

if TYPE_CHECKING:
    from django.db.models import Model

M = TypeVar("M", bound="Model")

#: No vowels (no words), no 0/O, 1/I/L, and no U/V pair.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
CLAIM_LENGTH = 6
ASSOCIATION_LENGTH = 8
#: Draws before giving up: at a million claims, that many taken references in a row do not happen.
DRAWS = 20


def make_claim_reference() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CLAIM_LENGTH))


def make_association_reference() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(ASSOCIATION_LENGTH))


def create_drawn(model: type[M], constraint: str, **fields) -> M:
    """Create a row with a reference that no other has; a taken one is drawn again.

    ``constraint`` is the one that keeps references apart. Raises IntegrityError for any other.
    """
    for _draw in range(DRAWS - 1):
        try:
            with transaction.atomic():
                return model.objects.create(**fields)  # type: ignore[attr-defined]  # every model has it
        except IntegrityError as error:
            if not is_violation_of(error, model, constraint):
                raise
    return model.objects.create(**fields)  # type: ignore[attr-defined]  # every model has it
