"""Page 6: everything on one page, then to the reviewers, once [R13], [R14]."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from .. import claims, editing
from ..access import find_people_who_may, has_role, render_forbidden
from ..contacts import contacts_outside_tenant
from ..documents import find_current
from ..enums import ContactRole, InformationReason, Status
from ..forms.filing import ReviewForm
from ..forms.filing.contacts import describe_outside
from ..lifecycle import LifecycleError, StaleClaim
from ..models import Claim
from .filing_pages import PAGES, Page, find_missing, list_contested, read_revision

#: What hands the claim over in each status, by the name of its permission.
HAND_OVER = {Status.EDITING: "submit_claim", Status.ACTION_REQUIRED: "answer_claim"}


def describe(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """All that the check-your-answers page shows, in few queries."""
    action = HAND_OVER.get(Status(claim.status))
    may = action is None or has_role(request.user, claim, action)
    people = {contact.role: contact for contact in claim.contacts.all()}
    missing = find_missing(claim)
    return {
        "missing": [(page, missing[page.name]) for page in PAGES.values() if page.name in missing],
        "contested": list_contested(claim),
        "outside": [describe_outside(each) for each in contacts_outside_tenant(claim)],
        "associations": claim.associations.select_related("product", "subscription"),
        "contacts": [
            (str(role), ContactRole(role).label, people.get(role))
            for role in claims.roles_needed(claim)
        ],
        "documents": find_current(claim),
        "programs": claim.programs.all(),
        "comments": claim.comments.select_related("author"),
        "reasons": [InformationReason(code).label for code in claim.information_reasons],
        "action": action,
        "may_hand_over": may,
        "too_late": claims.TOO_LATE_TO_ANSWER if claims.is_unanswered(claim) else "",
        "people_who_may": [] if may else find_people_who_may(claim),
    }


def save(request: HttpRequest, _page: Page, claim: Claim) -> HttpResponse | dict:
    """Hand the claim over, or keep the words for later; give a response, or what to show."""
    action = HAND_OVER.get(Status(claim.status))
    form = ReviewForm(claim, user=request.user, data=request.POST)
    if request.POST.get("action") == "leave":
        return _leave(request, claim, form)
    if action is None:
        return _already(request, claim)
    if not has_role(request.user, claim, action):
        return render_forbidden(request, claim)
    if not form.is_valid():
        return {"form": form, "revision": read_revision(request)}
    if find_missing(claim):
        return {"form": form, "problem": {"words": _("This claim is not complete yet.")}}
    return _hand_over(request, claim, form)


def _hand_over(request: HttpRequest, claim: Claim, form: ReviewForm) -> HttpResponse | dict:
    words = form.cleaned_data
    revision = read_revision(request)
    try:
        if claim.status == Status.EDITING:
            claims.submit_claim(
                claim, actor=request.user, comment=words["comment"], revision=revision
            )
            messages.success(request, _("Submitted. You hear from us when the review begins."))
        else:
            claims.answer_request(
                claim, actor=request.user, answer=words["answer"], revision=revision
            )
            messages.success(request, _("Your answer is with the reviewer now."))
    except LifecycleError as error:
        return _refuse(request, claim, form, error)
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


def _leave(request: HttpRequest, claim: Claim, form: ReviewForm) -> HttpResponse | dict:
    typed = {name: values for name, values in form.list_typed().items() if any(values)}
    try:
        editing.keep_typed(claim, actor=request.user, page="review", values=typed)
    except LifecycleError as error:
        return {"form": form, "problem": {"words": str(error)}, "status": 409}
    messages.success(request, _("Saved. You can go on whenever you like."))
    return redirect(claim)


def _already(request: HttpRequest, claim: Claim) -> HttpResponse:
    messages.info(
        request,
        _("This claim is with us already: it is “%(status)s”.")
        % {"status": claim.get_status_display()},
    )
    return redirect(claim)
