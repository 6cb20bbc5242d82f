"""What a reviewer can do: each action's rule, form, domain function and wording, and how it runs."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ...claims.history import By
from ...claims.lifecycle import LifecycleError, NotNow
from ...claims.repeats import is_repeated
from ...enums import Actor, EventKind, Status
from ...filing import comments
from ...forms.one_act import OneAct, catch_up
from ...forms.review import (
    ApproveForm,
    AssignForm,
    BeginForm,
    CommentForm,
    ConfirmForm,
    DecideDisputeForm,
    RejectForm,
    RequestInformationForm,
)
from ...models import Claim
from ...review import assignment, decisions
from .decision import may

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


#: The forms' names for the text that the history keeps.
WORDS = ("words", "message", "confirmation")


@dataclass(frozen=True)
class ReviewAction:
    """One button. ``asks`` says whether a form opens first; the others act immediately."""

    slug: str
    rule: str
    run: Callable
    label: "StrOrPromise"
    done: "StrOrPromise"
    form: type | None = None
    asks: bool = False
    look: str = "plain"
    approves: bool = False  # its form warns about what other partners hold or have claimed
    note: "StrOrPromise" = ""
    #: The history row that it writes and the status it leads to, by which a second click is recognised.
    kind: EventKind | None = EventKind.MOVED
    target: Status | None = None

    @property
    def url_name(self) -> str:
        return f"associations_claim_{self.slug}"


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
        """Show the action's form, or why the claim does not allow the action now."""
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
        messages.success(self.request, self.action.done)
        return self.lead_back()

    def lead_back(self) -> HttpResponse:
        return redirect("admin:associations_claim_change", self.claim.pk)


def _comment(claim: Claim, *, actor, text: str, now: dt.datetime) -> None:
    comments.add_comment(claim, actor=actor, side=Actor.STAFF, text=text, now=now)


ACTIONS = (
    ReviewAction(
        slug="begin",
        rule="begin_review",
        run=decisions.begin_review,
        label=_("Start review"),
        done=_("Review started."),
        form=BeginForm,
        look="primary",
        target=Status.UNDER_REVIEW,
    ),
    ReviewAction(
        slug="approve",
        rule="approve_claim",
        run=decisions.approve_claim,
        label=_("Approve"),
        done=_("Approved. The notice to the customer is on its way."),
        form=ApproveForm,
        target=Status.APPROVED,
        asks=True,
        look="primary",
        approves=True,
        note=_(
            "We'll notify the customer. Their time to opt out starts when the notice is delivered. "
            "You can't undo this."
        ),
    ),
    ReviewAction(
        slug="request",
        rule="request_information",
        run=decisions.request_information,
        label=_("Request information"),
        done=_("The partner has been asked."),
        form=RequestInformationForm,
        target=Status.ACTION_REQUIRED,
        asks=True,
        note=_("The partner has until the deadline to answer; otherwise the claim is rejected."),
    ),
    ReviewAction(
        slug="reject",
        rule="reject_claim",
        run=decisions.reject_claim,
        label=_("Reject"),
        done=_("Rejected. The partner has been told why."),
        form=RejectForm,
        target=Status.REJECTED,
        asks=True,
        look="danger",
        note=_(
            "The partner will read the reason and your message, and can dispute the rejection once."
        ),
    ),
    ReviewAction(
        slug="decide",
        rule="decide_dispute",
        run=decisions.decide_dispute,
        label=_("Decide dispute"),
        done=_("The dispute has been decided, and the partner has been told."),
        form=DecideDisputeForm,
        target=Status.APPROVED,
        asks=True,
        look="primary",
        approves=True,
        note=_("This decision is the last one on this claim."),
    ),
    ReviewAction(
        slug="confirm",
        rule="confirm_contact",
        run=decisions.confirm_contact,
        label=_("Confirm contact"),
        done=_("Confirmed. The notice to the customer is on its way."),
        form=ConfirmForm,
        kind=EventKind.CONTACT_CONFIRMED,
        asks=True,
        look="primary",
        note=_(
            "The partner corrected a contact after the approval. No notice will be sent until you "
            "have confirmed the person. If you can't, write to the partner in a comment."
        ),
    ),
    ReviewAction(
        slug="assign",
        rule="assign_claim",
        run=assignment.assign_claim,
        label=_("Assign to me"),
        done=_("This claim is now assigned to you."),
        kind=None,
    ),
    ReviewAction(
        slug="colleague",
        rule="assign_colleague",
        run=assignment.assign_claim,
        label=_("Assign to a colleague"),
        done=_("Assigned. Your colleague has been told by email."),
        form=AssignForm,
        kind=None,
        asks=True,
        note=_(
            "Only reviewers without a stake in this claim are listed. The person you choose will be "
            "told by email."
        ),
    ),
    ReviewAction(
        slug="comment",
        rule="staff_comment_claim",
        run=_comment,
        label=_("Comment"),
        done=_("Your comment has been added, and the partner has been told."),
        form=CommentForm,
        kind=None,
    ),
)

BUTTONS = tuple(action for action in ACTIONS if action.slug != "comment")
