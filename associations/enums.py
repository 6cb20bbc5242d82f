"""The closed lists of the domain (sections 2, 3 and 6). Codes are stable; labels are translated."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SolutionArea(models.TextChoices):
    MICROSOFT_365 = "microsoft-365", "Microsoft 365"
    BUSINESS_APPLICATIONS = "business-applications", "Business Applications"


class Activity(models.TextChoices):
    """What the partner did. Business Applications can combine pre-sales and usage in one claim."""

    USAGE = "usage", _("Usage")
    PRESALES = "presales", _("Pre-sales")
    PRESALES_AND_USAGE = "presales-usage", _("Pre-sales and usage")
    REVENUE = "revenue", _("Revenue association")


class Status(models.TextChoices):
    """The status of a claim (section 3); only ``lifecycle`` changes it."""

    EDITING = "editing", _("Editing")
    SUBMITTED = "submitted", _("Submitted")
    UNDER_REVIEW = "under-review", _("Under review")
    ACTION_REQUIRED = "action-required", _("Partner action required")
    APPROVED = "approved", _("Approved")
    OFFICIAL = "official", _("Official")
    REJECTED = "rejected", _("Rejected")
    DISPUTE = "dispute", _("Dispute")
    REJECTED_FINAL = "rejected-final", _("Rejected final")
    ENDED = "ended", _("Ended")


#: A partner may change claims in these: a draft, what no reviewer has begun, and what was asked about [R3].
EDITABLE_STATUSES = (Status.EDITING, Status.SUBMITTED, Status.ACTION_REQUIRED)

#: Claims in these statuses count: what they ask for is claimed.
OPEN_STATUSES = (
    Status.SUBMITTED,
    Status.UNDER_REVIEW,
    Status.ACTION_REQUIRED,
    Status.APPROVED,
    Status.DISPUTE,
)


#: Claims in these statuses wait for staff, as in the partial index ``claim_review_queue``.
STAFF_STATUSES = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE)


class AssociationStatus(models.TextChoices):
    """The status of one product of a claim; only ``lifecycle`` changes it."""

    PROPOSED = "proposed", _("Proposed")
    EXCLUDED = "excluded", _("Excluded at review")
    OPTED_OUT = "opted-out", _("Customer opted out")
    OFFICIAL = "official", _("Official")
    ENDED = "ended", _("Ended")


class Actor(models.TextChoices):
    PARTNER = "partner", _("Partner")
    STAFF = "staff", _("Staff")
    CUSTOMER = "customer", _("Customer")
    SYSTEM = "system", _("System")


class RejectionReason(models.TextChoices):
    """Why a claim was rejected (section 6)."""

    PARTNER_REQUEST = "partner-request", _("Partner request")
    CUSTOMER_OPTED_OUT = "customer-opted-out", _("Customer opted out")
    INSUFFICIENT_POE = "insufficient-poe", _("Insufficient proof")
    ACKNOWLEDGEMENT_MISSING = "acknowledgement-missing", _("Customer acknowledgement missing")
    PRODUCTS_MISSING = "products-missing", _("Products missing")
    NO_PARTNER_RESPONSE = "no-partner-response", _("No partner response")
    POE_UNAVAILABLE = "poe-unavailable", _("Proof unavailable")
    LOST_MEDIATION = "lost-mediation", _("Lost mediation")


#: What a reviewer may choose; the others come from the partner, the customer, the clock or mediation.
REVIEWER_REJECTION_REASONS = (
    RejectionReason.INSUFFICIENT_POE,
    RejectionReason.ACKNOWLEDGEMENT_MISSING,
    RejectionReason.PRODUCTS_MISSING,
    RejectionReason.POE_UNAVAILABLE,
)

#: Not open to dispute: the partner or the customer wanted the rejection [R2], or the decision about a slot
#: that caused it could be disputed itself [R35].
UNDISPUTABLE_REASONS = (
    RejectionReason.PARTNER_REQUEST,
    RejectionReason.CUSTOMER_OPTED_OUT,
    RejectionReason.LOST_MEDIATION,
)


class InformationReason(models.TextChoices):
    """Why a reviewer asks for more information [R17]."""

    POE_MISSING = "poe-missing", _("Proof missing")
    ACKNOWLEDGEMENT_MISSING = "acknowledgement-missing", _("Customer acknowledgement missing")
    DATES_MISSING = "dates-missing", _("Dates missing or too old")
    SERVICE_MISSING = "service-missing", _("Partner service or solution missing")
    PRODUCT_MISSING = "product-missing", _("Product missing from the proof")


class Window(models.TextChoices):
    """The time limits of section 3 that staff may set per program [R4]."""

    BEGIN_REVIEW = "begin-review", _("Staff start the review")
    DECIDE = "decide", _("Staff decide")
    PARTNER_ANSWER = "partner-answer", _("Partner answers a request")
    CUSTOMER_OPT_OUT = "customer-opt-out", _("Customer can opt out")
    PARTNER_DISPUTE = "partner-dispute", _("Partner can dispute")
    DECIDE_DISPUTE = "decide-dispute", _("Staff decide a dispute")
    CASE_STATEMENTS = "case-statements", _("Both sides of a mediation give statements")
    CASE_CUSTOMER = "case-customer", _("Customer answers in a mediation")
    CASE_DECIDE = "case-decide", _("Staff decide a mediation")
    CASE_DISPUTE = "case-dispute", _("Partner can dispute a mediation")


class DayKind(models.TextChoices):
    BUSINESS = "business", _("business days")
    CALENDAR = "calendar", _("calendar days")


class Channel(models.TextChoices):
    VOLUME_LICENSING = "volume-licensing", _("Volume licensing")
    WEB_DIRECT = "web-direct", _("Web direct")
    CSP = "csp", "CSP"


class SubscriptionState(models.TextChoices):
    NOT_PROVISIONED = "not-provisioned", _("Not provisioned")
    ACTIVE = "active", _("Active")
    GRACE = "grace", _("In grace period")
    EXPIRED = "expired", _("Expired")


class ContactRole(models.TextChoices):
    CUSTOMER = "customer", _("Customer contact")
    TECHNICAL = "technical", _("Technical contact")
    PARTNER = "partner", _("Partner contact")
    REGISTERED = "registered", _("Registered contact")


class NoticeStatus(models.TextChoices):
    """The status of a notice to a customer [R21]."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Accepted by the mail server")
    FAILED = "failed", _("Could not be delivered")
    REPLACED = "replaced", _("Replaced by a newer notice")


class EventKind(models.TextChoices):
    """What a history row is about [R1], [R49]."""

    CREATED = "created", _("Draft started")
    MOVED = "moved", _("Status changed")
    EDITED = "edited", _("Claim edited")
    DOCUMENT_ADDED = "document-added", _("Proof added")
    DOCUMENT_REMOVED = "document-removed", _("Proof withdrawn")
    EXCLUDED = "excluded", _("Products excluded at review")
    NOTICE_QUEUED = "notice-queued", _("Customer notice queued")
    NOTICE_SENT = "notice-sent", _("Customer notice accepted by the mail server")
    NOTICE_FAILED = "notice-failed", _("Customer notice could not be delivered")
    CONTACT_CORRECTED = "contact-corrected", _("Contact corrected")
    CONTACT_CONFIRMED = "contact-confirmed", _("Contact confirmed by the reviewer")
    CONFIRMED = "confirmed", _("Customer confirmed the claim")
    WRONG_PERSON = "wrong-person", _("Contact said they are not the right person")
    OPTED_OUT = "opted-out", _("Customer opted out")
    OPT_OUT_TAKEN_BACK = "opt-out-taken-back", _("Customer took the opt-out back")
    ASSOCIATION_ENDED = "association-ended", _("Association ended")
    PARKED = "parked", _("On hold: could not become official")
    PRODUCT_OFFICIAL = "product-official", _("Became official after being on hold")
    ASSIGNED = "assigned", _("Reviewer assigned")
    MEDIATION_OPENED = "mediation-opened", _("Mediation opened")
    MEDIATION_STATED = "mediation-stated", _("Statement for the mediation given")
    MEDIATION_WON = "mediation-won", _("Mediation decided for this claim")
    MEDIATION_LOST = "mediation-lost", _("Mediation decided against this claim")
    MEDIATION_DISPUTED = "mediation-disputed", _("Mediation decision disputed")
    MEDIATION_OVER = "mediation-over", _("Mediation ended without a decision")
    HANDED_OVER = "handed-over", _("Handed over after mediation")


class ParkedReason(models.TextChoices):
    """Why an approved product did not become official at the deadline."""

    SLOT_HELD = "slot-held", _("Another partner is already official for this product")
    OWN_CLAIM = (
        "own-claim",
        _("This partner is already official for this product through another claim"),
    )
    SUBSCRIPTION_ENDED = "subscription-ended", _("The subscription has ended")
    CONTESTED = "contested", _("The mediation decision for this product can still be disputed")
    FAULT = "fault", _("An error kept this product from becoming official")


class CaseStatus(models.TextChoices):
    """Where a mediation case stands [R33], [R35]; only ``contests`` changes it."""

    HEARING = "hearing", _("Waiting for the statements")
    ASKING = "asking", _("Waiting for the customer")
    DECIDING = "deciding", _("Waiting for the decision")
    DECIDED = "decided", _("Decided; can be disputed")
    DISPUTED = "disputed", _("Decision disputed")
    HANDOVER = "handover", _("Waiting for the handover")
    CLOSED = "closed", pgettext_lazy("mediation", "Closed")


#: No decision has been made; staff can decide in the last two of these.
UNDECIDED_CASES = (CaseStatus.HEARING, CaseStatus.ASKING, CaseStatus.DECIDING)
#: The decision names a holder, but can still change: nothing becomes official by it yet [R35].
UNSETTLED_CASES = (CaseStatus.DECIDED, CaseStatus.DISPUTED)
#: Staff may decide now.
DECIDABLE_CASES = (CaseStatus.DECIDING, CaseStatus.DISPUTED)


class CaseOutcome(models.TextChoices):
    """How a mediation case was closed."""

    CARRIED_OUT = "carried-out", _("The decision was carried out")
    NO_CONTEST = "no-contest", _("Only one partner was left")
    WINNER_LEFT = "winner-left", _("The chosen partner's claim ended; the slot stayed as it was")
    SUBSCRIPTION_ENDED = "subscription-ended", _("The subscription ended")


class CaseChoice(models.TextChoices):
    """What a customer answers about a mediation [R33]."""

    PARTNER = "partner", _("One of the partners")
    NEITHER = "neither", _("None of them")
    OPERATOR = "operator", _("The operator decides")


class ImportKind(models.TextChoices):
    """What an imported file contains."""

    PARTNERS = "partners", _("Partners, locations and enrollments")
    PEOPLE = "people", _("First admins to invite")
    CUSTOMERS = "customers", _("Customers")
    SUBSCRIPTIONS = "subscriptions", _("Subscriptions")
    USAGE = "usage", _("Usage")
    CLAIMS = "claims", _("Claims")


class RowOutcome(models.TextChoices):
    """What a row of an imported file does, or why it is kept."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Unchanged")
    BAD = "bad", _("With errors")


class CustomerRequestState(models.TextChoices):
    """The state of a partner's request to add a customer [R58]."""

    OPEN = "open", _("Waiting for an answer")
    ADDED = "added", _("Customer added")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn with its draft")


class ReminderKind(models.TextChoices):
    """What people are reminded of, once in each window of a claim [R61]."""

    ANSWER = "answer", _("Partner: answer a request")
    DISPUTE = "dispute", _("Partner: dispute a rejection")
    REVIEW_SOON = "review-soon", _("Reviewer: deadline is near")
    REVIEW_LATE = "review-late", _("Reviewer: deadline has passed")
    REVIEW_ESCALATED = "review-escalated", _("Review leads: claim is late")


class FigureKind(models.TextChoices):
    """What the daily figures of reviews count [R61]."""

    DAY = "day", _("Complete day")
    DECIDED = "decided", _("Decisions, by hours")
    REJECTED = "rejected", _("Rejections, by reason")
    OPTED_OUT = "opted-out", _("Opt-outs, by partner")


class ClaimEmail(models.TextChoices):
    """Emails about claims, grouped by reader; each has a template under templates/mail/ [R20]."""

    CUSTOMER_NOTICE = "customer_notice", _("To the customer: notice of a claim")
    CUSTOMER_OPTED_OUT = "customer_opted_out", _("To the customer: refusal received")
    CUSTOMER_OPT_OUT_TAKEN_BACK = (
        "customer_opt_out_taken_back",
        _("To the customer: refusal taken back"),
    )
    CUSTOMER_ASSOCIATION_ENDED = (
        "customer_association_ended",
        _("To the customer: association ended"),
    )
    CUSTOMER_CASE_QUESTION = (
        "customer_case_question",
        _("To the customer: which partner do you work with?"),
    )
    CUSTOMER_CASE_ANSWER = "customer_case_answer", _("To the customer: answer received")
    CLAIM_SUBMITTED = "claim_submitted", _("To the partner: claim submitted")
    CLAIM_ACTION_REQUIRED = "claim_action_required", _("To the partner: answer needed")
    ANSWER_REMINDER = "answer_reminder", _("To the partner: reminder to answer")
    CLAIM_APPROVED = "claim_approved", _("To the partner: claim approved")
    CLAIM_REJECTED = "claim_rejected", _("To the partner: claim rejected")
    DISPUTE_REMINDER = "dispute_reminder", _("To the partner: reminder of the time to dispute")
    CLAIM_OFFICIAL = "claim_official", _("To the partner: claim official")
    CLAIM_SET_ASIDE = "claim_set_aside", _("To the partner: claim on hold")
    DISPUTE_LOST = "dispute_lost", _("To the partner: dispute rejected")
    NOTICE_FAILED = "notice_failed", _("To the partner: notice did not reach the customer")
    NOTICE_WRONG_PERSON = (
        "notice_wrong_person",
        _("To the partner: contact is not the right person"),
    )
    DRAFT_EXPIRES = "draft_expires", _("To the partner: a draft will be removed")
    COMMENT_FOR_PARTNER = "comment_for_partner", _("To the partner: new comment")
    PARTNER_OPTED_OUT = "partner_opted_out", _("To the partner: customer opted out")
    PARTNER_OPT_OUT_TAKEN_BACK = (
        "partner_opt_out_taken_back",
        _("To the partner: customer took the opt-out back"),
    )
    PARTNER_ASSOCIATION_ENDED = (
        "partner_association_ended",
        _("To the partner: customer ended the association"),
    )
    MEDIATION_OPENED = "mediation_opened", _("To the partner: mediation opened")
    MEDIATION_EXTENDED = "mediation_extended", _("To the partner: more time for the statement")
    MEDIATION_REMINDER = "mediation_reminder", _("To the partner: reminder of the statement")
    MEDIATION_WON = "mediation_won", _("To the partner: mediation won")
    MEDIATION_LOST = "mediation_lost", _("To the partner: mediation lost")
    MEDIATION_DISPUTE_REMINDER = (
        "mediation_dispute_reminder",
        _("To the partner: reminder of the time to dispute a mediation"),
    )
    MEDIATION_UNSETTLED = "mediation_unsettled", _("To the partner: mediation decision disputed")
    MEDIATION_OVER = "mediation_over", _("To the partner: mediation ended")
    HANDED_OVER = "handed_over", _("To the partner: product handed over")
    CUSTOMER_ADDED = "customer_added", _("To the partner: customer added")
    CUSTOMER_DECLINED = "customer_declined", _("To the partner: customer not added")
    CLAIMS_EXPORT_READY = "claims_export_ready", _("To the partner: claims export ready")
    REVIEW_DUE_SOON = "review_due_soon", _("To staff: reminder before a deadline")
    REVIEW_LATE = "review_late", _("To staff: reminder after a deadline")
    REVIEW_ESCALATED = "review_escalated", _("To the review leads: claim is late")
    CASE_TO_DECIDE = "case_to_decide", _("To the review leads: mediation to decide")
    CASE_DISPUTED = "case_disputed", _("To the review leads: mediation disputed")
    CASE_LATE = "case_late", _("To the review leads: mediation is late")
    CLAIM_ASSIGNED = "claim_assigned", _("To staff: claim assigned")
    PARTNER_ANSWERED = "partner_answered", _("To staff: partner answered")
    CLAIM_DISPUTED = "claim_disputed", _("To staff: claim disputed")
    COMMENT_FOR_STAFF = "comment_for_staff", _("To staff: new comment")
    STAFF_OPTED_OUT = "staff_opted_out", _("To staff: customer opted out")
    STAFF_OPT_OUT_TAKEN_BACK = (
        "staff_opt_out_taken_back",
        _("To staff: customer took the opt-out back"),
    )
    STAFF_ASSOCIATION_ENDED = (
        "staff_association_ended",
        _("To staff: customer ended the association"),
    )
