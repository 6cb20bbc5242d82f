"""Page 5: files are uploaded and checked one by one; the good ones are kept [R11]."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...claims.lifecycle import LifecycleError
from ...forms.filing.proof import ProofForm
from ...models import Document
from ...proof.documents import Intake, find_current, withdraw_document
from ..access import has_role, render_forbidden
from ..proof.upload_guard import take_files, tell_taken
from .base import FilingPage, address_of, is_kept


class ProofPage(FilingPage):
    """Take files from anyone who may add proof. No revision is needed, since a file overwrites nothing."""

    name, title = "proof", gettext_lazy("Proof")
    question = gettext_lazy("What proves the work?")
    form = ProofForm
    action = "add_proof"

    def describe(self) -> dict[str, Any]:
        documents = find_current(self.claim)
        may_edit = has_role(self.request.user, self.claim, "edit_claim")
        return {
            "documents": documents,
            "older": self._list_older(documents),
            "may_edit": may_edit,
            "may_remove": may_edit and (self.claim.is_draft or len(documents) > 1),
        }

    def save(self, *, revision: int | None) -> HttpResponse:
        """Remove a file, or store uploaded files."""
        if is_kept(self.request):
            return super().save(revision=revision)
        form = self.make_form(self.request.POST)
        form.is_valid()
        try:
            if key := self.request.POST.get("withdraw"):
                return self._withdraw(key)
            take_files(
                self.request, self.claim, form, into=(intake := Intake()), now=timezone.now()
            )
        except LifecycleError as error:
            return self.show(form, status=409, problem={"words": str(error)})
        self.claim.refresh_from_db()
        tell_taken(self.request, intake)
        return self._go_on(form)

    def _go_on(self, form: ProofForm) -> HttpResponse:
        if form.errors:
            return self.show(form)
        if self.is_leaving or self.is_cancelled:
            self.tell_saved()
            return self.lead_on()
        if not self.claim.is_draft:
            return self.lead_on()
        if self.pressed != "continue":
            return redirect(address_of(self.claim, self.name))
        if not find_current(self.claim):
            form.add_error(
                "files", ValidationError(_("Add at least one file that proves the work."))
            )
            return self.show(form)
        return self.lead_on()

    def _withdraw(self, key: str) -> HttpResponse:
        if not has_role(self.request.user, self.claim, "edit_claim"):
            return render_forbidden(self.request, self.claim)
        try:
            name = withdraw_document(self.claim, key, actor=self.request.user, now=timezone.now())
        except ValidationError:  # not a key at all
            name = None
        if name:
            words = _("“%(name)s” has been removed from this claim.")
            messages.success(self.request, words % {"name": name})
        return redirect(address_of(self.claim, self.name))

    def _list_older(self, current: list[Document]) -> list[Document]:
        """Return the versions that a newer one of the same name has replaced."""
        kept = self.claim.documents.filter(withdrawn_at=None)
        return list(kept.exclude(pk__in=[each.pk for each in current]))
