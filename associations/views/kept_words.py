"""Words of an answer that are not sent yet: kept with the claim, as the pages of filing keep theirs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ..claims.lifecycle import LifecycleError
from ..filing import drafts
from ..filing.submission import ANSWER
from ..forms.filing.base import TYPED_MAX
from ..models import Claim
from . import saving

__all__ = ["ANSWER", "keep", "read"]


def read(claim: Claim, name: str) -> str:
    """Return the words kept under ``name``, or ""."""
    return str(claim.typed.get(name, "")) if name else ""


def keep(request: HttpRequest, claim: Claim, name: str) -> HttpResponse | None:
    """Keep the words of a form that leads elsewhere first; None where it is to be done now.

    Where the claim can no longer be edited, nothing is kept and the form's own refusal follows.
    """
    target = saving.find_target(request)
    if target is None and not saving.is_kept(request):
        return None
    # PostgreSQL's JSON knows no NUL.
    words = request.POST.get("words", "").replace("\0", "")[:TYPED_MAX]
    try:
        drafts.keep_typed(claim, actor=request.user, page=name, values=words)
    except LifecycleError:
        return None
    if target is None:
        return HttpResponse(status=204)
    page, field = target
    return redirect(reverse("associations:claim-page", args=[claim.reference, page]) + field)
