"""The reviewers' forms: decisions with the checklist beside them, people, and what staff write."""

# ruff: noqa: F401
from .decisions import (
    ApproveForm,
    DecideDisputeForm,
    DecisionForm,
    KeepForm,
    RejectForm,
    RequestInformationForm,
)
from .people import AssignForm, ConfirmForm, ReviewerField
from .words import BeginForm, CommentForm, NoteForm, ReviewForm, WordsField
