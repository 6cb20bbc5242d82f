"""Page 6: everything on one page, then to the reviewers, once [R13], [R14]."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ..claims.lifecycle import LifecycleError, StaleClaim
from ..enums import ContactRole
from ..filing import drafts, submission
from ..filing.contacts import contacts_outside_tenant
from ..filing.subscriptions import find_unfit
from ..forms.filing import ReviewForm
from ..forms.filing.contacts import describe_outside
from ..models import Claim
from ..proof.documents import find_current
from . import saving
from .access import find_people_who_may, has_role, render_forbidden
from .filing_pages import PAGES, Page, find_missing, list_contested, read_revision


def describe(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """All that the check-your-answers page shows, in few queries."""
    may = has_role(request.user, claim, "submit_claim")
    people = {contact.role: contact for contact in claim.contacts.all()}
    missing = find_missing(claim, reader=request.user)
    return {
        "missing": [(page, missing[page.name]) for page in PAGES.values() if page.name in missing],
        "covering": list_covering(claim, reader=request.user) if "products" in missing else [],
        "contested": list_contested(claim),
        "outside": [describe_outside(each) for each in contacts_outside_tenant(claim)],
        "associations": claim.associations.select_related("product", "subscription"),
        "contacts": [
            (str(role), ContactRole(role).label, people.get(role))
            for role in submission.roles_needed(claim)
        ],
        "documents": find_current(claim),
        "programs": claim.programs.all(),
        "comments": claim.comments.select_related("author"),
        "may_hand_over": may,
        "people_who_may": [] if may else find_people_who_may(claim),
    }


def list_covering(claim: Claim, *, reader) -> list[Claim]:
    """The company's claims that have some of these products already, as far as they may be seen."""
    errors = find_unfit(claim, reader=reader).values()
    return list(dict.fromkeys(each.covering for each in errors if each.covering))


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
