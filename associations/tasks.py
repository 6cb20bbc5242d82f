"""Celery tasks: thin. Beat starts them; each sweeps for what is due and not done."""

import structlog
from celery import shared_task
from django.utils import timezone

from . import pruning
from .customer import unconfirmed
from .filing.submission import close_unanswered
from .finalisation.sweep import finalise_due, look_again
from .models import Claim
from .models.claim import unanswered
from .usage import attention, loading

log = structlog.get_logger(__name__)


@shared_task
def finalise_due_claims():
    """Make due associations official [R29]."""
    finalise_due(at=timezone.now())


@shared_task
def look_at_set_aside_claims():
    """Settle claims that were set aside, once what stood in the way may be gone [R29]."""
    look_again(at=timezone.now())


@shared_task
def send_notices_that_waited():
    """Send notices whose contact needs no confirmation any more [R57]."""
    unconfirmed.send_what_waited(now=timezone.now())


@shared_task
def close_unanswered_claims():
    """Reject claims whose partner did not answer a request in time [R4]; a fault stops no other."""
    now = timezone.now()
    overdue = Claim.objects.filter(unanswered(now))
    for pk in overdue.order_by("due_at", "pk").values_list("pk", flat=True)[:1000]:
        try:
            close_unanswered(pk, now=now)
        except Exception:
            log.exception("unanswered claim could not be closed", claim=pk)


@shared_task
def prune_old_data():
    """Remove what is old: sessions, values of emails, drafts, reports of usage files."""
    pruning.prune(now=timezone.now())


@shared_task
def load_usage_files():
    """Load usage files that wait, and go on with those whose load has died [R38]."""
    for pk in loading.find_unfinished():
        loading.load_stored(pk)


@shared_task
def look_for_attention():
    """Look at official products of which nobody has said yet whether they need attention [R36]."""
    attention.look_at_new(today=timezone.now().date())
