"""How a reviewer acts on a claim: as partners do, on the decision page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ..claims.history import By
from ..claims.lifecycle import LifecycleError, NotNow
from ..claims.repeats import is_repeated
from ..enums import Status
from ..forms.one_act import OneAct, catch_up
from ..models import Claim
from .actions import ReviewAction
from .decision import may

#: What the forms call the words that the history keeps.
WORDS = ("words", "message", "confirmation")


class ReviewAct(OneAct):
    """One action of a reviewer on one claim, shown by ``show`` of the page that offers it."""

    def __init__(
        self,
        request: HttpRequest,
        claim: Claim,
        action: ReviewAction,
        *,
        find: Callable[[], Claim],
        show: Callable[..., HttpResponse],
    ):
        self.request, self.claim, self.action = request, claim, action
        self._find, self._show = find, show

    def open(self) -> HttpResponse:
        """Show the action's form, where the claim allows it now."""
        if not may(self.request.user, self.action.rule, self.claim):
            return self._show(self.claim, problem=str(NotNow(self.claim)), status=409)
        return self.show(self.make_form())

    def make_form(self, data=None) -> Any:
        return self.action.form(data, claim=self.claim) if self.action.form else None

    def is_right(self, form) -> bool:
        return form is None or form.is_valid()

    def act(self, form) -> None:
        if not may(self.request.user, self.action.rule, self.claim):
            raise NotNow(self.claim)
        values = {} if form is None else form.values()
        self.action.run(self.claim, actor=self.request.user, **values)

    def reload(self) -> None:
        self.claim = self._find()

    def is_repeated(self, form) -> bool:
        """Is the claim where this reviewer brought it by the same choices and words?"""
        if self.action.kind is None:
            return False
        values = form.values()
        if values["revision"] >= self.claim.revision:
            return False  # the page was opened after the act
        now = {
            "reason": self.claim.rejection_reason,
            "reasons": self.claim.information_reasons,
            "exclude": [],
        }
        if any(values[name] != now[name] for name in values.keys() & now.keys()):
            return False
        target = self.action.target
        if "accept" in values and not values["accept"]:
            target = Status.REJECTED_FINAL
        words = next((values[name] for name in WORDS if name in values), "")
        by = By.staff(self.request.user)
        return is_repeated(self.claim, by=by, words=words, kind=self.action.kind, target=target)

    def refuse(self, form, error: LifecycleError) -> HttpResponse:
        """Say why nothing was changed, show the claim as it is now, keep what was typed."""
        if form is not None:
            catch_up(form, self.claim.revision)
        return super().refuse(form, error)

    def show(self, form, *, status: int = 200, conflict: str = "", **more) -> HttpResponse:
        return self._show(
            self.claim, action=self.action, form=form, problem=conflict, status=status
        )

    def finish(self, form, done) -> HttpResponse:
        messages.success(self.request, self.action.done)
        return self.lead_back()

    def lead_back(self) -> HttpResponse:
        return redirect("admin:associations_claim_change", self.claim.pk)
