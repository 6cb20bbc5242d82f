"""What a reviewer can do: each action's rule, form, domain function and wording."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from ...enums import Actor, EventKind, Status
from ...filing import comments
from ...forms.review import (
    ApproveForm,
    AssignForm,
    BeginForm,
    CommentForm,
    ConfirmForm,
    DecideDisputeForm,
    DecisionForm,
    NoteForm,
    RejectForm,
    RequestInformationForm,
)
from ...models import Claim
from ...review import assignment, decisions, notes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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
    key: str = ""  # the single key that presses it
    next_label: "StrOrPromise" = ""  # the button that leads to the next claim of the queue
    look: str = "plain"
    approves: bool = False  # its form warns about what other partners hold or have claimed
    note: "StrOrPromise" = ""
    #: The history row that it writes and the status it leads to, by which a second click is recognised.
    kind: EventKind | None = EventKind.MOVED
    target: Status | None = None

    @property
    def url_name(self) -> str:
        return f"associations_claim_{self.slug}"

    @property
    def decides(self) -> bool:
        """Does it stand beside the checklist, with a message to the partner drafted from it?"""
        return self.form is not None and issubclass(self.form, DecisionForm)


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
        key="a",
        next_label=_("Approve and open the next"),
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
        key="i",
        next_label=_("Send and open the next"),
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
        key="r",
        next_label=_("Reject and open the next"),
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
        key="a",
        next_label=_("Decide and open the next"),
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
    ReviewAction(
        slug="note",
        rule="note_claim",
        run=notes.add_note,
        label=_("Internal note"),
        done=_("Your note has been added. Only staff can see it."),
        form=NoteForm,
        kind=None,
    ),
)

#: Comments and notes have a form of their own on the page.
BUTTONS = tuple(action for action in ACTIONS if action.slug not in ("comment", "note"))
