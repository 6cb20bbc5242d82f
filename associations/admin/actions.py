"""What a reviewer can do with a claim: each action's rule, form, domain function and words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from ..enums import Actor, EventKind, Status
from ..filing import comments
from ..forms.review import (
    ApproveForm,
    BeginForm,
    CommentForm,
    ConfirmForm,
    DecideDisputeForm,
    RejectForm,
    RequestInformationForm,
)
from ..models import Claim
from ..review import decisions

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class ReviewAction:
    """One button. ``asks`` says whether a form opens first; the others act at once."""

    slug: str
    rule: str
    run: Callable
    label: "StrOrPromise"
    done: "StrOrPromise"
    form: type | None = None
    asks: bool = False
    look: str = "plain"
    approves: bool = False  # its form warns of what other partners hold or ask for
    note: "StrOrPromise" = ""
    #: The row of history that it leaves and the status that it leads to, by which a second click is known.
    kind: EventKind | None = None
    target: Status | None = None

    @property
    def url_name(self) -> str:
        return f"associations_claim_{self.slug}"


def _comment(claim: Claim, *, actor, text: str) -> None:
    comments.add_comment(claim, actor=actor, side=Actor.STAFF, text=text)


ACTIONS = (
    ReviewAction(
        slug="begin",
        rule="begin_review",
        run=decisions.begin_review,
        label=_("Begin review"),
        done=_("You have begun the review."),
        form=BeginForm,
        look="primary",
        kind=EventKind.MOVED,
        target=Status.UNDER_REVIEW,
    ),
    ReviewAction(
        slug="approve",
        rule="approve_claim",
        run=decisions.approve_claim,
        label=_("Approve"),
        done=_("Approved. The notice to the customer is on its way."),
        form=ApproveForm,
        kind=EventKind.MOVED,
        target=Status.APPROVED,
        asks=True,
        look="primary",
        approves=True,
        note=_(
            "The customer is told, and has time to opt out from the moment the mail server accepts "
            "the notice. You cannot take an approval back."
        ),
    ),
    ReviewAction(
        slug="request",
        rule="request_information",
        run=decisions.request_information,
        label=_("Request information"),
        done=_("The partner has been asked."),
        form=RequestInformationForm,
        kind=EventKind.MOVED,
        target=Status.ACTION_REQUIRED,
        asks=True,
        note=_("It is then the partner's turn. Without an answer in time the claim is rejected."),
    ),
    ReviewAction(
        slug="reject",
        rule="reject_claim",
        run=decisions.reject_claim,
        label=_("Reject"),
        done=_("Rejected. The partner has been told why."),
        form=RejectForm,
        kind=EventKind.MOVED,
        target=Status.REJECTED,
        asks=True,
        look="danger",
        note=_("The partner reads the reason and your words, and may dispute the rejection once."),
    ),
    ReviewAction(
        slug="decide",
        rule="decide_dispute",
        run=decisions.decide_dispute,
        label=_("Decide dispute"),
        done=_("The dispute is decided, and the partner has been told."),
        form=DecideDisputeForm,
        kind=EventKind.MOVED,
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
            "The partner corrected a contact after the approval. No notice goes out until you have "
            "confirmed the person. If you cannot, write to the partner in a comment."
        ),
    ),
    ReviewAction(
        slug="assign",
        rule="assign_claim",
        run=decisions.assign_claim,
        label=_("Assign to me"),
        done=_("This claim is yours to review."),
    ),
    ReviewAction(
        slug="comment",
        rule="staff_comment_claim",
        run=_comment,
        label=_("Comment"),
        done=_("Your comment is there, and the partner has been told."),
        form=CommentForm,
    ),
)

BUTTONS = tuple(action for action in ACTIONS if action.slug != "comment")
