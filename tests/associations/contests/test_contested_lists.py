"""Where else a partner meets its mediations: the claim's page, the dashboard, the claims list [R33], [R46]."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from associations.contests import own_cases, sides
from associations.enums import AssociationStatus, EventKind, Status
from associations.models import Claim
from partners.enums import Role
from tests import cast
from tests.associations.lists.test_claims_list import MAX_QUERIES

from .pages import Seat, ask, markup_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(contest):
    contest.submit(0)
    contest.submit(1)
    contest.settle()
    return contest


@pytest.fixture
def seat(heard):
    return Seat(heard, 0)


def home_of(seat):
    return seat.contest.partners[seat.n].get_absolute_url()


def state(contest, n):
    sides.give_statement(
        contest.read(n), contest.case, actor=contest.admins[n], statement="Ours.", now=contest.now
    )


# --- the claim's page ----------------------------------------------------------------------------


def test_the_claims_page_says_what_is_wanted_and_leads_there(seat):
    page = seat.look(seat.claim.get_absolute_url())

    assert "Contested: Statement needed" in words_of(page)
    assert "Give your statement on Teams" in words_of(page)
    assert page.content.decode().count("btn-primary") == 1
    assert f'btn-primary" href="{seat.address}"' in page.content.decode()


def test_what_is_given_asks_for_nothing_more(heard, seat):
    state(heard, 0)

    words = seat.read(seat.claim.get_absolute_url())

    assert "Contested: Statement given" in words
    assert "Give your statement on Teams" not in words


def test_an_incentives_user_is_offered_no_statement(heard):
    user = Seat(heard, 0, cast.make_member(heard.partners[0], Role.INCENTIVES_USER))

    words = user.read(user.claim.get_absolute_url())

    assert "Contested: Statement needed" in words
    assert "Give your statement on Teams" not in words
    assert "Only an Incentives admin of your company can give the statement." in words


def test_an_official_claim_says_that_something_waits(contest):
    contest.make_official(0)
    contest.submit(1)
    contest.settle()
    seat = Seat(contest, 0)

    words = seat.read(seat.claim.get_absolute_url())

    assert "A mediation about this claim waits for your company." in words
    assert "There's nothing for you to do." not in words


def test_lost_products_and_claims_say_by_what(contest):
    contest.submit(0, codes=("teams", "exchange-online"))
    contest.submit(1)
    contest.hear()
    contest.decide(1)
    contest.pass_limit()
    loser = Seat(contest, 0)

    assert loser.product.status == AssociationStatus.EXCLUDED
    words = loser.read(loser.claim.get_absolute_url())
    assert "Lost in mediation" in words
    assert "Mediation: Not decided for you: final" in words
    assert "Excluded at review" not in words


def test_a_claim_that_lost_all_is_rejected_with_the_reason(contest):
    contest.submit(0)
    contest.submit(1)
    contest.hear()
    contest.decide(1)
    contest.pass_limit()
    loser = Seat(contest, 0)

    words = loser.read(loser.claim.get_absolute_url())

    assert loser.claim.status == Status.REJECTED
    assert "Rejected: Lost mediation" in words
    assert "The newer proof names the customer's project." in words
    assert "This rejection cannot be disputed." in words


def test_an_old_claim_does_not_show_the_mediation_of_a_new_one(contest):
    old = contest.submit(0)
    contest.submit(1)
    contest.hear()
    contest.decide(1)
    contest.pass_limit()
    contest.submit(0)  # once more, against the winner
    contest.settle()
    seat = Seat(contest, 0)

    assert "Contested: Statement needed" in seat.read(seat.claim.get_absolute_url())
    words = seat.read(old.get_absolute_url())
    assert "Mediation: Not decided for you: final" in words
    assert "Statement needed" not in words


def test_a_new_claim_does_not_show_the_mediation_of_an_old_one(contest):
    contest.submit(0)
    contest.submit(1)
    contest.hear()
    contest.decide(None)
    contest.pass_limit()
    contest.submit(0)
    contest.settle()
    seat = Seat(contest, 0)

    assert "Mediation" not in seat.read(seat.claim.get_absolute_url())
    assert seat.look().status_code == 404


def test_an_association_without_a_holder_after_it_ends_without_a_handover(contest):
    contest.make_official(0)
    contest.submit(1)
    contest.hear()
    contest.decide(None)
    contest.pass_limit()
    holder = Seat(contest, 0)

    kinds = set(holder.claim.events.values_list("kind", flat=True))
    words = holder.read(holder.claim.get_absolute_url())

    assert EventKind.HANDED_OVER not in kinds
    assert EventKind.ASSOCIATION_ENDED in kinds
    assert "Ended on" in words
    assert "Handed over" not in words


def test_the_claims_page_is_the_same_while_the_customer_is_asked(heard, seat):
    heard.hear()
    before = markup_of(seat.look(seat.claim.get_absolute_url()))

    ask(heard)

    assert markup_of(seat.look(seat.claim.get_absolute_url())) == before


# --- the dashboard -------------------------------------------------------------------------------


def test_the_dashboard_names_what_waits_for_the_partner(heard, seat):
    words = seat.read(home_of(seat))

    assert "Mediations waiting for you" in words
    assert "Teams: Statement needed" in words
    assert seat.address in seat.look(home_of(seat)).content.decode()
    state(heard, 0)
    assert "Mediations waiting for you" not in seat.read(home_of(seat))


def test_the_dashboard_names_what_can_be_disputed_until_it_was(heard, seat):
    heard.hear()
    heard.decide(1)

    assert "Teams: Not decided for you: you can dispute it" in seat.read(home_of(seat))
    assert "waiting for you" not in Seat(heard, 1).read(f"/p/{heard.partners[1].key}/")
    heard.dispute(0)
    assert "waiting for you" not in seat.read(home_of(seat))


def test_the_dashboard_names_nothing_of_other_locations(heard):
    elsewhere = cast.LocationFactory(partner=heard.partners[0])
    away = Seat(heard, 0, cast.make_member(heard.partners[0], locations=[elsewhere]))

    assert "waiting for you" not in away.read(home_of(away))


def test_after_the_limit_nothing_waits(heard, seat):
    heard.now = heard.case.due_at  # before the sweep has been there

    assert "waiting for you" not in seat.read(home_of(seat))


# --- the claims list -----------------------------------------------------------------------------


def test_the_list_flags_contested_claims(heard, seat):
    assert "Contested: Statement needed" in seat.read(f"{home_of(seat)}claims/")
    heard.hear()
    assert "Contested: The reviewers are deciding" in seat.read(f"{home_of(seat)}claims/")


def test_of_several_mediations_the_one_that_waits_comes_first(contest):
    contest.submit(0, codes=("teams", "exchange-online"))
    contest.submit(1, codes=("teams",))
    contest.settle()
    state(contest, 0)
    contest.submit(contest.add_partner(), codes=("exchange-online",))
    contest.settle()
    claim = Claim.objects.prefetch_related("associations").get(pk=contest.claims[0].pk)

    marks = own_cases.mark_contested([claim], now=contest.now)

    assert str(marks[claim.pk].case.product) == "Exchange Online"
    assert marks[claim.pk].wants_act


@pytest.mark.parametrize("page", ["", "claims/"])
def test_pages_ask_as_few_questions_for_three_contests_as_for_one(heard, seat, page):
    def count():
        seat.look(f"{home_of(seat)}{page}")
        with CaptureQueriesContext(connection) as queries:
            seat.look(f"{home_of(seat)}{page}")
        return len(queries)

    one = count()
    for number in range(2):
        heard.tenant = cast.make_tenant(f"customer{number}.example")
        heard.submit(0)
        heard.submit(1)
        heard.settle()

    assert count() == one
    assert page == "" or one <= MAX_QUERIES
