"""From one claim to the next or previous one in the reviewer's own queue [R64]."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.rules import is_reviewer

from ...models import Claim
from ...review import my_queue


def lead_on(
    request: HttpRequest, claim: Claim, find: Callable[..., Claim | None] = my_queue.find_next
) -> HttpResponse:
    """Redirect to another claim in the user's queue, or to the review queue if there is none."""
    if not is_reviewer(request.user):
        raise PermissionDenied
    other = find(request.user, claim, now=timezone.now())
    if other is None:
        messages.info(request, _("No other claim is waiting for you."))
        return redirect("admin:associations_claim_changelist")
    return redirect(other.get_admin_url())
