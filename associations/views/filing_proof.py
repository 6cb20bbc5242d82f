"""Page 5: files arrive, are judged one by one, and the good ones stay [R11]."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ..claims.lifecycle import LifecycleError
from ..forms.filing import ProofForm
from ..models import Claim
from ..proof.documents import Intake, find_current, store_documents, withdraw_document
from . import saving
from .access import has_role, render_forbidden
from .filing_pages import Page
from .upload_guard import find_guard


def save(request: HttpRequest, page: Page, claim: Claim) -> HttpResponse | dict:
    """Withdraw a file, or take files in; give a response, or what the page is to show.

    No revision is asked for: a file never overwrites what a colleague did.
    """
    form = ProofForm(claim, user=request.user, data=request.POST, files=request.FILES)
    form.is_valid()
    try:
        if request.POST.get("withdraw"):
            if not has_role(request.user, claim, "edit_claim"):
                return render_forbidden(request, claim)
            return _withdraw(request, page, claim)
        intake = store_documents(claim, request.FILES.getlist("files"), actor=request.user)
    except LifecycleError as error:
        return {"form": form, "problem": {"words": str(error)}, "status": 409}
    intake.refused |= find_guard(request).refused
    claim.refresh_from_db()
    tell_taken(request, intake)
    for name, words in intake.refused.items():
        form.add_error("files", f"{name}: {words}")
    return _go_on(request, page, claim, form)


def tell_taken(request: HttpRequest, intake: Intake) -> None:
    """Say what was kept, and what was here already."""
    for document in intake.stored:
        words = _("“%(name)s” is added.")
        if document.version > 1:
            words = _("“%(name)s” is added as version %(version)d; the older one is kept.")
        messages.success(request, words % {"name": document.name, "version": document.version})
    for name in intake.shortened:
        words = _("The name of a file was too long. It is called “%(name)s” here.")
        messages.warning(request, words % {"name": name})
    for name, kept in intake.known.items():
        messages.info(
            request,
            _("“%(name)s” has the same content as “%(kept)s”, which is here already.")
            % {"name": name, "kept": kept},
        )


def _go_on(request: HttpRequest, page: Page, claim: Claim, form: ProofForm) -> HttpResponse | dict:
    if form.errors:
        return {"form": form}
    if saving.is_leaving(request) or saving.is_cancelled(request):
        saving.tell_saved(request, claim)
        return saving.lead_on(request, page, claim)
    if not claim.is_draft:
        return saving.lead_on(request, page, claim)
    if request.POST.get("action") != "continue":
        return redirect("associations:claim-page", claim.reference, page.name)
    if not find_current(claim):
        form.add_error("files", ValidationError(_("Add at least one file that proves the work.")))
        return {"form": form}
    return saving.lead_on(request, page, claim)


def _withdraw(request: HttpRequest, page: Page, claim: Claim) -> HttpResponse:
    try:
        name = withdraw_document(claim, request.POST["withdraw"], actor=request.user)
    except ValidationError:  # not a key at all
        name = None
    if name:
        messages.success(request, _("“%(name)s” is removed from this claim.") % {"name": name})
    return redirect("associations:claim-page", claim.reference, page.name)
