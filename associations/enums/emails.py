"""Emails about claims and mediations, by kind."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
