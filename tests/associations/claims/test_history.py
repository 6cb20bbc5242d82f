"""History that was tampered with is found, however carefully it was done [R49]."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from associations.claims import lifecycle
from associations.claims.history import By, compute_hash, find_broken_link, record_event
from associations.enums import Actor, EventKind, Status
from associations.management.commands import verify_history
from associations.models import Claim, Event
from tests import cast

pytestmark = pytest.mark.django_db

#: Another value for each fact of a row.
OTHERS = {
    "kind": EventKind.EDITED,
    "from_status": Status.ENDED,
    "to_status": Status.ENDED,
    "actor": Actor.CUSTOMER,
    "actor_name": "Someone Else",
    "actor_id": 999_999,
    "at_microseconds": 1,
    "reason_code": "other",
    "reason": "I never said that.",
    "subjects": "Yammer",
}


@pytest.fixture
def claim(draft, admin, reviewer):
    claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=admin, reviewer=reviewer)
    assert claim.history_length == 4
    assert find_broken_link(claim) is None
    return claim


def sign_again(claim, *, numbers):
    """Give the rows from ``numbers`` on the hashes that they would have had, as a forger would."""
    previous = ""
    for event in claim.events.order_by("number"):
        if event.number in numbers:
            event.previous_hash = previous
            event.hash = compute_hash(event)
            Event.objects.filter(pk=event.pk).update(
                previous_hash=event.previous_hash, hash=event.hash
            )
        previous = event.hash
    return previous


@pytest.mark.parametrize("fact", OTHERS)
def test_each_fact_of_a_row_is_covered_by_its_hash(claim, fact):
    assert Event.objects.filter(claim=claim, number=2).update(**{fact: OTHERS[fact]}) == 1

    assert find_broken_link(claim) == 2


def test_a_microsecond_is_covered_by_its_hash(claim):
    event = claim.events.get(number=2)
    Event.objects.filter(pk=event.pk).update(at_microseconds=event.at_microseconds + 1)

    assert find_broken_link(claim) == 2


def test_a_row_rewritten_with_its_own_hash_is_found_by_the_next(claim):
    Event.objects.filter(claim=claim, number=2).update(reason="I never said that.")
    sign_again(claim, numbers={2})

    assert find_broken_link(claim) == 3


def test_a_last_row_rewritten_with_its_own_hash_is_found_by_the_claim(claim):
    Event.objects.filter(claim=claim, number=4).update(reason="I never said that.")
    sign_again(claim, numbers={4})

    assert find_broken_link(claim) == 5


def test_rows_rewritten_to_the_end_are_found_by_the_claim(claim):
    Event.objects.filter(claim=claim, number=2).update(reason="I never said that.")
    sign_again(claim, numbers={2, 3, 4})

    assert find_broken_link(claim) == 5


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_missing_row_is_found(claim, number):
    claim.events.get(number=number).delete()

    assert find_broken_link(claim) == number


def test_a_missing_row_is_found_though_all_is_signed_again(claim):
    claim.events.get(number=2).delete()
    last = sign_again(claim, numbers={3, 4})
    Claim.objects.filter(pk=claim.pk).update(history_hash=last)

    assert find_broken_link(Claim.objects.get(pk=claim.pk)) == 2


def test_a_name_longer_than_its_column_is_cut(claim):
    record_event(claim, EventKind.EDITED, by=By(Actor.CUSTOMER, name="x" * 300), now=cast.MONDAY)

    assert claim.events.last().actor_name == "x" * 200
    assert find_broken_link(claim) is None


def test_a_row_of_another_claim_does_not_fit(claim, partner, admin):
    other = cast.make_draft(partner, admin, cast.make_tenant("other.example"))
    first = claim.events.get(number=1)
    other.events.get(number=1).delete()
    Event.objects.filter(pk=first.pk).update(claim=other)

    assert find_broken_link(other) == 1


class TestTheCommand:
    def test_it_says_that_all_is_as_it_was_written(self, claim, capsys):
        call_command("verify_history")

        assert (
            capsys.readouterr().out
            == "Claims checked: 1. Every history is complete and unchanged.\n"
        )

    def test_it_names_the_claim_and_the_row(self, claim, partner, admin, capsys):
        cast.make_draft(partner, admin, cast.make_tenant("other.example"))
        Event.objects.filter(claim=claim, number=3).update(reason="I never said that.")

        with pytest.raises(CommandError, match="1 of 2"):
            call_command("verify_history")

        assert f"{claim.reference}: row 3 of the history" in capsys.readouterr().out

    def test_it_checks_only_the_claims_it_is_given(self, claim, partner, admin):
        other = cast.make_draft(partner, admin, cast.make_tenant("other.example"))
        Event.objects.filter(claim=claim, number=3).update(reason="I never said that.")

        call_command("verify_history", other.reference)
        with pytest.raises(CommandError, match="1 of 1"):
            call_command("verify_history", claim.reference)

    def test_a_claim_that_is_not_there_is_named(self, claim):
        with pytest.raises(CommandError, match="There is no claim NONE22"):
            call_command("verify_history", claim.reference, "NONE22")

    def test_a_row_added_while_it_reads_is_no_fault(self, claim, reviewer):
        stale = Claim.objects.get(pk=claim.pk)
        with lifecycle.hold_claim(claim.pk) as held:
            record_event(held, EventKind.EDITED, by=By.staff(reviewer), now=timezone.now())

        assert find_broken_link(stale) is not None
        assert verify_history.check_again(stale) is None

    def test_many_claims_are_read_in_few_queries(
        self, claim, partner, admin, django_assert_max_num_queries
    ):
        for number in range(3):
            cast.make_draft(partner, admin, cast.make_tenant(f"other{number}.example"))

        with django_assert_max_num_queries(3):
            call_command("verify_history")
