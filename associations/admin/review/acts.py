"""How an action of a reviewer runs: its form is opened, drafted from the checklist, sent, or refused."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

from ...claims.history import By
from ...claims.lifecycle import LifecycleError, NotNow
from ...claims.repeats import is_repeated
from ...enums import Status
from ...forms.one_act import CONFLICT, OneAct, catch_up
from ...forms.review import DecisionForm
from ...models import Claim
from .actions import ReviewAction
from .decision import may
from .desk import Desk
from .going_on import lead_on

#: The forms' names for the text that the history keeps.
WORDS = ("words", "message", "confirmation")

#: What the button of a decision's form asks for, besides the decision itself: to follow the checklist but
#: keep an edited message, to replace even that, to show what is there, to decide and go on to the next claim.
FOLLOW, REDRAFT, PREVIEW, GO_ON = "follow", "redraft", "preview", "next"
DRAFTING = (FOLLOW, REDRAFT, PREVIEW)


class ReviewAct(OneAct):
    """One action of a reviewer on one claim, shown by ``show`` of the page that offers it.

    The buttons of a decision's form say in ``step`` what to do: act, act and go on to the next claim, or
    only draft the message again and show it, which changes nothing.
    """

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
        """Show the action's form, or why the claim does not allow the action now."""
        if not may(self.request.user, self.action.rule, self.claim):
            return self._show(self.claim, problem=str(NotNow(self.claim)), status=CONFLICT)
        return self.show(self._draft("") if self.action.decides else self.make_form())

    def take(self) -> HttpResponse:
        """Act, or draft again."""
        step = self.request.POST.get("step", "")
        if not self.action.decides or step not in DRAFTING:
            return super().take()
        form = self._draft(step)
        if not may(self.request.user, self.action.rule, self.claim):
            return self.show(form, status=CONFLICT, conflict=str(NotNow(self.claim)))
        return self.show(form)

    def make_form(self, data=None) -> Any:
        return self.action.form(data, claim=self.claim) if self.action.form else None

    def _draft(self, step: str) -> DecisionForm:
        """Return the form with what was typed so far and what the checklist suggests."""
        form = cast("type[DecisionForm]", self.action.form)
        typed = read_typed(form, self.request.POST)
        if step != PREVIEW:
            suggested = Desk(self.claim, self.request).suggest(form, typed)
            typed = mix(form, typed, suggested, keep_edited=step != REDRAFT)
        return form(claim=self.claim, typed=typed)

    def is_right(self, form) -> bool:
        return form is None or form.is_valid()

    def act(self, form) -> None:
        if not may(self.request.user, self.action.rule, self.claim):
            raise NotNow(self.claim)
        values = {} if form is None else form.values()
        self.action.run(self.claim, actor=self.request.user, now=timezone.now(), **values)

    def reload(self) -> None:
        self.claim = self._find()

    def is_repeated(self, form) -> bool:
        """Did this reviewer already bring the claim here, with the same choices and words?"""
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
        """Say why nothing was changed; show the current claim and keep what was typed."""
        if form is not None:
            catch_up(form, revision=self.claim.revision)
        return super().refuse(form, error)

    def show(self, form, *, status: int = 200, conflict: str = "", **more) -> HttpResponse:
        return self._show(
            self.claim, action=self.action, form=form, problem=conflict, status=status
        )

    def finish(self, form, done) -> HttpResponse:
        goes_on = self.request.POST.get("step") == GO_ON
        words = f"{self.claim.reference}: {self.action.done}" if goes_on else self.action.done
        messages.success(self.request, words)
        return self.lead_back()

    def lead_back(self) -> HttpResponse:
        if self.request.POST.get("step") == GO_ON:
            return lead_on(self.request, self.claim)
        return redirect("admin:associations_claim_change", self.claim.pk)


def read_typed(form: type[DecisionForm], sent: QueryDict) -> dict[str, Any]:
    """Return what was sent of the form's fields; another decision's message stands in for its own."""
    typed: dict[str, Any] = {}
    for name, field in form.base_fields.items():
        if name in sent and name != "revision":
            value = field.widget.value_from_datadict(sent, {}, name)
            typed[name] = value
    message = sent.get("words") or sent.get("message")
    if message and not typed.get(form.message_field):
        typed[form.message_field] = message
    return typed


def mix(
    form: type[DecisionForm], typed: dict[str, Any], suggested: dict[str, Any], *, keep_edited: bool
) -> dict[str, Any]:
    """Return what was typed, with what the checklist suggests.

    With ``keep_edited``, an edited message stays, and so do the choices beside it: reasons are only added.
    """
    name = form.message_field
    message, draft = typed.get(name, ""), suggested[name]
    is_edited = bool(message.strip()) and not is_same(message, typed.get("drafted", ""))
    if keep_edited and is_edited:
        suggested = {key: add_to(typed.get(key), value) for key, value in suggested.items()}
    return {**typed, **suggested, "drafted": draft}


def add_to(typed: Any, suggested: Any) -> Any:
    """Return what was typed or, if that is nothing, the suggestion; of several choices, both."""
    if isinstance(suggested, list):
        return [*(typed or []), *(each for each in suggested if each not in (typed or []))]
    return typed or suggested


def is_same(one: str, other: str) -> bool:
    """Compare texts as browsers send them, who write line ends in their own way."""
    return one.split() == other.split()
