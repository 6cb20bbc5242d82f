"""A partner's page of a mediation: what is contested, its statement, the decision, a dispute [R33], [R35].

It never says who the other partners are or how many, nor that the customer is being asked.
"""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from ..contests import own_cases, sides
from ..contests.own_cases import OwnCase
from ..display.mediations import Stage
from ..forms.mediation import ProofForm, StatementForm, VerdictDisputeForm
from ..models import CaseSide, Claim
from ..models.mediation import STATEMENT_MAX
from ..proof.documents import Intake, find_current
from .access import find_claim, has_role, render_forbidden
from .act_page import ActPage
from .proof.upload_guard import guard_upload, take_files, tell_taken


class MediationAct(ActPage):
    """Something that a side can do on its page of a mediation; each takes files of proof as well.

    The files that are fit are kept even if nothing else is done.
    """

    template = "associations/mediation.html"
    #: What the form says it is, in its field ``act``.
    name: ClassVar[str]

    own: OwnCase
    intake: Intake

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.own, self.intake = kwargs["own"], Intake()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show where the mediation stands, with the form if there is something to do."""
        return self.show(self.make_form() if self.is_offered() else None)

    def is_offered(self) -> bool:
        """Can this be done now?"""
        return self.own.takes_proof

    def explain_closed(self) -> str:
        return "" if self.is_offered() else str(sides.NoStatementNow.words)

    def read_initial(self) -> dict[str, Any]:
        return {"seen": sides.mark_seen(self.own.side)}

    def is_right(self, form: forms.Form) -> bool:
        form.is_valid()
        now = timezone.now()
        hold = partial(sides.hold_for_hearing, case=self.own.case, now=now)
        take_files(self.request, self.claim, form, into=self.intake, now=now, hold=hold)
        return not form.errors

    def reload(self) -> None:
        super().reload()
        self.own = _find_own_case(self.claim, self.own.reference)

    def describe(self) -> dict[str, Any]:
        can_act = has_role(self.request.user, self.claim, "state_case")
        return {
            "own": self.own,
            "intake": self.intake,
            "act": self.name,
            "can_act": can_act,
            "documents": find_current(self.claim) if self.own.takes_proof else (),
            "statement_max": STATEMENT_MAX,
        }

    def show(self, form, *, status: int = 200, **more) -> HttpResponse:
        tell_taken(self.request, self.intake)
        return super().show(form, status=status, **more)

    def finish(self, form, done) -> HttpResponse:
        tell_taken(self.request, self.intake)
        if self.done and done:
            messages.success(self.request, self.done)
        return self.lead_back()

    def lead_back(self) -> HttpResponse:
        return redirect(self.own)


class AddProof(MediationAct):
    """Add newer proof, whatever the claim's status."""

    name, action, form = "proof", "comment_claim", ProofForm

    def read_initial(self) -> dict[str, Any]:
        return {}

    def is_right(self, form: forms.Form) -> bool:
        is_right = super().is_right(form)
        if is_right and not (self.intake.stored or self.intake.known):
            form.add_error("files", _("Choose at least one file."))
        return not form.errors

    def act(self, form: forms.Form) -> None:
        """Do nothing more: the files are stored one by one as they are checked."""


class GiveStatement(MediationAct):
    """Give or change the statement [R33]. As long as there is none, files alone are only added."""

    name, action, form = "state", "state_case", StatementForm
    done = _("Your statement has been saved.")

    def is_offered(self) -> bool:
        return self.own.stage == Stage.HEARING

    def read_initial(self) -> dict[str, Any]:
        return {**super().read_initial(), "statement": self.own.side.statement}

    def is_right(self, form: forms.Form) -> bool:
        is_right = super().is_right(form)
        has_files = bool(self.intake.stored or self.intake.known)
        if (
            is_right
            and not form.cleaned_data["statement"]
            and (self.own.has_stated or not has_files)
        ):
            form.add_error("statement", _("Enter your statement."))
        return not form.errors

    def act(self, form: forms.Form) -> CaseSide | None:
        """Return the side if its statement was given or changed."""
        statement = form.cleaned_data["statement"]
        if not statement:
            return None
        before = self.own.side.statement
        side = sides.give_statement(
            self.claim,
            self.own.case,
            actor=self.request.user,
            statement=statement,
            seen=form.cleaned_data["seen"],
            now=timezone.now(),
        )
        return side if side.statement != before else None

    def is_repeated(self, form: forms.Form) -> bool:
        statement = form.cleaned_data.get("statement")
        return bool(statement) and statement == self.own.side.statement


class DisputeVerdict(MediationAct):
    """Dispute the decision, once [R35]. It is not sent while one of the uploaded files is refused."""

    name, action, form = "dispute", "dispute_case", VerdictDisputeForm
    done = _("Your dispute is with the reviewers.")

    def is_offered(self) -> bool:
        return self.own.can_dispute

    def explain_closed(self) -> str:
        return "" if self.is_offered() else str(sides.NoDisputeNow.words)

    def act(self, form: forms.Form) -> CaseSide:
        return sides.dispute_verdict(
            self.claim,
            self.own.case,
            actor=self.request.user,
            words=form.cleaned_data["words"],
            seen=form.cleaned_data["seen"],
            now=timezone.now(),
        )

    def is_repeated(self, form: forms.Form) -> bool:
        side = self.own.side
        return side.disputed_at is not None and side.dispute == form.cleaned_data.get("words")


ACTS: dict[str, type[MediationAct]] = {
    each.name: each for each in (AddProof, GiveStatement, DisputeVerdict)
}


@require_http_methods(["GET", "HEAD", "POST"])
@guard_upload
@login_required
def mediation(request: HttpRequest, reference: str, product: str) -> HttpResponseBase:
    """Show the mediation about a product of a claim, or do what its form says; 404 for others' [R43]."""
    claim = find_claim(request, reference)
    own = _find_own_case(claim, product)
    page = _choose(request, claim, own)
    if request.method == "POST" and not has_role(request.user, claim, page.action):
        return render_forbidden(request, claim)
    return page.as_view()(request, claim, own=own)


def _find_own_case(claim: Claim, product: str) -> OwnCase:
    own = own_cases.find_own_case(claim, product, now=timezone.now())
    if own is None:
        raise Http404
    return own


def _choose(request: HttpRequest, claim: Claim, own: OwnCase) -> type[MediationAct]:
    """Return what was sent, or on a look what the person can do now."""
    if request.method == "POST":
        return ACTS.get(request.POST.get("act", ""), AddProof)
    wanted = DisputeVerdict if own.can_dispute else GiveStatement
    return wanted if has_role(request.user, claim, wanted.action) else AddProof
