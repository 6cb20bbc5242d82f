"""Exports asked for at the same moment [R46]."""

import pytest
from django.utils import timezone

from associations.lists import export_files
from associations.models import ClaimsExport
from tests import cast
from tests.concurrency.racing import meet, race, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ask(monkeypatch):
    """A function that asks for the export of a search term; both racers have counted before one writes."""
    membership = cast.make_member(cast.make_partner()).memberships.get()
    monkeypatch.setattr(export_files, "ask_to_write", lambda: None)
    monkeypatch.setattr(export_files, "OPEN_MAX", 1)
    meet(monkeypatch, ClaimsExport.objects, "create")

    def make(term):
        return lambda: export_files.request_export(
            membership, chosen={"q": term}, language="en", now=timezone.now()
        )

    return make


def test_two_at_once_are_counted(ask):
    outcomes = race(ask("a"), ask("b"))

    refused = [each for each in outcomes if isinstance(each, export_files.TooManyExports)]
    assert len(refused) == 1
    assert ClaimsExport.objects.count() == 1


def test_a_second_click_leads_to_the_same_export(ask):
    first, second = race(ask("a"), ask("a"))

    assert first == second == ClaimsExport.objects.get()


def test_without_the_lock_there_are_two(ask, monkeypatch):
    without_row_locks(monkeypatch)

    race(ask("a"), ask("b"))

    assert ClaimsExport.objects.count() == 2
