"""Which official products need attention: stored, so that the overview can begin with them [R36].

``Association.needs_attention_from`` is the day from which a product needs it: ATTENTION_NOW if its figures
do, else a month before its subscription ends, else NO_ATTENTION. Sorting by it reads one page of an index
however many products there are, and no day has to pass unnoticed: the end of a subscription comes nearer by
itself. What decides is ``recommendations``, as on the page of the product.

Loading usage looks at the products whose figures it changes. A sweep looks at those that nothing has looked
at yet: newly official ones, and those whose subscription was changed.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction

from ..claims.slots import make_subscription_keys, make_workload_key
from ..enums import AssociationStatus
from ..models import Association, Subscription
from ..models.association import ATTENTION_NOW, NO_ATTENTION
from .file_format import SubscriptionRow, WorkloadRow
from .reading import UsageSeries, read_many
from .recommendations import Tone, find_first_day_of_ending, recommend

LOOKED_AT_ONCE = 500


def find_attention_day(
    series: UsageSeries, subscription: Subscription | None, *, today: dt.date
) -> dt.date:
    """Return the day from which a product with these figures and this subscription needs attention."""
    advice = recommend(series, product="", today=today)
    if any(each.tone == Tone.ATTENTION for each in advice):
        return ATTENTION_NOW
    if subscription is None or subscription.ends_on is None:
        return NO_ATTENTION
    return find_first_day_of_ending(subscription.ends_on)


def look_at_figures(rows: Iterable[WorkloadRow | SubscriptionRow], *, today: dt.date) -> set[int]:
    """Look at the official products that rows of a usage file are about, in the caller's transaction.

    Return the keys of those that another transaction has locked: see ``look_at_locked``.
    """
    official = Association.objects.filter(
        slot_key__in=_list_slots(rows), status=AssociationStatus.OFFICIAL
    )
    keys = set(official.order_by().values_list("pk", flat=True))
    return keys - look_at(keys, today=today) if keys else keys


def look_at_locked(keys: Iterable[int], *, today: dt.date) -> None:
    """Look at products that were locked, waiting for each alone; call it outside a transaction.

    A process that waits for one row and holds no other cannot be part of a deadlock.
    """
    for key in keys:
        look_at([key], today=today, is_waiting=True)


def look_at_new(*, today: dt.date) -> None:
    """Look at official products that nothing has looked at yet; what is locked waits for the next sweep."""
    new = Association.objects.filter(
        status=AssociationStatus.OFFICIAL, needs_attention_from=None
    ).order_by("pk")
    while keys := list(new.values_list("pk", flat=True)[:LOOKED_AT_ONCE]):
        if len(look_at(keys, today=today)) < len(keys):
            return


@transaction.atomic
def look_at(keys: Collection[int], *, today: dt.date, is_waiting: bool = False) -> set[int]:
    """Store from which day each of these products needs attention; return the keys of those looked at.

    Only what changes is written. Locks the rows, and leaves out those that are locked unless ``is_waiting``.
    """
    locked = Association.objects.select_for_update(
        of=("self",), no_key=True, skip_locked=not is_waiting
    )
    found = list(locked.filter(pk__in=keys).select_related("subscription").order_by("pk"))
    series = read_many(found, today=today)
    changed: dict[dt.date, list[int]] = defaultdict(list)
    for each in found:
        day = find_attention_day(series[each.pk], each.subscription, today=today)
        if day != each.needs_attention_from:
            changed[day].append(each.pk)
    for day, of_day in changed.items():
        Association.objects.filter(pk__in=of_day).update(needs_attention_from=day)
    return {each.pk for each in found}


def look_again_at_subscriptions(subscription_ids: Collection[uuid.UUID]) -> None:
    """Leave the products of changed subscriptions to the sweep."""
    official = Association.objects.filter(
        subscription__subscription_id__in=subscription_ids, status=AssociationStatus.OFFICIAL
    )
    official.exclude(needs_attention_from=None).update(needs_attention_from=None)


def _list_slots(rows: Iterable[WorkloadRow | SubscriptionRow]) -> set[str]:
    """Return the keys of the slots that rows of a usage file are about."""
    slots: set[str] = set()
    for row in rows:
        if isinstance(row, WorkloadRow):
            slots.add(make_workload_key(row.tenant_id, row.product))
        else:
            slots.update(make_subscription_keys(row.subscription_id))
    return slots
