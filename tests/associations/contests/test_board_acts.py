"""What staff do on the board: decide, ask the customer, comment to one side; late, twice, or at once [R35]."""

import pytest

from associations.contests import settling
from associations.contests.cases import CaseMoved
from associations.enums import Actor, CaseStatus, EventKind
from associations.models import CaseQuestion, Comment, Event
from notifications.models import Message
from partners.models import PartnerDomain
from partners.staff_groups import REVIEW_LEAD
from tests import cast

from .boards import LIST, name, sign_in, text_of
from .conftest import MINUTE

WORDS = "The newer proof shows the project."


@pytest.fixture
def lead(contest):
    return sign_in(contest.lead)


@pytest.fixture
def other_lead():
    return sign_in(cast.make_staff(REVIEW_LEAD))


def fill(contest, n=0, **changed):
    winner = "none" if n is None else contest.partners[n].pk
    return {"revision": contest.case.revision, "winner": winner, "reason": WORDS, **changed}


def snapshot(contest):
    """All that a decision changes."""
    case = contest.case
    facts = (case.status, case.revision, case.winner_id, case.reason, case.decided_by_id)
    return facts, Event.objects.count(), Message.objects.count(), Comment.objects.count()


def post(client, contest, slug, data):
    return client.post(name(slug, contest.case), data)


# --- Deciding ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, None])
def test_a_decision_is_made_and_told(heard, lead, n):
    answer = post(lead, heard, "decide", fill(heard, n))

    case = heard.case
    assert answer["Location"] == case.get_admin_url()
    assert (case.status, case.reason) == (CaseStatus.DECIDED, WORDS)
    assert case.winner == (None if n is None else heard.partners[n])
    assert case.decided_by == heard.lead
    assert "Decided. All sides have been told." in text_of(lead.get(case.get_admin_url()))


def test_nothing_is_chosen_beforehand(heard, lead):
    page = lead.get(heard.case.get_admin_url()).content.decode()

    form = page.partition('id="decide"')[2]
    assert form.count('type="radio"') == 3
    assert "checked" not in form


@pytest.mark.parametrize(
    ("empty", "words"),
    [
        ("winner", "Choose one of the sides, or none of them."),
        ("reason", "Give the reason for the decision."),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_is_kept(heard, lead, empty, words):
    before = snapshot(heard)
    data = fill(heard, 1)
    del data[empty]

    answer = post(lead, heard, "decide", data)

    page = text_of(answer)
    assert answer.status_code == 400
    assert words in page
    assert empty == "reason" or WORDS in page
    assert (
        empty == "winner"
        or f'value="{heard.partners[1].pk}" required checked' in page
        or ("checked" in page.partition('id="decide"')[2])
    )
    assert snapshot(heard) == before


@pytest.mark.parametrize("mark", ["name", "claim", "domain", "code"])
def test_a_reason_that_names_a_side_is_refused_at_its_field(heard, lead, mark):
    partner = heard.partners[1]
    told = {
        "name": partner.name.upper(),
        "claim": heard.claims[1].reference,
        "domain": PartnerDomain.objects.get(partner=partner).domain,
        "code": partner.locations.get().partner_code,
    }[mark]
    before = snapshot(heard)

    answer = post(lead, heard, "decide", fill(heard, reason=f"See {told}, page 3."))

    assert answer.status_code == 400
    assert "no partner may learn who the others are: leave out" in text_of(answer)
    assert f"See {told}, page 3." in text_of(answer)
    assert 'id="case-reason-field"' in text_of(answer)
    assert snapshot(heard) == before


def test_a_partner_that_is_no_side_cannot_be_slipped_in(heard, lead):
    before = snapshot(heard)

    answer = post(lead, heard, "decide", fill(heard, winner=cast.make_partner("Stranger").pk))

    assert answer.status_code == 400
    assert "The sides have changed since you opened the page." in text_of(answer)
    assert snapshot(heard) == before


def test_a_second_click_changes_nothing_and_leads_where_the_first_did(heard, lead):
    data = fill(heard)
    post(lead, heard, "decide", data)
    before = snapshot(heard)

    answer = post(lead, heard, "decide", data)

    assert answer["Location"] == heard.case.get_admin_url()
    assert snapshot(heard) == before


@pytest.mark.parametrize("changed", [{"reason": "Other words."}, {"winner": "none"}])
def test_another_decision_than_the_one_made_is_no_second_click(heard, lead, changed):
    data = fill(heard)
    post(lead, heard, "decide", data)
    before = snapshot(heard)

    answer = post(lead, heard, "decide", data | changed)

    assert answer.status_code == 409
    assert snapshot(heard) == before


def test_of_two_reviewers_the_second_is_told_and_keeps_the_words(heard, lead, other_lead):
    first, second = fill(heard, 0), fill(heard, 1, reason="I see it the other way.")
    post(lead, heard, "decide", first)
    before = snapshot(heard)

    answer = post(other_lead, heard, "decide", second)

    page = text_of(answer)
    assert answer.status_code == 409
    assert "This mediation has just changed." in page
    assert "I see it the other way." in page
    assert "What you wrote is still above so that you can copy it." in page
    assert f"Decided for {heard.partners[0]}" in page
    assert snapshot(heard) == before


def test_the_same_decision_by_a_colleague_is_no_second_click(heard, lead, other_lead):
    data = fill(heard)
    post(lead, heard, "decide", data)

    assert post(other_lead, heard, "decide", data).status_code == 409


def test_what_is_due_comes_before_a_decision_on_a_stale_page(heard, lead):
    """A third partner claims the slot while the decision is being written: it takes part first."""
    data = fill(heard)
    n = heard.add_partner()
    heard.submit(n)

    answer = post(lead, heard, "decide", data)

    page = text_of(answer)
    assert answer.status_code == 409
    assert "This mediation has just changed." in page
    assert WORDS in page
    assert str(heard.partners[n]) in page
    assert heard.case.status == CaseStatus.HEARING
    assert heard.case.winner is None


def test_a_form_that_comes_back_can_be_sent_again(heard, lead):
    data = fill(heard, revision=0)
    answer = post(lead, heard, "decide", data)
    assert answer.status_code == 409
    assert f'name="revision" value="{heard.case.revision}"' in text_of(answer)

    assert post(lead, heard, "decide", fill(heard)).status_code == 302


def test_a_case_about_a_slot_that_was_just_freed_is_closed_instead(heard, lead):
    data = fill(heard)
    heard.claims[1].associations.update(status="excluded")

    answer = post(lead, heard, "decide", data)

    assert answer.status_code == 409
    assert heard.case.status == CaseStatus.CLOSED
    assert heard.case.winner is None
    assert WORDS in text_of(answer)


def test_a_claim_that_comes_in_while_the_case_is_locked_is_told(heard, lead, monkeypatch):
    def move(*args, **kwargs):
        raise CaseMoved

    monkeypatch.setattr(settling, "settle_case", move)

    answer = post(lead, heard, "decide", fill(heard))

    assert answer.status_code == 409
    assert "This mediation has just changed. Check it, then try again." in text_of(answer)


@pytest.mark.parametrize("slug", ["decide", "ask"])
def test_someone_who_joins_a_side_in_the_middle_does_nothing_and_is_told(
    heard, lead, monkeypatch, slug
):
    settle = settling.settle_case

    def join_meanwhile(*args, **kwargs):
        settle(*args, **kwargs)
        cast.make_member(heard.partners[1], user=heard.lead)

    monkeypatch.setattr(settling, "settle_case", join_meanwhile)
    before = snapshot(heard)

    answer = post(lead, heard, slug, fill(heard))

    assert answer["Location"] == LIST
    page = text_of(lead.get(LIST))
    assert "You are a member of one of these partners, so someone else must decide." in page
    assert str(heard.case.tenant) not in page
    assert snapshot(heard) == before


def test_a_disputed_decision_is_shown_with_the_dispute_and_decided_again(heard, lead):
    heard.decide(0, "First words.")
    heard.dispute(1, "Read page 3.")

    page = text_of(lead.get(heard.case.get_admin_url()))
    form = page.partition('id="decide"')[2].partition("</section>")[0]
    assert f"Decided for {heard.partners[0]} by {heard.lead}. The decision is disputed:" in form
    assert "Read page 3." in form
    post(lead, heard, "decide", fill(heard, 1))

    assert heard.case.winner == heard.partners[1]


def test_an_old_page_does_not_decide_a_dispute(heard, lead):
    """The same person, words and winner, but the dispute came in between."""
    old = fill(heard)
    post(lead, heard, "decide", old)
    heard.now = heard.case.decided_at + MINUTE
    heard.dispute(1)

    answer = post(lead, heard, "decide", old)

    assert answer.status_code == 409
    assert heard.case.status == CaseStatus.DISPUTED


# --- Asking the customer -------------------------------------------------------------------------


def test_the_page_says_who_would_be_asked_and_asks_no_one(heard, lead):
    heard.tenant.registered_contacts.create(
        name="Rosa", email="rosa@elsewhere.example", language="en"
    )

    page = text_of(lead.get(name("ask", heard.case)))

    assert "carla@fabrikam.example" in page
    assert "rosa@elsewhere.example" in page
    assert "only with the decision that the customer was asked" in page
    assert not CaseQuestion.objects.exists()


def test_asking_asks_once(heard, lead, other_lead):
    data = {"revision": heard.case.revision}

    first = post(lead, heard, "ask", data)
    second = post(lead, heard, "ask", data)
    third = post(other_lead, heard, "ask", data)

    assert {each["Location"] for each in (first, second, third)} == {heard.case.get_admin_url()}
    assert heard.case.status == CaseStatus.ASKING
    assert CaseQuestion.objects.count() == 1
    assert Message.objects.filter(kind="customer_case_question").count() == 1


def test_without_anyone_to_ask_the_page_says_what_to_do(heard, lead):
    for claim in heard.claims.values():
        claim.contacts.update(email="carla@elsewhere.example")

    page = text_of(lead.get(name("ask", heard.case)))
    answer = post(lead, heard, "ask", {"revision": heard.case.revision})

    assert "No contact can be asked" in page
    assert '<button class="button look-primary"' not in page
    assert answer.status_code == 409
    assert heard.case.status == CaseStatus.DECIDING


@pytest.mark.parametrize("moment", ["hearing", "decided"])
def test_the_customer_is_not_asked_at_another_time(contest, lead, moment):
    contest.submit(0), contest.submit(1)
    contest.settle()
    if moment == "decided":
        contest.pass_limit()
        contest.decide(0)
    before = snapshot(contest)

    assert lead.get(name("ask", contest.case)).status_code == 409
    answer = post(lead, contest, "ask", {"revision": contest.case.revision})

    assert answer.status_code == 409
    assert "the mediation has moved on. Nothing was changed." in text_of(answer)
    assert snapshot(contest) == before
    assert name("ask", contest.case) not in text_of(lead.get(contest.case.get_admin_url()))


def test_asking_on_a_stale_page_is_refused(heard, lead):
    answer = post(lead, heard, "ask", {"revision": 0})

    assert answer.status_code == 409
    assert not CaseQuestion.objects.exists()


def test_the_partners_learn_nothing_of_the_question(heard, lead):
    post(lead, heard, "ask", {"revision": heard.case.revision})

    told = Event.objects.exclude(kind=EventKind.MEDIATION_OPENED).filter(kind__startswith="med")
    assert not told.exists()
    addresses = {each.email for each in heard.admins}
    assert not Message.objects.filter(to_address__in=addresses, kind__contains="case").exists()


# --- Comments to one side ------------------------------------------------------------------------


def comment(client, contest, n, text):
    side = contest.case.sides.get(partner=contest.partners[n])
    return client.post(name("comment", contest.case, side.pk), {"text": text})


@pytest.mark.parametrize("who", ["lead", "reviewer"])
def test_a_comment_reaches_one_side_alone(heard, who):
    person = getattr(heard, who)

    answer = comment(sign_in(person), heard, 0, "Which page names the project?")

    written = Comment.objects.get(text="Which page names the project?")
    assert answer["Location"] == heard.case.get_admin_url()
    assert (written.claim, written.author, written.side) == (heard.claims[0], person, Actor.STAFF)
    mails = Message.objects.filter(kind="comment_for_partner")
    assert [each.to_address for each in mails] == [heard.admins[0].email]


def test_a_comment_that_names_another_side_is_refused(heard, lead):
    theirs = heard.partners[1].name

    answer = comment(lead, heard, 0, f"Is that later than what {theirs} did?")

    assert answer.status_code == 400
    assert "This partner must not learn who the other side is: leave out" in text_of(answer)
    assert f"Is that later than what {theirs} did?" in text_of(answer)
    assert not Comment.objects.filter(author=heard.lead).exists()


def test_a_comment_may_name_its_reader(heard, lead):
    assert comment(lead, heard, 0, f"Dear {heard.partners[0].name}").status_code == 302


def test_an_empty_comment_comes_back_at_its_side(heard, lead):
    answer = comment(lead, heard, 1, " ")

    page = text_of(answer)
    side = heard.case.sides.get(partner=heard.partners[1])
    assert answer.status_code == 400
    assert page.count("Enter a comment.") == 2
    assert f'id="comment-{side.pk}-text_error"' in page


def test_a_second_click_on_a_comment_adds_nothing(heard, lead):
    for _click in range(2):
        assert comment(lead, heard, 0, "Which page?").status_code == 302

    assert Comment.objects.filter(text="Which page?").count() == 1


def test_no_comment_goes_to_a_side_that_left_or_a_closed_case(heard, lead):
    heard.claims[0].associations.update(status="excluded")
    settling.settle_case(heard.case.pk, now=heard.now)
    answer = comment(lead, heard, 1, "Hello?")

    assert answer.status_code == 409
    assert "This partner no longer takes part in the mediation." in text_of(answer)
    assert not Comment.objects.filter(text="Hello?").exists()


def test_a_side_of_another_case_is_not_found(heard, lead):
    other = type(heard)(domain="other.example")
    other.submit(0), other.submit(1)
    other.settle()
    side = other.case.sides.first()
    mine = heard.claims[0].case_sides.get().case

    assert lead.post(name("comment", mine, side.pk), {"text": "Hello?"}).status_code == 404
    assert lead.get(name("comment", other.case, side.pk)).status_code == 302


@pytest.mark.parametrize("slug", ["decide"])
def test_an_act_without_a_page_leads_to_the_board(heard, lead, slug):
    answer = lead.get(name(slug, heard.case))

    assert answer["Location"] == f"{heard.case.get_admin_url()}#decide"
