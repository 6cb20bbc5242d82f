"""No page, file or email tells a partner who the others are, nor before the decision that the customer is asked [R33].

Everything of each partner carries words of its own, and two cases are led through every status that there is.
"""

import datetime as dt
import inspect
import re

import pytest

from associations.contests import sides
from associations.customer.questions import answer_question
from associations.enums import Actor, CaseChoice, CaseStatus
from associations.filing import comments, submission
from associations.models import CaseSide, Claim
from notifications.models import Message
from notifications.words.rendering import render
from partners.models import Location, PartnerDomain

from .conftest import MINUTE, Contest
from .pages import Seat, ask, make_file, markup_of

pytestmark = pytest.mark.django_db

#: The word in everything of a partner.
WORDS = ("jabuticaba", "umbuzeiro", "pitangueira")
#: A form that can be sent twice carries a key drawn for each look.
DRAWN = re.compile(r'name="filing_key" value="[\w-]+"')


class Marked(Contest):
    """A contest in which every name, address, file and text carries its partner's word."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.seats = {}
        for n in range(len(self.partners)):
            self.mark(n)

    def add_partner(self):
        n = super().add_partner()
        self.mark(n)
        return n

    def mark(self, n):
        word, partner, admin = WORDS[n], self.partners[n], self.admins[n]
        partner.name = f"{word} partner"
        partner.save()
        PartnerDomain.objects.filter(partner=partner).update(domain=f"{word}.example")
        Location.objects.filter(partner=partner).update(
            name=f"{word} place", partner_code=f"7{n}" * 4
        )
        admin.full_name, admin.email = f"{word} person", f"ana@{word}-people.example"
        admin.save()
        self.seats[n] = Seat(self, n)

    def submit(self, n, **facts):
        claim = super().submit(n, **facts)
        word, staff = WORDS[n], {"actor": self.reviewer, "side": Actor.STAFF}
        Claim.objects.filter(pk=claim.pk).update(name=f"{word} claim")
        claim.contacts.filter(role="partner").update(name=f"{word} contact")
        claim.documents.update(name=f"{word}.pdf")
        comments.add_comment(claim, **staff, text=f"{word} comment", now=self.now)
        return self.read(n)

    def state(self, n):
        word = WORDS[n]
        self.seats[n].send("state", make_file(f"{word}-newer.pdf"), statement=f"{word} statement")

    @property
    def marks(self):
        """Partner → what no one else may read."""
        return {n: [WORDS[n], *self.list_numbers(n)] for n in self.seats}

    def list_numbers(self, n):
        partner = self.partners[n]
        numbers = [partner.key, f"7{n}" * 4]
        if n in self.claims:
            claim = self.claims[n]
            numbers += [claim.reference, *claim.associations.values_list("reference", flat=True)]
        return numbers

    # --- everything that a partner can get at

    def list_addresses(self, n):
        partner, claim = self.partners[n], self.claims[n]
        home = partner.get_absolute_url()
        return [
            home,
            f"{home}claims/",
            f"{home}claims/?sort=deadline&columns=lane&columns=status",
            f"{home}claims/export.csv",
            f"{home}search/?q=teams",
            f"{home}usage/",
            f"{home}usage.csv",
            f"{home}members/",
            f"{home}access/",
            claim.get_absolute_url(),
            *(self.seats[n].address for _ in [0] if self.has_case(n)),
        ]

    def has_case(self, n):
        return CaseSide.objects.filter(partner=self.partners[n]).exists()

    def open_everything(self, n):
        """Address → what the partner's admin is shown there."""
        found = {}
        for address in self.list_addresses(n):
            response = self.seats[n].look(address)
            if response.streaming:
                found[address] = b"".join(response.streaming_content).decode()
            else:
                found[address] = DRAWN.sub("", markup_of(response))
            assert response.status_code in (200, 302), address
        return found

    def open_unrecorded(self, n):
        """The same without the record of who looked at what, which grows by looking."""
        found = self.open_everything(n)
        return {address: page for address, page in found.items() if "/access/" not in address}

    def read_emails(self, n):
        """Key → everything that is in an email to the partner."""
        to = [self.admins[n].email]
        found = {}
        for message in Message.objects.filter(to_address__in=to):
            mail = render(message)
            found[message.key] = f"{mail.subject}\n{mail.text}\n{mail.html}\n{message.context}"
        return found

    def find_leaks(self):
        leaks = []
        for n in self.claims:
            for place, text in {**self.open_everything(n), **self.read_emails(n)}.items():
                others = [each for m, marks in self.marks.items() if m != n for each in marks]
                leaks += [(n, place, each) for each in others if each in text]
        return leaks


@pytest.fixture
def marked(db):
    return Marked()


def lead_to_the_handover(contest):
    """A challenger wins, though its decision is disputed; yields after each change of status."""
    contest.make_official(0)
    contest.submit(1)
    contest.settle()
    yield CaseStatus.HEARING
    contest.state(0)
    contest.state(1)
    yield CaseStatus.HEARING
    contest.pass_limit()
    yield CaseStatus.DECIDING
    question = ask(contest)
    yield CaseStatus.ASKING
    answer_question(question.token, choice=CaseChoice.OPERATOR, at=contest.now)
    contest.pass_limit()
    yield CaseStatus.DECIDING
    contest.begin(1)
    contest.decide(1)
    yield CaseStatus.DECIDED
    contest.seats[0].send("dispute", words=f"{WORDS[0]} dispute")
    yield CaseStatus.DISPUTED
    contest.decide(1)
    yield CaseStatus.HANDOVER
    contest.approve(1)
    contest.now = contest.claims[1].due_at + dt.timedelta(hours=1)
    contest.finalise()
    yield CaseStatus.CLOSED


def lead_to_a_rejection(contest):
    """Two new claims, a third one later; the customer chooses, and two claims are rejected."""
    contest.submit(0)
    contest.submit(1)
    contest.settle()
    contest.state(0)
    contest.submit(contest.add_partner())
    contest.settle()
    yield CaseStatus.HEARING
    contest.pass_limit()
    question = ask(contest)
    chosen = contest.partners[1].pk
    answer_question(question.token, choice=CaseChoice.PARTNER, partner_id=chosen, at=contest.now)
    yield CaseStatus.ASKING
    contest.pass_limit()
    yield CaseStatus.DECIDED
    contest.pass_limit()
    yield CaseStatus.CLOSED


@pytest.mark.parametrize("lead", [lead_to_the_handover, lead_to_a_rejection])
def test_nothing_of_one_partner_is_anywhere_in_what_another_gets(marked, lead):
    for status in lead(marked):
        assert marked.case.status == status
        assert marked.find_leaks() == [], status


def test_the_two_ways_meet_every_status():
    """So that a new status finds its place here."""
    met = set()
    for lead in (lead_to_the_handover, lead_to_a_rejection):
        met |= set(re.findall(r"yield CaseStatus\.(\w+)", inspect.getsource(lead)))

    assert met == set(CaseStatus.__members__)


def test_the_search_for_words_would_find_a_leak(marked):
    marked.make_official(0)
    marked.submit(1)
    sides_words = f"As {WORDS[0]} says."
    Claim.objects.filter(pk=marked.claims[1].pk).update(name=sides_words)
    marked.read(1)

    assert WORDS[0] in {mark for n, _place, mark in marked.find_leaks() if n == 1}


@pytest.mark.parametrize("is_stated", [True, False])
def test_while_the_customer_is_asked_every_page_stays_as_it_was(marked, is_stated):
    marked.make_official(0)
    marked.submit(1)
    marked.settle()
    if is_stated:
        marked.state(0)
    marked.pass_limit()
    marked.open_everything(0)  # once: the page first says that the statement was saved
    deciding = {n: marked.open_unrecorded(n) for n in (0, 1)}
    emails = {n: marked.read_emails(n) for n in (0, 1)}

    question = ask(marked)
    answer_question(question.token, choice=CaseChoice.NEITHER, at=marked.now)
    marked.settle()

    assert marked.case.status == CaseStatus.ASKING
    for n in (0, 1):
        for address, page in marked.open_unrecorded(n).items():
            assert page == deciding[n][address], address
    assert {n: marked.read_emails(n) for n in (0, 1)} == emails


def test_the_limit_is_the_same_for_all_and_by_no_ones_own_calendar(marked):
    """In the zone of either side, it would tell the other where that one is."""
    Location.objects.filter(partner=marked.partners[0]).update(
        country="BR", time_zone="America/Sao_Paulo"
    )
    marked.submit(0)
    marked.submit(1)
    marked.settle()

    limits = [
        re.search(r"until <strong>(.+?)</strong>", markup_of(marked.seats[n].look()))[1]
        for n in (0, 1)
    ]
    assert limits[0] == limits[1]
    assert "Los Angeles time" in limits[0]


def test_who_left_reads_nothing_of_what_came_after(marked):
    marked.submit(0)
    marked.submit(1)
    marked.submit(marked.add_partner())
    marked.settle()
    submission.withdraw_claim(marked.read(0), actor=marked.admins[0], reason="-", now=marked.now)
    marked.now += MINUTE
    marked.settle()
    before = marked.seats[0].read()
    marked.pass_limit()
    marked.decide(1, reason="Only the second one's letter is signed.")

    assert "this mediation doesn't concern it any longer" in before
    assert "letter is signed" not in marked.seats[0].read()
    assert sides.mark_seen(marked.seats[0].side) > 0  # there is a decision
