"""The customer's page of a mediation: one neutral question by link, whose newest answer decides [R22], [R25], [R33]."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from associations.contests import sides
from associations.customer import questions
from associations.enums import Actor, CaseChoice, CaseStatus
from associations.filing import submission
from associations.models import CaseAnswer, CaseQuestion, CaseSide, MediationCase
from notifications.models import Message
from tests import cast

from .pages import ask, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(contest):
    """Two claims, a statement of one, and the customer asked."""
    contest.tenant.registered_contacts.create(
        name="Rosa", email="rosa@fabrikam.example", language="pt-br"
    )
    contest.submit(0)
    contest.submit(1)
    contest.settle()
    sides.give_statement(
        contest.claims[0],
        contest.case,
        actor=contest.admins[0],
        statement="We trained <everyone>.",
        now=contest.now,
    )
    contest.pass_limit()
    ask(contest)
    return contest


class Reader:
    """Someone at the customer, with the link of one question."""

    def __init__(self, contest, question=None):
        self.contest = contest
        self.question = question or contest.case.questions.order_by("pk").first()
        self.client = Client(enforce_csrf_checks=True)

    @property
    def address(self):
        return reverse("associations:case-question", args=[self.question.token])

    def look(self, query="", method="get"):
        with cast.at(self.contest.now):
            return getattr(self.client, method)(self.address + query)

    def answer(self, answer=None, query="", **fields):
        data = {} if answer is None else {"answer": self.value_of(answer)}
        with cast.at(self.contest.now):
            return self.client.post(self.address + query, data | fields)

    def value_of(self, answer):
        if not isinstance(answer, int):
            return answer
        side = CaseSide.objects.get(case=self.contest.case, partner=self.contest.partners[answer])
        return str(side.pk)

    def read(self, query=""):
        return words_of(self.look(query))


@pytest.fixture
def reader(asked):
    return Reader(asked)


def everything():
    models = (MediationCase, CaseSide, CaseQuestion, CaseAnswer, Message)
    return [list(model.objects.order_by("pk").values()) for model in models]


# --- looking -------------------------------------------------------------------------------------


def test_it_asks_one_neutral_question_with_nothing_preselected(asked, reader):
    page = reader.look()
    words = words_of(page)

    assert page.status_code == 200
    assert "Which partner helps you use Teams?" in words
    assert words.index("Partner Number 0") < words.index("Partner Number 1")
    assert "We trained &lt;everyone&gt;." in page.content.decode()
    assert "This partner has given no statement." in words
    assert words.count("United States") == 2
    assert re.search(r"until the end of \w{3} \d+ \w{3} \d{4} \(São Paulo time\)", words)
    assert b" checked" not in page.content
    for answer in (0, 1, "neither", "operator"):
        assert f'value="{reader.value_of(answer)}"' in page.content.decode()


def test_it_says_nothing_of_claims(asked, reader):
    text = reader.look().content.decode()

    for n in (0, 1):
        assert asked.read(n).reference not in text
        assert asked.admins[n].email not in text


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(asked, reader, method):
    before = everything()

    for query in ("", f"?answer={reader.value_of(0)}", "?done=answer", "?lang=pt-br"):
        assert reader.look(query, method).status_code == 200

    assert everything() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(asked, reader, method):
    assert reader.look(method=method).status_code == 405


def test_it_needs_no_cookie_and_cannot_be_cached_or_found(reader):
    page = reader.look()

    assert not page.cookies
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert b"<script" not in page.content


def test_it_speaks_the_contacts_language_and_can_be_switched(asked):
    rosa = Reader(asked, CaseQuestion.objects.get(email="rosa@fabrikam.example"))

    assert rosa.look()["Content-Language"] == "pt-br"
    assert rosa.look("?lang=en")["Content-Language"] == "en"
    assert rosa.answer("neither", "?lang=en").url.endswith("lang=en")


@pytest.mark.parametrize("tail", [".", ")", ">"])
def test_a_stray_character_behind_the_token_does_not_matter(reader, tail):
    assert reader.client.get(reader.address.rstrip("/") + tail).status_code in (200, 301, 302)


@pytest.mark.parametrize("token", ["x" * 32, "short"])
def test_an_unknown_link_reveals_nothing(asked, reader, token):
    other = reader.client.get(reverse("associations:opt-out", args=["x" * 32]))

    dead = reader.client.get(f"/which-partner/{token}/")

    assert (dead.status_code, dead["Cache-Control"]) == (404, "no-store")
    assert dead.content == other.content


# --- answering -----------------------------------------------------------------------------------


def test_an_answer_is_kept_confirmed_and_can_be_changed(asked, reader):
    response = reader.answer(0)
    assert response.status_code == 303
    assert "Your answer is recorded Partner Number 0" in words_of(reader.client.get(response.url))
    assert b" checked" not in reader.look().content

    reader.answer("neither")

    assert [each.choice for each in CaseAnswer.objects.all()] == ["neither", "partner"]
    assert "Your answer is recorded None of them" in reader.read()
    assert Message.objects.filter(kind="customer_case_answer").count() == 2


def test_the_same_answer_twice_is_one(reader):
    reader.answer(0)
    reader.answer(0)

    assert CaseAnswer.objects.count() == 1


def test_a_form_sent_as_it_came_changes_nothing(reader):
    before = everything()

    page = reader.answer()

    assert page.status_code == 400
    assert "You chose nothing." in words_of(page)
    assert everything() == before


def test_a_partner_of_another_case_cannot_be_chosen(asked, reader):
    stranger = CaseSide.objects.create(
        case=MediationCase.objects.create(
            slot_key="other",
            tenant=asked.tenant,
            product=asked.case.product,
            opened_at=asked.now,
            closed_at=asked.now,
        ),
        partner=cast.make_partner("Stranger"),
        claim=asked.claims[0],
        joined_at=asked.now,
    )

    page = reader.answer(str(stranger.pk))

    assert page.status_code == 400
    assert "Choose one of the answers on this page." in words_of(page)
    assert not CaseAnswer.objects.exists()


def test_the_newest_answer_counts_whoever_gave_it(asked, reader):
    rosa = Reader(asked, CaseQuestion.objects.get(email="rosa@fabrikam.example"))
    reader.answer(0)
    rosa.answer(1, "?lang=en")

    assert "A colleague has answered since, and the newest answer counts." in reader.read()
    assert "A colleague" not in rosa.read("?lang=en")
    asked.pass_limit()
    assert asked.case.winner == asked.partners[1]
    assert asked.case.decider == Actor.CUSTOMER
    assert "A colleague answered after you, and the newest answer counted." in reader.read()


def test_who_has_not_answered_learns_that_a_colleague_has(asked, reader):
    rosa = Reader(asked, CaseQuestion.objects.get(email="rosa@fabrikam.example"))
    rosa.answer(1)

    assert "A colleague has already answered." in reader.read()


# --- over ----------------------------------------------------------------------------------------


def test_an_answer_within_the_grace_counts_but_the_page_names_the_limit(asked, reader):
    asked.now = asked.case.due_at

    assert "The time to answer is over" in reader.read()
    assert b"<form" not in reader.look().content
    assert reader.answer(0).status_code == 303
    assert "Your answer is recorded Partner Number 0" in reader.read()


def test_after_the_limit_nothing_changes(asked, reader):
    reader.answer(0)
    asked.pass_limit()
    before = everything()

    page = reader.answer(1)

    assert page.status_code == 409
    assert "The time to answer is over, so nothing was changed." in words_of(page)
    assert "Your answer is recorded Partner Number 0" in words_of(page)
    assert everything() == before


def test_on_silence_the_reviewers_decide(asked, reader):
    asked.pass_limit()

    assert asked.case.status == CaseStatus.DECIDING
    assert "No answer was given with this link." in reader.read()


def test_a_question_that_nothing_hangs_on_any_more_is_withdrawn(asked, reader):
    submission.withdraw_claim(asked.read(1), actor=asked.admins[1], reason="-", now=asked.now)
    asked.settle()

    assert "This question has been withdrawn" in reader.read()
    assert reader.answer(0).status_code == 409


def test_a_third_partner_makes_the_link_a_dead_one(asked, reader):
    asked.submit(asked.add_partner())
    asked.settle()

    page = reader.look()
    assert page.status_code == 404
    assert "Partner Number" not in words_of(page)
    assert reader.answer(0).status_code == 404
    assert not CaseAnswer.objects.exists()


def test_a_question_replaced_between_look_and_answer_is_a_dead_link(asked, reader, monkeypatch):
    shown = questions.find_question(reader.question.token, at=asked.now)
    monkeypatch.setattr(
        "associations.views.questions.answer_question",
        lambda *args, **kwargs: (_ for _ in ()).throw(questions.UnknownLink),
    )

    assert shown is not None
    assert reader.answer(0).status_code == 404


def test_the_email_links_to_the_question_and_names_all_partners(asked, reader):
    message = reader.question.message

    assert message.context["url"].endswith(reader.address)
    assert message.context["partners"] == "Partner Number 0\nPartner Number 1"


def test_an_answer_after_a_dispute_decides_nothing(asked, reader):
    reader.answer(0)
    asked.pass_limit()
    assert asked.case.status == CaseStatus.DECIDED
    asked.now += dt.timedelta(hours=1)

    assert reader.answer(1).status_code == 409
    assert CaseAnswer.objects.get().choice == CaseChoice.PARTNER
