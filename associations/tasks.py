"""Celery tasks: thin. Beat starts them; each sweeps for what is due and not done."""

import structlog
from celery import shared_task
from django.utils import timezone

from . import pruning
from .contests import case_reminders, settling
from .customer import unconfirmed
from .filing.submission import close_unanswered
from .finalisation.sweep import finalise_due, look_again
from .importable import KINDS
from .imports import receiving
from .lists import export_files
from .models import Claim
from .models.claim import unanswered
from .review import figures, partner_reminders, staff_reminders
from .usage import attention

log = structlog.get_logger(__name__)

#: Seconds that writing spreadsheets may take: a million claims take longer than any other task.
EXPORT_SECONDS = 3600


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
def settle_mediation_cases():
    """Bring mediation cases up to date: limits, who joined or left, final decisions [R33], [R35]."""
    settling.settle_cases(now=timezone.now())


@shared_task
def open_missing_cases():
    """Open mediation cases for contested slots that have none [R33]."""
    settling.open_missing(now=timezone.now())


@shared_task
def remind_of_deadlines():
    """Remind partners and staff of their deadlines [R61]; a fault in one stops no other."""
    now = timezone.now()
    case_reminders.remind_of_cases(now=now)
    partner_reminders.remind_partners(now=now)
    staff_reminders.remind_staff(now=now)


@shared_task
def count_finished_days():
    """Count the reviews of each day that is over [R61]."""
    figures.count_finished_days(now=timezone.now())


@shared_task
def prune_old_data():
    """Remove what is old: sessions, values of emails, drafts, reports of usage files."""
    pruning.prune(now=timezone.now())


@shared_task
def load_files():
    """Check and load files that wait or whose run has died [R38], [R60]; a fault stops no other."""
    for pk in receiving.find_unfinished():
        try:
            receiving.load_stored(pk, KINDS, now=timezone.now())
        except Exception:
            log.exception("imported file could not be handled", file=pk)


@shared_task(time_limit=EXPORT_SECONDS)
def write_claims_exports():
    """Write the XLSX files that wait, or whose process has died [R46]; a fault stops no other."""
    for pk in export_files.find_unfinished():
        try:
            export_files.write_export(pk)
        except Exception:
            log.exception("claims export could not be written", export=pk)


@shared_task
def look_for_attention():
    """Store from which day official products need attention, where that is not known yet [R36]."""
    attention.look_at_new(today=timezone.now().date())
