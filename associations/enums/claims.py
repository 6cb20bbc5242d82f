"""The closed lists of the domain (sections 2, 3 and 6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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


#: What a claim proposes is claimed in these; in an official claim, it is on hold until it can be official.
CLAIMING_STATUSES = (*OPEN_STATUSES, Status.OFFICIAL)

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
