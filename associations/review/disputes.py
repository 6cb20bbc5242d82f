"""Disputing a rejection: once, in time, with a justification, newer proof, or both (section 3) [R2].

Until it is disputed, a rejected claim only accepts files; once disputed, it is with the reviewers.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from .. import emails
from ..claims import lifecycle
from ..claims.history import By
from ..claims.lifecycle import LifecycleError, hold_claim
from ..contests import cases
from ..display.turns import explain_undisputable
from ..enums import EventKind, Status
from ..filing.own_claims import find_own_products
from ..models import Claim, Document, Event
from ..proof.documents import find_current


def dispute_claim(
    claim: Claim, *, actor, justification: str, now: dt.datetime, revision: int | None = None
) -> Claim:
    """Dispute a rejection, once and before its deadline [R2], and tell staff.

    Raise LifecycleError if it was disputed before, cannot be disputed, the deadline has passed, another
    claim of the partner covers its products, or there is neither a justification nor newer proof.
    """
    with hold_for_dispute(claim, revision=revision, now=now) as held:
        newer = [name_version(each) for each in find_newer_proof(held)]
        if not justification and not newer:
            raise LifecycleError(describe_nothing_new())
        held.disputed_at = now
        held.write("disputed_at")
        lifecycle.change_status(
            held,
            Status.DISPUTE,
            by=By.partner(actor),
            reason=justification,
            subjects=tuple(newer),
            now=now,
        )
        emails.claim_disputed(held, justification=justification, newer_proof=newer)
        cases.come_to_slots(held, now=now)
    return held


@contextmanager
def hold_for_dispute(
    claim: Claim, *, now: dt.datetime, revision: int | None = None
) -> Iterator[Claim]:
    """Hold a claim that can be disputed now; raise LifecycleError with the reason if it cannot [R2]."""
    with hold_claim(claim.pk) as held:
        lifecycle.require_revision(held, revision)
        require_disputable(held, now=now)
        yield held


def require_disputable(claim: Claim, *, now: dt.datetime) -> None:
    """Raise LifecycleError with the reason if the claim cannot be disputed now [R2].

    What was rejected may be claimed again; a dispute must then not bring it back beside the new claim [R32].
    """
    lifecycle.require_status(claim, Status.REJECTED)
    if words := explain_undisputable(claim, now=now):
        raise LifecycleError(words)
    if own := find_own_products(claim, now=now):
        raise LifecycleError(
            _(
                "This rejection cannot be disputed: another claim of your company already covers "
                "%(products)s."
            )
            % {"products": ", ".join(own)}
        )


def find_newer_proof(claim: Claim) -> list[Document]:
    """Return the current files added after the claim's last rejection; [] if it was never rejected."""
    rejections = claim.events.filter(kind=EventKind.MOVED, to_status=Status.REJECTED)
    return keep_newer(find_current(claim), rejections)


def keep_newer(files: Iterable[Document], events: Iterable[Event]) -> list[Document]:
    """Return those of ``files`` that were added after the last rejection in the claim's history."""
    rejections = [each for each in events if each.to_status == Status.REJECTED]
    if not rejections:
        return []
    rejected_at = max(rejections, key=lambda each: each.number).at
    return [each for each in files if each.uploaded_at > rejected_at]


def name_version(document: Document) -> str:
    """Return a file's name, with its version unless it is the first."""
    if document.version == 1:
        return document.name
    return f"{document.name} (v{document.version})"


def describe_nothing_new():
    return _("Say why the rejection is wrong, or add proof that is newer than the rejection.")
