"""Re-enacting the demo's past weeks: each step of a story calls the domain's own function, on its day.

Its emails are rendered and kept as if they had been sent on that day.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone

from associations.contests import settling, sides
from associations.customer import answers, notices, optout
from associations.enums import (
    Actor,
    ClaimEmail,
    ContactRole,
    SolutionArea,
    SubscriptionState,
)
from associations.filing import comments, drafts, submission
from associations.finalisation import sweep
from associations.models import Claim, MediationCase, Product, Subscription, Tenant
from associations.proof.documents import store_documents
from associations.review import decisions, disputes
from notifications import leases, outcomes
from notifications.models import Message
from notifications.signals import message_preparing
from notifications.words.composition import compose
from notifications.words.rendering import render
from partners.models import Partner, User

from . import mailbox
from .customers import CUSTOMERS
from .people import PARTNER_OF
from .proof import make_statement
from .stories import Story

SATURDAY = 5
#: How long after a deadline a sweep finds it; after a customer's, the grace period comes first [R31].
SWEEP = dt.timedelta(seconds=30)
GRACE = dt.timedelta(seconds=settings.CPOR_OPT_OUT_GRACE_SECONDS)


@dataclass(frozen=True)
class Cast:
    """The people and things in the stories, by key."""

    partners: dict[str, Partner]
    users: dict[str, User]
    tenants: dict[str, Tenant]
    products: dict[str, Product]
    start: dt.datetime


def live(story: Story, cast: Cast, *, deadline: str = "") -> Claim:
    """Play a story, and post the emails of each day; ``deadline``, if given, replaces the one in a notice."""
    newest = Message.objects.first()
    mark, steps = newest.pk if newest else 0, story.steps.split()
    scene = Scene(story, cast)
    for number, step in enumerate(steps, start=1):
        scene.at = _day(cast.start, story.began - number, number)
        STEPS[step](scene)
        is_last = number == len(steps)
        if step != "begin" and (story.is_posted or not is_last):  # beginning notifies no one
            post_emails(at=scene.at, after=mark, deadline=deadline)
    claim = Claim.objects.get(pk=scene.claim.pk)
    # Every change of a claim writes the present here, and lists show it.
    Claim.objects.filter(pk=claim.pk).update(updated_at=claim.status_since or claim.created_at)
    return claim


def _day(start: dt.datetime, days_ago: int, number: int) -> dt.datetime:
    """Return the instant of a step: on a working day, later steps of a day after earlier ones."""
    day = (start - dt.timedelta(days=max(days_ago, 0))).replace(hour=15, minute=10, second=0)
    latest = start - dt.timedelta(hours=3)
    # Moved to Friday before comparing: otherwise an early hour on Sunday lands before Saturday's.
    at = min(_leave_weekend(day), latest)
    return _leave_weekend(at) + dt.timedelta(minutes=20 * number)


def _leave_weekend(at: dt.datetime) -> dt.datetime:
    return at - dt.timedelta(days=max(at.weekday() - SATURDAY + 1, 0))


def _draft(story: Story, cast: Cast, *, actor: User, now: dt.datetime) -> Claim:
    """Fill in the five pages of a claim."""
    partner, customer = cast.partners[PARTNER_OF[story.by]], CUSTOMERS[story.customer]
    tenant = cast.tenants[story.customer]
    products = [cast.products[code] for code in story.products.split()]
    claim = drafts.start_claim(
        partner=partner,
        location=partner.locations.filter(name__contains=story.place).order_by("pk").first(),
        actor=actor,
        tenant=tenant,
        customer_domain=customer.domain,
        now=now,
    )
    area = products[0].solution_area
    drafts.save_facts(
        claim, actor=actor, solution_area=area, activity=story.activity, name=story.name, now=now
    )
    owned = Subscription.objects.filter(tenant=tenant).order_by("pk")
    picks = [drafts.Pick(each, owned.filter(product=each).first()) for each in products]
    drafts.choose_products(claim, picks, actor=actor, now=now)
    contacts = _list_contacts(story, area, actor)
    drafts.save_contacts(claim, contacts, actor=actor, now=now, **story.facts)
    proof = make_statement(str(partner), customer, [str(each) for each in products], day=now)
    upload = SimpleUploadedFile("Statement of work.pdf", proof)
    if refused := store_documents(claim, [upload], actor=actor, now=now).refused:
        raise ValueError(f"The example's proof was refused: {refused}")
    return claim


def _list_contacts(story: Story, area: str, actor: User) -> dict[str, dict[str, str]]:
    customer = CUSTOMERS[story.customer]
    email, language = story.email or customer.email, customer.language
    contacts: dict[str, dict[str, str]] = {
        ContactRole.CUSTOMER: _contact(customer.contact, customer.title, email, language),
        ContactRole.PARTNER: _contact(actor.full_name, "", actor.email, actor.language),
    }
    if area == SolutionArea.BUSINESS_APPLICATIONS:
        name, email = f"IT, {customer.name}", f"it@{customer.domain}"
        contacts[ContactRole.TECHNICAL] = _contact(name, "", email, language)
    return contacts


def _contact(name: str, title: str, email: str, language: str) -> dict[str, Any]:
    return {"name": name, "title": title, "email": email, "language": language}


def post_emails(*, at: dt.datetime, after: int, deadline: str = "") -> None:
    """Send what was queued after email ``after``, as if at ``at``; email to ``full`` mailboxes waits."""
    due = leases.lease_due(batch=1000, now=timezone.now() + dt.timedelta(seconds=1))
    waiting = [each for each in due if each.pk > after and not each.to_address.startswith("full@")]
    outcomes.give_back([each for each in due if each not in waiting], at=timezone.now())
    for message in waiting:
        _settle(message, at=at, deadline=deadline)
    # The outbox has no other instant for queueing an email than the present.
    Message.objects.filter(pk__in=[each.pk for each in waiting]).update(created_at=at)


def _settle(message: Message, *, at: dt.datetime, deadline: str) -> None:
    if refusal := mailbox.find_refusal(message.to_address):
        outcomes.mark_failed(message, reason=refusal, now=at)
        return
    message_preparing.send(sender=Message, message=message, now=at)
    if deadline and message.kind == ClaimEmail.CUSTOMER_NOTICE:
        message.context["deadline"] = deadline
    rendered = render(message)
    email = compose(message, rendered, connection=get_connection())
    email.extra_headers["Date"] = format_datetime(at)
    raw = email.message().as_bytes(linesep="\r\n")
    transaction.on_commit(partial(mailbox.keep, raw, at=at))
    outcomes.mark_sent(message, rendered=rendered, now=at)


class Scene:
    """A claim as its story goes on; ``at`` is the present."""

    def __init__(self, story: Story, cast: Cast):
        self.story, self.words = story, story.words
        self.actor, self.reviewer = cast.users[story.by], cast.users["rita"]
        self.at = _day(cast.start, story.began, 0)
        self.claim = _draft(story, cast, actor=self.actor, now=self.at)

    @property
    def as_partner(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": self.at}

    @property
    def as_staff(self) -> dict[str, Any]:
        return {"actor": self.reviewer, "now": self.at}

    @property
    def token(self) -> str:
        return notices.in_force(self.claim).first().token

    @property
    def references(self) -> list[str]:
        """Return the products' references, in the order in which the story names them."""
        rows = self.claim.associations.order_by("pk")
        return list(rows.values_list("reference", flat=True))

    def wait_for(self, instant: str, pause: dt.timedelta) -> dt.datetime:
        """Let time pass until ``pause`` after an instant that the claim has stored; return the present."""
        self.at = Claim.objects.values_list(instant, flat=True).get(pk=self.claim.pk) + pause
        return self.at

    def refuse(self, references: list[str]) -> None:
        optout.opt_out(self.token, references, reason=self.words, at=self.at)

    def lapse(self) -> None:
        """Let the claim's subscription end early."""
        claimed = Subscription.objects.filter(associations__claim=self.claim)
        claimed.update(state=SubscriptionState.EXPIRED)

    @property
    def case(self) -> MediationCase:
        slots = self.claim.associations.values("slot_key")
        return MediationCase.objects.open().get(slot_key__in=slots)

    def state(self, *, is_rival: bool) -> None:
        """Give the statement of this claim's partner, or of the rival whose slot it claims."""
        rivals = self.case.sides.exclude(partner=self.claim.partner_id)
        claim = rivals.get().claim if is_rival else self.claim
        words = self.story.verdict if is_rival else self.words
        who = claim.created_by
        sides.give_statement(claim, self.case, actor=who, statement=words, now=self.at)

    def hear(self) -> None:
        """Let the time for statements pass."""
        due_at = self.case.due_at
        if due_at is not None:
            self.at = max(self.at, due_at + SWEEP)
        settling.settle_cases(now=self.at)

    def correct(self) -> None:
        who = _contact(*self.story.successor, CUSTOMERS[self.story.customer].language)
        notices.correct_contact(self.claim, role=ContactRole.CUSTOMER, **who, **self.as_partner)


# fmt: off
STEPS: dict[str, Callable[[Scene], object]] = {
    "submit": lambda s: submission.submit_claim(s.claim, **s.as_partner),
    "begin": lambda s: decisions.begin_review(s.claim, **s.as_staff),
    "ask": lambda s: decisions.request_information(
        s.claim, reasons=[s.story.reason], message=s.words, **s.as_staff),
    "answer": lambda s: submission.answer_request(
        s.claim, answer="The dates are in the statement now.", **s.as_partner),
    "approve": lambda s: decisions.approve_claim(s.claim, **s.as_staff),
    "reject": lambda s: decisions.reject_claim(
        s.claim, reason=s.story.rejection, words=s.story.verdict or s.words, **s.as_staff),
    "dispute": lambda s: disputes.dispute_claim(s.claim, justification=s.words, **s.as_partner),
    "turn_down": lambda s: decisions.decide_dispute(
        s.claim, accept=False, words=s.story.verdict, **s.as_staff),
    "lapse": Scene.lapse,
    "open_case": lambda s: settling.settle_cases(now=s.at),
    "state": lambda s: s.state(is_rival=False),
    "rival_states": lambda s: s.state(is_rival=True),
    "hear": Scene.hear,
    "withdraw": lambda s: submission.withdraw_claim(s.claim, reason=s.words, **s.as_partner),
    "partner_says": lambda s: comments.add_comment(
        s.claim, side=Actor.PARTNER, text=s.words, **s.as_partner),
    "staff_says": lambda s: comments.add_comment(
        s.claim, side=Actor.STAFF, text=s.words, **s.as_staff),
    "refuse_last": lambda s: s.refuse(s.references[-1:]),
    "refuse_all": lambda s: s.refuse(s.references),
    "wrong_person": lambda s: answers.decline_as_wrong_person(s.token, at=s.at),
    "correct": Scene.correct,
    "settle": lambda s: sweep.finalise_due(at=s.wait_for("due_at", GRACE + SWEEP)),
    "fall_silent": lambda s: submission.close_unanswered(
        s.claim.pk, now=s.wait_for("due_at", SWEEP)),
    "end": lambda s: optout.end_associations(
        s.token, s.references, reason=s.words, at=s.wait_for("status_since", dt.timedelta(days=40))),
}
# fmt: on
