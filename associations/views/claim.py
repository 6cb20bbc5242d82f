"""A claim's page."""

import uuid

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import rules
from ..contests import own_cases
from ..display import timeline, turns
from ..enums import AssociationStatus, ContactRole, InformationReason, Status
from ..filing import customer_requests
from ..filing.submission import TOO_LATE_TO_ANSWER
from ..forms.filing.actions import CommentForm
from ..models import Association
from .access import find_claim


@login_required
@require_safe
def claim_page(request, reference: str) -> HttpResponse:
    """Show a claim's progress, whose turn it is and until when, and everything known about it."""
    claim = find_claim(request, reference)
    return render_claim(request, claim, comment_form=CommentForm())


def render_claim(request, claim, *, comment_form, status: int = 200) -> HttpResponse:
    """Show the claim's page; ``status`` is 400 or 409 if a comment was not accepted."""
    events = list(claim.events.order_by("-number"))
    associations = list(
        claim.associations.select_related("product", "subscription").order_by(
            "product__position", "id"
        )
    )
    standing = {each.status for each in associations} - {AssociationStatus.EXCLUDED}
    actions = rules.list_actions(request.user, claim)
    cases = own_cases.list_own_cases(associations, now=timezone.now())
    mediations = [each for each in cases.values() if each.is_open]
    context = {
        "claim": claim,
        "steps": timeline.make_steps(claim, events),
        "history": [timeline.tell(event) for event in events],
        "ending": timeline.find_ending(events),
        "associations": associations,
        "products": [(each, cases.get(each.pk)) for each in associations],
        "mediations": mediations,
        "waiting": [each for each in mediations if each.wants_act],
        "can_act": "state_case" in actions,
        "is_handed_over": timeline.is_handed_over(events),
        "documents": claim.documents.select_related("uploaded_by"),
        "is_refused": standing == {AssociationStatus.OPTED_OUT},
        "contacts": claim.contacts.order_by("role"),
        "notices": claim.notices.exclude(role=ContactRole.REGISTERED),  # not the partner's to know
        "comments": claim.comments.select_related("author"),
        "actions": actions,
        "usage_url": _find_usage_url(associations),
        "reasons": [InformationReason(code).label for code in claim.information_reasons],
        "what_next": _describe_next(claim, actions),
        "programs": claim.programs.all(),
        "comment_form": comment_form,
        "customer_request": customer_requests.find_latest(claim),
        "filing_keys": {"again": uuid.uuid4(), "another": uuid.uuid4()},
        "operator": settings.OPERATOR_NAME,
    }
    return render(request, "associations/claim.html", context, status=status)


def _find_usage_url(associations: list[Association]) -> str:
    """Return where the usage of the claim's first official product is shown, or ""."""
    official = (each for each in associations if each.status == AssociationStatus.OFFICIAL)
    return next((each.get_usage_url() for each in official), "")


def _describe_next(claim, actions) -> str:
    """Say what can be done after a rejection or a missed deadline; the page shows the deadline above."""
    now = timezone.now()
    if claim.is_unanswered(at=now):
        return str(TOO_LATE_TO_ANSWER)
    if claim.status != Status.REJECTED:
        return ""
    if words := turns.explain_undisputable(claim, now=now):
        return words
    if "dispute_claim" not in actions:
        return _("An Incentives admin of your company can dispute this once.")
    return _(
        "You can dispute a rejection once. If the reviewers reject your dispute, the decision is "
        "final."
    )
