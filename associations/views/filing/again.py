"""Claim again, or use a claim for another customer: one button each, which makes a draft [R14]."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ...filing import again, drafts
from ...filing.again import Copy
from ...filing.completeness import find_missing
from ...forms.filing.products import type_products
from ...models import Claim
from ..access import claim_action
from .base import address_of, turn_away
from .drafts import read_filing_key
from .pages import PAGES


@require_POST
@claim_action("claim_again")
def claim_again(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Make a draft for the same customer, and say which products could not be copied."""
    return _respond(request, claim, action="claim_again", make=again.claim_again)


@require_POST
@claim_action("claim_for_another")
def claim_for_another(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Make a draft for another customer; the products wait, ticked, until the customer is named."""
    return _respond(
        request, claim, action="claim_for_another", make=again.claim_for_another_customer
    )


def _respond(request, claim: Claim, *, action: str, make: Callable[..., Copy]) -> HttpResponse:
    """Make the draft and open its first incomplete page; a second click leads to the same draft."""
    if not request.user.has_perm(f"associations.{action}", claim):
        return turn_away(request, claim)
    now = timezone.now()
    copy = make(claim, actor=request.user, filing_key=read_filing_key(request), now=now)
    if not copy.draft.is_draft:
        return redirect(copy.draft)
    if copy.is_new:
        _tell(request, claim, copy)
        if copy.draft.tenant_id is None:
            products = [each.product for each in claim.associations.select_related("product")]
            typed = type_products(products)
            drafts.keep_typed(copy.draft, actor=request.user, page="products", values=typed)
    missing = find_missing(copy.draft, reader=request.user, now=now)
    return redirect(
        address_of(copy.draft, next((name for name in PAGES if name in missing), "review"))
    )


def _tell(request, claim: Claim, copy: Copy) -> None:
    words = {"draft": copy.draft.reference, "claim": claim.reference}
    messages.success(
        request,
        _("Draft %(draft)s has the facts of claim %(claim)s, but not its proof or comments.")
        % words,
    )
    for product, reason in copy.left_out.items():
        reason_words = {"product": product, "reason": reason}
        messages.warning(request, _("%(product)s was not copied: %(reason)s") % reason_words)
