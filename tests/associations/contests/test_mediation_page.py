"""A partner's page of a mediation: statement, decision, dispute, and who gets in [R33], [R35], [R43]."""

import datetime as dt

import pytest

from associations.contests import sides
from associations.enums import CaseStatus, EventKind
from associations.filing import submission
from partners.enums import Role
from tests import cast

from .pages import Seat, ask, make_file, markup_of

pytestmark = pytest.mark.django_db

LONG = "x" * 301


@pytest.fixture
def heard(contest):
    """Two claims for one product, and statements wanted."""
    contest.submit(0)
    contest.submit(1)
    contest.settle()
    return contest


@pytest.fixture
def seat(heard):
    return Seat(heard, 0)


@pytest.fixture
def user(heard):
    """An Incentives user of the first partner."""
    return Seat(heard, 0, cast.make_member(heard.partners[0], Role.INCENTIVES_USER))


# --- who gets in ---------------------------------------------------------------------------------


def test_only_members_who_see_the_claim_get_in(heard, seat):
    stranger = Seat(heard, 0, heard.admins[1])
    elsewhere = cast.LocationFactory(partner=heard.partners[0])
    away = Seat(heard, 0, cast.make_member(heard.partners[0], locations=[elsewhere]))

    assert seat.look().status_code == 200
    assert stranger.look().status_code == 404
    assert away.look().status_code == 404
    assert stranger.send("state", statement="Ours.", seen=0).status_code == 404


def test_a_product_without_a_mediation_has_no_page(contest):
    contest.submit(0)

    assert Seat(contest, 0).look().status_code == 404


def test_a_product_of_another_claim_is_not_found_there(heard, seat):
    other = Seat(heard, 1)

    wrong = seat.address.replace(seat.product.reference, other.product.reference)

    assert seat.look(wrong).status_code == 404


def test_staff_do_not_get_in(heard, seat):
    assert Seat(heard, 0, heard.lead).look().status_code == 404


# --- statements ----------------------------------------------------------------------------------


def test_the_page_says_what_is_contested_and_until_when(seat):
    words = seat.read()

    assert "Statement needed" in words
    assert "Another partner also holds or claims Teams for" in words
    assert "(Los Angeles time)" in words
    assert "5 business days left" in words


def test_a_statement_is_kept_and_can_be_changed(seat):
    seat.send("state", statement="We set it up.")
    response = seat.send("state", statement="We set it up\r\nin May.")

    assert response.status_code == 302
    assert response.url == seat.address
    assert seat.side.statement == "We set it up\nin May."
    page = seat.look()
    assert "We set it up\nin May.</textarea>" in page.content.decode()
    assert "Your statement has been saved." in page.content.decode()
    assert seat.claim.events.filter(kind=EventKind.MEDIATION_STATED).count() == 2


def test_a_second_click_changes_nothing(seat):
    seen = sides.mark_seen(seat.side)
    for _ in range(2):
        response = seat.send("state", statement="Ours.", seen=seen)

    assert response.status_code == 302
    assert seat.claim.events.filter(kind=EventKind.MEDIATION_STATED).count() == 1


def test_a_statement_of_a_colleague_is_not_overwritten_unseen(heard, seat):
    seen = sides.mark_seen(seat.side)
    colleague = Seat(heard, 0, cast.make_member(heard.partners[0]))
    colleague.send("state", statement="By a colleague.")

    response = seat.send("state", statement="By me.", seen=seen)

    assert response.status_code == 409
    assert "By me.</textarea>" in response.content.decode()
    assert seat.side.statement == "By a colleague."
    again = response.context["form"]["seen"].value()
    assert seat.send("state", statement="By me.", seen=again).status_code == 302


@pytest.mark.parametrize(
    ("statement", "words"),
    [("", "Enter your statement."), (LONG, "Your statement has 301 characters.")],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(seat, statement, words):
    response = seat.send("state", statement=statement)

    assert response.status_code == 400
    assert words in response.content.decode()
    assert f"{statement}</textarea>" in response.content.decode()
    assert seat.side.stated_at is None


def test_line_ends_count_once(seat):
    assert seat.send("state", statement="\r\n".join("x" * 150)).status_code == 302
    assert len(seat.side.statement) == 299


def test_a_statement_given_too_late_is_kept_on_the_page(heard, seat):
    heard.now = heard.case.due_at + dt.timedelta(seconds=1)

    response = seat.send("state", statement="Too late.")

    assert response.status_code == 409
    assert "Too late.</textarea>" in response.content.decode()
    assert "The time for statements is over" in response.content.decode()
    assert b"Save statement" not in response.content
    assert seat.side.stated_at is None


def test_a_partner_who_withdrew_can_state_nothing(heard, seat):
    submission.withdraw_claim(heard.read(0), actor=heard.admins[0], reason="-", now=heard.now)
    heard.submit(heard.add_partner())  # the case goes on without it
    heard.settle()

    assert "this mediation doesn't concern it any longer" in seat.read()
    assert seat.send("state", statement="Still ours.").status_code == 409


# --- proof ---------------------------------------------------------------------------------------


def test_files_come_with_the_statement_or_alone(seat):
    seat.send("state", make_file(), statement="With a file.")
    seat.send("state", make_file("second.pdf", cast.PDF + b"% 2"), statement="With a file.")

    assert set(seat.claim.documents.values_list("name", flat=True)) == {
        "proof.pdf",
        "newer.pdf",
        "second.pdf",
    }
    assert seat.side.statement == "With a file."


def test_files_alone_are_no_statement(seat):
    assert seat.send("state", make_file(), statement="").status_code == 302
    assert seat.side.stated_at is None
    assert seat.claim.documents.count() == 2


def test_a_bad_file_keeps_the_statement_on_the_page_and_the_good_file(seat):
    bad = make_file("script.exe", b"MZ")

    response = seat.send("state", make_file(), bad, statement="Typed.")

    assert response.status_code == 400
    assert "Typed.</textarea>" in response.content.decode()
    assert seat.claim.documents.filter(name="newer.pdf").exists()
    assert seat.side.stated_at is None


@pytest.mark.parametrize("walk", ["begin", "approve"])
def test_an_incentives_user_adds_proof_whatever_the_claims_status(heard, user, walk):
    heard.begin(0)
    if walk == "approve":
        heard.hear()
        heard.decide(1)  # can be disputed

    response = user.send("proof", make_file())

    assert response.status_code == 302
    assert user.claim.documents.filter(name="newer.pdf").exists()


def test_adding_no_file_says_so(user):
    response = user.send("proof")

    assert response.status_code == 400
    assert b"Choose at least one file." in response.content


def test_no_file_is_taken_while_the_reviewers_decide(heard, user):
    heard.hear()

    response = user.send("proof", make_file())

    assert response.status_code == 409
    assert not user.claim.documents.filter(name="newer.pdf").exists()


# --- roles ---------------------------------------------------------------------------------------


def test_an_incentives_user_sees_the_page_and_who_can_state(heard, user):
    words = user.read()
    response = user.send("state", statement="Ours.")

    assert "Only an Incentives admin of your company can give the statement." in words
    assert b'name="statement"' not in user.look().content
    assert response.status_code == 403
    assert str(heard.admins[0]) in response.content.decode()
    assert user.side.stated_at is None


def test_an_incentives_user_cannot_dispute(heard, user):
    heard.hear()
    heard.decide(1)

    assert "Only an Incentives admin of your company can dispute the decision." in user.read()
    assert user.send("dispute", words="No.").status_code == 403
    assert heard.case.status == CaseStatus.DECIDED


# --- the decision --------------------------------------------------------------------------------


def test_being_decided_looks_the_same_whoever_is_asked(heard, seat):
    seat.send("state", statement="Ours.")
    seat.look()  # the message that it was saved
    heard.hear()
    deciding = seat.look()
    ask(heard)
    asking = seat.look()

    assert "The reviewers are deciding" in deciding.content.decode()
    assert markup_of(deciding) == markup_of(asking)


def test_the_loser_reads_why_and_can_dispute_once(heard, seat):
    heard.hear()
    heard.decide(1)

    words = seat.read()
    assert "Not decided for you: you can dispute it" in words
    assert "The newer proof names the customer's project." in words
    assert "The reviewers decided on the basis of the proof and the statements." in words
    assert seat.send("dispute", words="").status_code == 400
    assert seat.send("dispute", make_file(), words="Ours is newer.").status_code == 302
    assert heard.case.status == CaseStatus.DISPUTED
    assert seat.claim.documents.filter(name="newer.pdf").exists()
    assert "You disputed the decision." in seat.read()


def test_a_second_click_on_the_dispute_is_no_error(heard, seat):
    heard.hear()
    heard.decide(1)
    seen = sides.mark_seen(seat.side)

    first = seat.send("dispute", words="Ours is newer.", seen=seen)
    second = seat.send("dispute", words="Ours is newer.", seen=seen)

    assert first.url == second.url == seat.address
    assert seat.claim.events.filter(kind=EventKind.MEDIATION_DISPUTED).count() == 1


def test_a_dispute_that_cannot_be_sent_keeps_its_words(heard, seat):
    heard.hear()
    heard.decide(1)
    heard.now = heard.case.due_at + dt.timedelta(seconds=1)

    response = seat.send("dispute", words="Ours is newer.")

    assert response.status_code == 409
    assert "Ours is newer.</textarea>" in response.content.decode()
    assert b"Send dispute" not in response.content
    assert heard.case.status == CaseStatus.DECIDED


def test_one_dispute_of_a_side_is_all(heard, seat):
    heard.hear()
    heard.decide(1)
    seat.send("dispute", words="Ours is newer.")
    heard.decide(0)
    other = Seat(heard, 1)
    other.send("dispute", words="No, ours.")
    assert "The decision was disputed. The reviewers will look at it again" in seat.read()
    heard.decide(1)  # both have disputed: final at once

    assert "Not decided for you: final" in seat.read(seat.address)
    assert "The reviewers decided again after a dispute." in seat.read()
    assert seat.send("dispute", words="Once more.").status_code == 409


def test_the_winner_reads_what_follows(heard):
    heard.hear()
    heard.decide(1)
    winner = Seat(heard, 1)

    words = winner.read()

    assert "Decided for you" in words
    assert "The decision can still be disputed until the end of" in words
    assert "Your claim continues in the meantime." in words
    assert b"<textarea" not in winner.look().content


def test_the_customers_decision_is_told_with_it(heard, seat):
    heard.hear()
    ask(heard)
    heard.pass_limit()
    heard.decide(0)

    words = seat.read()

    assert "We asked the customer. They left the choice to us, so the reviewers decided." in words


def test_a_handover_is_told_to_both(contest):
    contest.make_official(0)
    contest.submit(1)
    contest.begin(1)
    contest.hear()
    contest.decide(1)
    contest.approve(1)
    contest.pass_limit()
    holder, challenger = Seat(contest, 0), Seat(contest, 1)

    assert "stays recorded for Teams until it is handed over" in holder.read()
    assert "Teams will be handed over to you once" in challenger.read()

    contest.now = max(contest.now, contest.claims[1].due_at) + dt.timedelta(hours=1)
    contest.finalise()
    assert "Your company is not recorded for Teams." in holder.read()
    assert "Your company is recorded for Teams." in challenger.read()
    assert "Handed over after mediation on" in holder.read(holder.claim.get_absolute_url())


def test_a_contest_that_ended_by_itself_says_so(heard, seat):
    submission.withdraw_claim(heard.read(1), actor=heard.admins[1], reason="-", now=heard.now)
    heard.settle()

    assert "Nothing was decided or handed over." in seat.read()
