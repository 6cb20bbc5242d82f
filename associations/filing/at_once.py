"""Many drafts at once: each is submitted or discarded by itself, and says why if it could not be [R47]."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from .. import rules
from ..claims.lifecycle import LifecycleError
from ..enums import Status
from ..models import Claim
from .completeness import NOTHING_THERE, ClaimIncomplete, list_gaps
from .drafts import discard_draft
from .submission import submit_claim

#: Drafts that one request handles: a few seconds of work.
MANY_MAX = 100


@dataclass(frozen=True)
class Outcome:
    """What became of one draft; ``problem`` is empty if it is done."""

    claim: Claim
    problem: str = ""


def list_drafts(claims: QuerySet[Claim]) -> Sequence[Claim]:
    """Return the newest drafts among ``claims``; see ``list_chosen``."""
    return list_chosen(claims.filter(status=Status.EDITING))


def list_chosen(claims: QuerySet[Claim]) -> Sequence[Claim]:
    """Return the newest of ``claims``, each with its ``gaps``: what it lacks at first sight.

    A fixed number of queries. What depends on today is only known when a draft is submitted.
    """
    drafts = list(
        claims.select_related("tenant", "location")
        .prefetch_related("contacts", "associations__product")
        .annotate(
            files=Count("documents", filter=Q(documents__withdrawn_at=None), distinct=True),
            stored_files=Count("documents", distinct=True),  # as ``discard_draft`` counts them
        )
        .order_by("-pk")[:MANY_MAX]
    )
    for draft in drafts:
        draft.gaps = describe_gaps(draft)  # type: ignore[attr-defined]  # for the page
    return drafts


def describe_gaps(draft: Claim) -> list[str | Promise]:
    """Say what a draft of ``list_drafts`` lacks."""
    gaps = list_gaps(
        draft,
        has_products=bool(draft.associations.all()),
        has_proof=bool(draft.files),  # type: ignore[attr-defined]  # annotated
    )
    return [NOTHING_THERE[page] for page in gaps]


def submit_many(
    drafts: Iterable[Claim], *, actor, now: dt.datetime, revisions: Mapping[str, int]
) -> list[Outcome]:
    """Submit each draft in a transaction of its own; one that cannot be submitted stops no other.

    ``revisions`` are those that the page showed, by reference.
    """

    def submit(draft: Claim) -> None:
        submit_claim(draft, actor=actor, now=now, revision=revisions.get(draft.reference))

    return [_try(draft, submit, actor=actor, action="submit_claim") for draft in drafts]


def discard_many(
    drafts: Iterable[Claim], *, actor, revisions: Mapping[str, int], known_files: Mapping[str, int]
) -> list[Outcome]:
    """Discard each draft in a transaction of its own, with what the page showed of it."""

    def discard(draft: Claim) -> None:
        discard_draft(
            draft,
            actor=actor,
            revision=revisions.get(draft.reference),
            known_files=known_files.get(draft.reference),
        )

    return [_try(draft, discard, actor=actor, action="discard_claim") for draft in drafts]


def _try(draft: Claim, act: Callable[[Claim], None], *, actor, action: str) -> Outcome:
    if not rules.who_may(f"associations.{action}").test(actor, draft):
        return Outcome(draft, _("Your role does not allow this for its location."))
    try:
        act(draft)
    except ClaimIncomplete as error:
        return Outcome(draft, " ".join(str(words) for words in error.missing.values()))
    except LifecycleError as error:
        return Outcome(draft, str(error))
    except Claim.DoesNotExist:
        return Outcome(draft, _("This draft has already been discarded."))
    return Outcome(draft)
