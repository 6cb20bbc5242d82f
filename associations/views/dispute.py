"""The page that disputes a rejection: with words, newer proof, or both, and once [R2], [R11]."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..claims.lifecycle import LifecycleError
from ..enums import Status
from ..forms.actions import DisputeForm
from ..models import Claim
from ..proof.documents import Intake, find_current, store_documents
from ..review import disputes
from .access import claim_action
from .actions import CONFLICT, is_repeated, turn_away
from .filing_proof import tell_taken
from .upload_guard import find_guard, guard_upload


@require_http_methods(["GET", "HEAD", "POST"])
@guard_upload
@claim_action("dispute_claim")
def dispute(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Show the page; by POST keep the good files, and dispute where nothing is wrong."""
    if request.method == "POST":
        return _take(request, claim)
    if not request.user.has_perm("associations.dispute_claim", claim):
        return turn_away(request, claim)
    try:
        disputes.require_disputable(claim)
    except LifecycleError as error:
        messages.warning(request, str(error))
        return redirect(claim)
    return _show(request, claim, DisputeForm(initial={"revision": claim.revision}))


def _take(request: HttpRequest, claim: Claim) -> HttpResponse:
    """A dispute is made once, so that it waits until every file that was sent is right or left out."""
    form = DisputeForm(request.POST)
    form.is_valid()
    intake = Intake()
    try:
        intake = store_documents(
            claim,
            request.FILES.getlist("files"),
            actor=request.user,
            lock=disputes.lock_for_dispute,
        )
        intake.refused |= find_guard(request).refused
        claim.refresh_from_db()
        disputes.require_disputable(claim)
        _find_faults(form, intake, claim)
        _follow(request, form, intake)
        if form.errors:
            tell_taken(request, intake)
            return _show(request, claim, form, status=400)
        disputes.dispute_claim(
            claim,
            actor=request.user,
            justification=form.cleaned_data["words"],
            revision=form.cleaned_data["revision"] + len(intake.stored),
        )
    except LifecycleError as error:
        return _refuse(request, claim, form, error, intake)
    tell_taken(request, intake)
    messages.success(request, _("Your dispute is with the reviewers."))
    return redirect(claim)


def _find_faults(form: DisputeForm, intake: Intake, claim: Claim) -> None:
    for name, words in intake.refused.items():
        form.add_error("files", f"{name}: {words}")
    if form.errors or form.cleaned_data["words"] or disputes.find_newer_proof(claim):
        return
    form.add_error("words", disputes.describe_nothing_new())


def _follow(request: HttpRequest, form: DisputeForm, intake: Intake) -> None:
    """Let the page know the revision that its own files led to, and no change of anybody else's."""
    if "revision" in form.cleaned_data:
        _set_revision(request, form, form.cleaned_data["revision"] + len(intake.stored))


def _set_revision(request: HttpRequest, form: DisputeForm, revision: int) -> None:
    data = request.POST.copy()
    data["revision"] = str(revision)
    form.data = data


def _refuse(
    request: HttpRequest, claim: Claim, form: DisputeForm, error: LifecycleError, intake: Intake
) -> HttpResponse:
    """Say why it was not sent, and keep words and files; unless it was a second click."""
    claim.refresh_from_db()
    words = form.cleaned_data.get("words", "")
    if is_repeated(claim, user=request.user, target=Status.DISPUTE, words=words):
        return redirect(claim)
    tell_taken(request, intake)
    _set_revision(request, form, claim.revision)
    return _show(
        request,
        claim,
        form,
        status=CONFLICT,
        conflict=str(error),
        is_open=_can_be_sent(claim),
        has_kept=bool(intake.stored),
    )


def _can_be_sent(claim: Claim) -> bool:
    try:
        disputes.require_disputable(claim)
    except LifecycleError:
        return False
    return True


def _show(request: HttpRequest, claim: Claim, form, *, status: int = 200, **more) -> HttpResponse:
    newer = disputes.find_newer_proof(claim)
    documents = find_current(claim)
    context = {"claim": claim, "form": form, "documents": documents, "newer": newer, **more}
    return render(request, "associations/claim_dispute.html", context, status=status)
