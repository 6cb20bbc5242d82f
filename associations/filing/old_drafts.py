"""Drafts not changed for a year: their owner is warned, and a month later they are deleted.

Each is checked again under its lock, so that a draft that is changed concurrently is kept.
"""

import datetime as dt
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from cpor_site.web.keeping import CHUNK, find_cut_off

from .. import emails
from ..claims.lifecycle import lock_claim
from ..enums import Status
from ..models import Claim, DraftWarning
from .drafts import remove_draft

log = structlog.get_logger(__name__)


def warn_of_old_drafts(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Warn the owners of drafts that will be old in DRAFT_WARNING_DAYS; return how many drafts.

    An owner is warned once about a draft, and again only if it was changed since.
    """
    days = max(settings.KEEP_DRAFTS_DAYS - settings.DRAFT_WARNING_DAYS, 1)
    drafts = _find_untouched(days, now=now).exclude(warning__touched_at=F("updated_at"))
    return _for_each(drafts, _warn, now=now, is_dry_run=is_dry_run)


def remove_old_drafts(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Delete drafts not changed for KEEP_DRAFTS_DAYS whose owner was warned in time; return how many."""
    drafts = _find_untouched(settings.KEEP_DRAFTS_DAYS, now=now).filter(
        warning__touched_at=F("updated_at"), warning__due_at__lte=now
    )
    return _for_each(drafts, _remove, now=now, is_dry_run=is_dry_run)


def _find_untouched(days: int, *, now: dt.datetime) -> QuerySet[Claim]:
    cut_off = find_cut_off(days, now=now)
    if cut_off is None or settings.KEEP_DRAFTS_DAYS <= 0:
        return Claim.objects.none()
    return Claim.objects.filter(status=Status.EDITING, updated_at__lt=cut_off)


def _for_each(drafts: QuerySet[Claim], act: Callable, *, now: dt.datetime, is_dry_run: bool) -> int:
    """Do ``act`` for at most a chunk of drafts, each locked and still old; errors stop no others."""
    if is_dry_run:
        return drafts.count()
    done = 0
    for pk in list(drafts.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        try:
            with transaction.atomic():
                lock_claim(pk)
                if drafts.filter(pk=pk).exists():
                    act(Claim.objects.get(pk=pk), now=now)
                    done += 1
        except Claim.DoesNotExist:
            continue  # discarded concurrently
        except Exception:
            log.exception("an old draft could not be handled", claim=pk)
    return done


def _warn(draft: Claim, *, now: dt.datetime) -> None:
    kept, told = settings.KEEP_DRAFTS_DAYS, settings.DRAFT_WARNING_DAYS
    due_at = max(draft.updated_at + dt.timedelta(days=kept), now + dt.timedelta(days=told))
    DraftWarning.objects.update_or_create(
        claim=draft, defaults={"touched_at": draft.updated_at, "due_at": due_at}
    )
    emails.draft_expires(draft, due_at=due_at)


def _remove(draft: Claim, *, now: dt.datetime) -> None:
    log.info("old draft removed", claim=draft.reference, untouched_since=str(draft.updated_at))
    remove_draft(draft)
