"""A draft that is saved in the moment in which it would be removed stays."""

import threading

import pytest
from django.db import transaction
from django.utils import timezone

from associations.filing import old_drafts
from associations.models import Claim
from tests import cast

from .racing import race, wait_for_a_waiter, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LONG = 10  # seconds; no one waits so long unless something hangs


@pytest.fixture
def draft():
    """Untouched for years, and its owner was told long ago."""
    partner = cast.make_partner()
    made = cast.make_draft(partner, cast.make_member(partner), cast.make_tenant())
    now = timezone.now()
    Claim.objects.filter(pk=made.pk).update(updated_at=now - 2000 * old_drafts.dt.timedelta(days=1))
    old_drafts.warn_of_old_drafts(now=now - 40 * old_drafts.dt.timedelta(days=1))
    return made


@pytest.mark.parametrize("has_locks", [True, False])
def test_a_draft_saved_in_that_moment_stays(draft, monkeypatch, has_locks):
    if not has_locks:
        without_row_locks(monkeypatch)
    is_saved = threading.Event()

    def save():
        with transaction.atomic():
            Claim.objects.get(pk=draft.pk).save()
            is_saved.set()
            wait_for_a_waiter(longest=LONG)

    def prune():
        assert is_saved.wait(LONG)
        return old_drafts.remove_old_drafts(now=timezone.now())

    _saved, removed = race(save, prune)

    assert removed == (0 if has_locks else 1)
    assert Claim.objects.filter(pk=draft.pk).exists() == has_locks
