"""Page 6: everything on one page, then to the reviewers, once [R13], [R14]."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ..claims.lifecycle import LifecycleError, StaleClaim
from ..filing import drafts, submission
from ..forms.filing import ReviewForm
from ..models import Claim
from . import saving
from .access import has_role, render_forbidden
from .filing_pages import Page, find_missing, read_revision


def lead_to_answer(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Lead on from a page that only drafts have: to the reviewer's question, else to the claim."""
    if request.method == "POST" and not saving.is_kept(request):
        return _already(request, claim)
    if request.user.has_perm("associations.answer_claim", claim):
        return redirect("associations:claim-answer", claim.reference)
    return redirect(claim)


def save(request: HttpRequest, page: Page, claim: Claim) -> HttpResponse | dict:
    """Hand the claim over, or keep the words for later; give a response, or what to show."""
    form = ReviewForm(claim, user=request.user, data=request.POST)
    if saving.is_leaving(request):
        return _leave(request, page, claim, form)
    if not has_role(request.user, claim, "submit_claim"):
        return render_forbidden(request, claim)
    if not form.is_valid():
        return {"form": form, "revision": read_revision(request)}
    if find_missing(claim, reader=request.user):
        return {"form": form, "problem": {"words": _("This claim is not complete yet.")}}
    return _hand_over(request, claim, form)


def _hand_over(request: HttpRequest, claim: Claim, form: ReviewForm) -> HttpResponse | dict:
    comment = form.cleaned_data["comment"]
    try:
        submission.submit_claim(
            claim, actor=request.user, comment=comment, revision=read_revision(request)
        )
    except LifecycleError as error:
        return _refuse(request, claim, form, error)
    messages.success(request, _("Submitted. We'll email you when the review starts."))
    return redirect(claim)


def _refuse(
    request: HttpRequest, claim: Claim, form: ReviewForm, error: LifecycleError
) -> HttpResponse | dict:
    """Keep the words and say what is in the way; unless the claim was handed over meanwhile."""
    status = claim.status
    claim.refresh_from_db()
    if claim.status != status:
        return _already(request, claim)
    problem = {"words": str(error), "is_stale": isinstance(error, StaleClaim)}
    return {"form": form, "problem": problem, "status": 409}


def _leave(request: HttpRequest, page: Page, claim: Claim, form: ReviewForm) -> HttpResponse | dict:
    typed = {name: values for name, values in form.list_typed().items() if any(values)}
    try:
        drafts.keep_typed(claim, actor=request.user, page="review", values=typed)
    except LifecycleError as error:
        return {"form": form, "problem": {"words": str(error)}, "status": 409}
    saving.tell_saved(request, claim)
    return saving.lead_on(request, page, claim)


def _already(request: HttpRequest, claim: Claim) -> HttpResponse:
    messages.info(
        request,
        _("This claim is with us already: it is “%(status)s”.")
        % {"status": claim.get_status_display()},
    )
    return redirect(claim)
