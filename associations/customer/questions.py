"""Asking the customer with which partner it works, in a mediation [R33]: one neutral question, by link.

No login, as with a notice: the token in the link is the whole authority. The newest answer before the limit
counts, from any of the people asked; a link from before another partner joined decides nothing.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cpor_site.web.addresses import fold_address

from .. import emails
from ..claims.grace import find_latest_closed
from ..claims.lifecycle import LifecycleError
from ..contests.cases import (
    CaseMoved,
    HeldCase,
    hold_case,
    lock_case,
    save_case,
    start_window,
)
from ..contests.sides import list_answers
from ..contests.verdicts import require_no_stake
from ..enums import CaseChoice, CaseStatus, ContactRole, Window
from ..filing.contacts import keep_outside
from ..models import CaseAnswer, CaseQuestion, CaseSide, Contact, MediationCase, RegisteredContact
from .optout import UnknownLink


class NoOneToAsk(LifecycleError):
    """No contact is known to speak for the customer."""

    words = _(
        "No contact can be asked: none is at a verified domain of the customer or registered. Register "
        "one first, or decide without asking."
    )


class NotAskable(LifecycleError):
    """The case does not wait for its first decision, or the customer was asked already."""

    words = _("The customer can't be asked now: the mediation has moved on. Nothing was changed.")


class AnswerTooLate(LifecycleError):
    """The limit for the customer's answer is over, or the question was withdrawn."""

    words = _("The time to answer is over, so nothing was changed.")


@dataclass(frozen=True)
class Asked:
    """A question as its page shows it: the sides by name, and the answers so far.

    ``answer`` is the one that counts now, by any link; ``own`` the newest one given by this link. While
    ``is_open``, an answer is accepted.
    """

    question: CaseQuestion
    case: MediationCase
    sides: list[CaseSide]
    answer: CaseAnswer | None
    own: CaseAnswer | None
    is_open: bool

    @property
    def language(self) -> str:
        return self.question.language

    @property
    def is_overruled(self) -> bool:
        """Did a colleague answer after this link was used last?"""
        return self.answer != self.own

    def require_open(self) -> None:
        """Raise AnswerTooLate unless an answer is accepted."""
        if not self.is_open:
            raise AnswerTooLate

    def is_before_limit(self, *, at: dt.datetime) -> bool:
        """Is the question still asked? Pages name the limit without its grace [R31]."""
        return self.is_open and self.case.due_at is not None and at < self.case.due_at

    def is_withdrawn(self, *, at: dt.datetime) -> bool:
        """Did the question end before its limit, since there was nothing left to decide?"""
        until = self.case.asked_until
        return not self.is_open and until is not None and at < until


def ask_customer(
    case: MediationCase, *, actor, now: dt.datetime, revision: int | None = None
) -> MediationCase:
    """Send the question to everyone who is known to speak for the customer; once in a case.

    The partners learn of it with the decision alone. Raise NotAskable unless the case waits for its first
    decision and no one was asked, NoOneToAsk, CaseMoved or MediatorHasStake.
    """
    with hold_case(case.pk, now=now) as held:
        require_no_stake(actor, held)
        if revision is not None and revision != held.case.revision:
            raise CaseMoved
        if not held.case.is_askable:
            raise NotAskable
        people = list_people(held.case, held.present)
        if not people:
            raise NoOneToAsk
        _start_asking(held, now=now)
        for person in people:
            _ask(held, person, now=now)
    return held.case


def list_people(
    case: MediationCase, sides: Sequence[CaseSide]
) -> list[Contact | RegisteredContact]:
    """Return whom to ask: these sides' customer contacts at verified domains, and registered ones [R57].

    Nothing needs to be locked to look; three queries.
    """
    claims = [each.claim_id for each in sides]
    named = list(Contact.objects.filter(claim__in=claims, role=ContactRole.CUSTOMER).order_by("id"))
    outside = {each.pk for each in keep_outside(sides[0].claim, named)} if named else set()
    registered = case.tenant.registered_contacts.filter(is_undelivered=False)
    people: dict[str, Contact | RegisteredContact] = {
        fold_address(each.email): each for each in named if each.pk not in outside
    }
    people |= {fold_address(each.email): each for each in registered}
    return list(people.values())


def _start_asking(held: HeldCase, *, now: dt.datetime) -> None:
    case = held.case
    case.status, case.asked_at = CaseStatus.ASKING, now
    start_window(case, Window.CASE_CUSTOMER, [each.claim for each in held.present], now=now)
    case.asked_until = case.due_at
    save_case(case, "asked_at", "asked_until")


def _ask(held: HeldCase, person: Contact | RegisteredContact, *, now: dt.datetime) -> None:
    question = CaseQuestion.objects.create(
        case=held.case,
        name=person.name,
        email=person.email,
        language=person.language,
        created_at=now,
    )
    emails.customer_case_question(question, held.present)


def find_question(token: str, *, at: dt.datetime) -> Asked | None:
    """Return what a link shows at the instant ``at``; None if it must reveal nothing. Change nothing."""
    question = (
        CaseQuestion.objects.select_related("case__tenant", "case__product", "case__subscription")
        .filter(token=token)
        .first()
    )
    return _describe(question, question.case, at=at) if question else None


def _describe(question: CaseQuestion, case: MediationCase, *, at: dt.datetime) -> Asked | None:
    """Return None for a question that another one replaced, since it named other sides."""
    question.case = case
    if not question.is_current:
        return None
    sides = case.sides.filter(left_at=None).select_related("partner", "claim__location")
    answers = list(list_answers(case))
    return Asked(
        question=question,
        case=case,
        sides=sorted(sides, key=lambda each: each.partner.name),
        answer=next(iter(answers), None),
        own=next((each for each in answers if each.question_id == question.pk), None),
        is_open=_is_open(case, at=at),
    )


def _is_open(case: MediationCase, *, at: dt.datetime) -> bool:
    """Is an answer that arrived at ``at`` in time? The same grace as for a refusal applies [R31]."""
    if case.status != CaseStatus.ASKING or case.due_at is None:
        return False
    return case.due_at > find_latest_closed(at)


def answer_question(
    token: str, *, choice: CaseChoice, partner_id: int | None = None, at: dt.datetime
) -> Asked:
    """Keep the answer, which replaces any earlier one until the limit; the same again changes nothing.

    ``partner_id`` is the chosen side's, for the choice of a partner. Raise AnswerTooLate, UnknownLink, or
    LifecycleError if the partner is no side.
    """
    with _hold_question(token, at=at) as asked:
        asked.require_open()
        chosen = _find_side(asked, choice, partner_id)
        chosen_id = chosen.partner_id if chosen else None
        if asked.is_overruled or not _is_same(asked.own, choice, chosen_id):
            answer = CaseAnswer.objects.create(
                question=asked.question, choice=choice, partner_id=chosen_id, answered_at=at
            )
            emails.customer_case_answer(asked.question, answer)
    return asked


def _is_same(answer: CaseAnswer | None, choice: CaseChoice, partner_id: int | None) -> bool:
    return answer is not None and (answer.choice, answer.partner_id) == (choice, partner_id)


@contextmanager
def _hold_question(token: str, *, at: dt.datetime) -> Iterator[Asked]:
    with transaction.atomic():
        question = CaseQuestion.objects.filter(token=token).first()
        if question is None:
            raise UnknownLink
        asked = _describe(question, lock_case(question.case_id), at=at)
        if asked is None:
            raise UnknownLink
        yield asked


def _find_side(asked: Asked, choice: CaseChoice, partner_id: int | None) -> CaseSide | None:
    if choice != CaseChoice.PARTNER:
        return None
    for side in asked.sides:
        if side.partner_id == partner_id:
            return side
    raise LifecycleError(_("Choose one of the partners that this page lists."))
