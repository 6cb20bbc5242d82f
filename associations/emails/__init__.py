"""One function per event to email about: who receives it, what it says and the key that makes it unique.

Each queues its email in the transaction of the event it reports (safeguard 6). The key names that event,
mostly by the number of a history row: an event queues one email, and a second such event another.
"""

# ruff: noqa: F401
from .about_cases import (
    case_late,
    case_to_decide,
    handed_over,
    mediation_dispute_reminder,
    mediation_disputed,
    mediation_extended,
    mediation_lost,
    mediation_opened,
    mediation_over,
    mediation_reminder,
    mediation_won,
)
from .to_customer import (
    customer_case_answer,
    customer_case_question,
    customer_notice,
    describe_answer_limit,
    describe_choice,
    describe_promise,
)
from .to_everyone import association_ended, opt_out_taken_back, opted_out
from .to_member import claims_export_ready
from .to_partner import (
    answer_reminder,
    claim_action_required,
    claim_approved,
    claim_official,
    claim_rejected,
    claim_set_aside,
    claim_submitted,
    comment_for_partner,
    customer_added,
    customer_declined,
    dispute_lost,
    dispute_reminder,
    draft_expires,
    notice_failed,
    notice_wrong_person,
    preview_to_contact,
    products_official,
    values_of_approval,
    values_of_rejection,
    values_of_request,
)
from .to_staff import (
    claim_assigned,
    claim_disputed,
    comment_for_staff,
    comments_on_draft,
    partner_answered,
    review_due_soon,
    review_escalated,
    review_late,
)
