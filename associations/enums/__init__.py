"""The closed lists of the domain. Codes are stable; labels are translated."""

# ruff: noqa: F401
from .cases import (
    DECIDABLE_CASES,
    UNDECIDED_CASES,
    UNSETTLED_CASES,
    CaseChoice,
    CaseOutcome,
    CaseStatus,
)
from .claims import (
    CLAIMING_STATUSES,
    EDITABLE_STATUSES,
    OPEN_STATUSES,
    REVIEWER_REJECTION_REASONS,
    STAFF_STATUSES,
    UNDISPUTABLE_REASONS,
    Activity,
    Actor,
    AssociationStatus,
    Channel,
    ContactRole,
    CustomerRequestState,
    DayKind,
    EventKind,
    FigureKind,
    ImportKind,
    InformationReason,
    NoticeStatus,
    ParkedReason,
    RejectionReason,
    ReminderKind,
    RowOutcome,
    SolutionArea,
    Status,
    SubscriptionState,
    Window,
)
from .emails import (
    ClaimEmail,
)
