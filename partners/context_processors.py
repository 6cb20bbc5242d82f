"""What every page knows of its reader's partners: for the navigation and the account menu."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from .access import find_membership_of_page, list_memberships


def partners(request: HttpRequest) -> dict[str, Callable[[], Any]]:
    """Return what templates call where they name it, so that a page without a header asks nothing.

    ``membership`` is at the partner whose page this is, or the reader's only one; ``partner_key`` is
    its partner's, for addresses; ``memberships`` are all that the reader has.
    """
    if not hasattr(request, "user"):
        return {}
    return {
        "membership": lambda: find_membership_of_page(request),
        "partner_key": lambda: _find_key(request),
        "memberships": lambda: list_memberships(request.user),
    }


def _find_key(request: HttpRequest) -> str:
    membership = find_membership_of_page(request)
    return membership.partner.key if membership else ""
