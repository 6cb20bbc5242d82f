"""What is removed once it is old, in one list for the daily task and the command.

Every step may run twice, overlap or be killed: it looks for what is old and still there.
"""

import datetime as dt
from dataclasses import dataclass

import structlog

from notifications.old_values import empty_old_emails
from partners.sign_in.old_sessions import prune_sessions

from .filing.old_drafts import remove_old_drafts, warn_of_old_drafts
from .imports.old_files import discard_forgotten, remove_old_reports
from .lists.old_exports import remove_old_exports

log = structlog.get_logger(__name__)

#: What a step did → the step. Removing comes before warning: a draft is told of at least a day before.
STEPS = {
    "sessions removed": prune_sessions,
    "emails emptied": empty_old_emails,
    "drafts removed": remove_old_drafts,
    "owners of drafts told": warn_of_old_drafts,
    "imports discarded": discard_forgotten,
    "import reports removed": remove_old_reports,
    "claims exports removed": remove_old_exports,
}


@dataclass(frozen=True)
class Pruned:
    """How many of each, and the steps that a fault stopped."""

    counts: dict[str, int]
    failed: list[str]


def prune(*, now: dt.datetime, is_dry_run: bool = False) -> Pruned:
    """Remove what is old at ``now``, or with ``is_dry_run`` only count it; a fault stops no other step."""
    counts, failed = {}, []
    for name, step in STEPS.items():
        try:
            counts[name] = step(now=now, is_dry_run=is_dry_run)
        except Exception:
            log.exception("pruning stopped", step=name)
            failed.append(name)
    return Pruned(counts, failed)
