"""Slots with associations of more than one partner: where to look for competing claims.

There are few, but finding them means reading every association. So they are cached, and each call adds
what was proposed since. A slot stays in the list when its rivals are gone: the list only says where to
look, and ``visible.rival_exists`` decides.
"""

from django.core.cache import cache
from django.db.models import Exists, F, Max, Min, OuterRef

from ..models import Association

CACHE_KEY = "shared-slots"
KEPT = 3600  # seconds
#: A query lists at most this many slots one by one.
SLOTS_MAX = 2000
#: A row may be committed after one with a higher number.
LATE_COMMITS = 500


def find_shared_slots() -> list[str] | None:
    """Return the slots that more than one partner has ever claimed; None if there are too many."""
    last = Association.objects.aggregate(last=Max("pk"))["last"]
    kept = cache.get(CACHE_KEY)
    seen, slots = kept or (None, frozenset())
    if seen is None:
        slots = _find_in_all()
    elif seen != last:
        slots |= _find_among_new(seen)
    if seen != last:
        cache.set(CACHE_KEY, (last, slots), KEPT)
    return sorted(slots) if len(slots) <= SLOTS_MAX else None


def _find_in_all() -> frozenset[str]:
    by_slot = Association.objects.order_by().values("slot_key")
    shared = by_slot.annotate(one=Min("partner"), other=Max("partner")).exclude(one=F("other"))
    return frozenset(shared.values_list("slot_key", flat=True)[: SLOTS_MAX + 1])


def _find_among_new(seen: int) -> frozenset[str]:
    others = Association.objects.filter(slot_key=OuterRef("slot_key")).exclude(
        partner=OuterRef("partner")
    )
    new = Association.objects.filter(Exists(others), pk__gt=seen - LATE_COMMITS)
    return frozenset(new.order_by().values_list("slot_key", flat=True))
