"""The page that disputes a rejection, once: with a message, newer proof, or both [R2], [R11]."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..claims.lifecycle import LifecycleError
from ..enums import Status
from ..forms.filing.actions import DisputeForm
from ..models import Claim
from ..proof.documents import Intake, find_current
from ..review import disputes
from .act_page import ActPage
from .proof.upload_guard import guard_upload, take_files, tell_taken


class Dispute(ActPage):
    """Keep the good files, and send the dispute if nothing is wrong.

    A dispute can be sent only once, so it is not sent while one of the uploaded files is refused.
    """

    action = "dispute_claim"
    form = DisputeForm
    template = "associations/claim_dispute.html"
    done = _("Your dispute is with the reviewers.")
    target = Status.DISPUTE

    intake: Intake

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.intake = Intake()

    def explain_closed(self) -> str:
        if words := super().explain_closed():
            return words
        try:
            disputes.require_disputable(self.claim, now=timezone.now())
        except LifecycleError as error:
            return str(error)
        return ""

    def is_right(self, form: DisputeForm) -> bool:
        form.is_valid()
        now = timezone.now()
        hold = partial(disputes.hold_for_dispute, now=now)
        take_files(self.request, self.claim, form, into=self.intake, now=now, hold=hold)
        self.claim.refresh_from_db()
        disputes.require_disputable(self.claim, now=now)
        if not (form.errors or form.cleaned_data["words"]) and not disputes.find_newer_proof(
            self.claim
        ):
            form.add_error("words", disputes.describe_nothing_new())
        return not form.errors

    def act(self, form: DisputeForm) -> Claim:
        words, revision = form.cleaned_data["words"], form.cleaned_data["revision"]
        return disputes.dispute_claim(
            self.claim,
            actor=self.request.user,
            justification=words,
            revision=revision,
            now=timezone.now(),
        )

    def describe(self) -> dict[str, Any]:
        return {
            "documents": find_current(self.claim),
            "newer": disputes.find_newer_proof(self.claim),
            "has_kept": bool(self.intake.stored),
        }

    def show(self, form, *, status: int = 200, **more) -> HttpResponse:
        tell_taken(self.request, self.intake)
        return super().show(form, status=status, **more)

    def finish(self, form, done) -> HttpResponse:
        tell_taken(self.request, self.intake)
        return super().finish(form, done)


dispute = Dispute.as_page(guard_upload)
