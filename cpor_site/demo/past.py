"""Re-enacting the demo's past weeks: each step of a story calls the domain's own function, on its day."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from associations.customer import answers, notices, optout
from associations.enums import Actor, ContactRole, InformationReason, RejectionReason, SolutionArea
from associations.filing import comments, drafts, submission
from associations.finalisation import sweep
from associations.models import Claim, Product, Subscription
from associations.proof.documents import store_documents
from associations.review import decisions, disputes

from . import proof
from .customers import CUSTOMERS
from .posting import date_entries, newest_entry, newest_message, post_emails
from .stories import Story

SATURDAY = 5
#: How long after a deadline a sweep finds it; after a customer's, the grace period comes first [R31].
SWEEP = dt.timedelta(seconds=30)
GRACE = dt.timedelta(seconds=settings.CPOR_OPT_OUT_GRACE_SECONDS)


@dataclass(frozen=True)
class Cast:
    """The people and things in the stories, by key."""

    partners: dict
    users: dict
    tenants: dict
    products: dict[str, Product]
    reviewer: object
    start: dt.datetime


@dataclass(frozen=True)
class Scene:
    """One step of a story: the claim, who acts, and when."""

    claim: Claim
    story: Story
    actor: object
    reviewer: object
    at: dt.datetime

    @property
    def words(self) -> str:
        return self.story.words

    @property
    def verdict(self) -> str:
        return self.story.verdict or self.story.words

    def find_references(self) -> list[str]:
        """Return the products' references, in the order in which the story names them."""
        rows = self.claim.associations.order_by("pk")
        return list(rows.values_list("reference", flat=True))

    def find_token(self) -> str:
        return notices.in_force(self.claim).first().token


def live(story: Story, cast: Cast) -> Claim:
    """Play a story, and post the emails of each day."""
    actor = cast.users[story.by]
    last, mark, seen = len(story.steps), newest_message(), newest_entry()
    claim = draft(story, cast, now=_day(cast.start, story.began, 0))
    for number, step in enumerate(story.steps, start=1):
        at = _day(cast.start, story.began - number, number)
        later = STEPS[step](Scene(claim, story, actor, cast.reviewer, at))
        at = later if isinstance(later, dt.datetime) else at
        if step not in SILENT and (story.is_posted or number < last):
            post_emails(at=at, after=mark)
        seen = date_entries(at=at, after=seen)
    claim.refresh_from_db()
    _date_back(claim)
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


def draft(story: Story, cast: Cast, *, now: dt.datetime) -> Claim:
    """Fill in the five pages of a claim."""
    actor = cast.users[story.by]
    picked = [cast.products[code] for code in story.products]
    claim = drafts.start_claim(
        partner=cast.partners[story.partner],
        location=_find_location(story, cast),
        actor=actor,
        filing_key=uuid.uuid4(),
        tenant=cast.tenants[story.customer],
        customer_domain=CUSTOMERS[story.customer].domain,
        now=now,
    )
    claim = drafts.save_facts(
        claim,
        actor=actor,
        solution_area=picked[0].solution_area,
        activity=story.activity,
        name=story.name,
        now=now,
    )
    drafts.choose_products(claim, [_pick(claim, each) for each in picked], actor=actor, now=now)
    people = _contacts(story, picked[0], actor)
    drafts.save_contacts(claim, people, actor=actor, now=now, **dict(story.facts))
    if story.has_proof:
        add_proof(claim, picked, actor=actor, now=now)
    return claim


def _find_location(story: Story, cast: Cast):
    places = cast.partners[story.partner].locations.order_by("pk")
    return (places.filter(name=story.place) if story.place else places).first()


def _pick(claim: Claim, product: Product) -> drafts.Pick:
    if product.is_workload:
        return drafts.Pick(product)
    bought = Subscription.objects.filter(tenant=claim.tenant, product=product)
    return drafts.Pick(product, bought.order_by("pk").first())


def _contacts(story: Story, product: Product, actor) -> dict:
    customer = CUSTOMERS[story.customer]
    name, title, _local = customer.contact
    email = customer.write_address(story.mailbox)
    common = {"language": customer.language}
    people = {
        ContactRole.CUSTOMER: {"name": name, "title": title, "email": email, **common},
        ContactRole.PARTNER: {
            "name": actor.full_name,
            "email": actor.email,
            "language": actor.language,
        },
    }
    if product.solution_area == SolutionArea.BUSINESS_APPLICATIONS:
        technical = {"name": f"IT, {customer.name}", "email": f"it@{customer.domain}", **common}
        people[ContactRole.TECHNICAL] = technical
    return people


def add_proof(claim: Claim, products: list[Product], *, actor, now: dt.datetime) -> None:
    """Add a statement of work as a real PDF."""
    lines = proof.write_statement(
        partner=str(claim.partner),
        customer=str(claim.tenant),
        domain=claim.customer_domain,
        tenant_id=_require(claim.tenant).tenant_id,
        products=[str(each) for each in products],
        day=now,
    )
    upload = SimpleUploadedFile("Statement of work.pdf", proof.make_pdf(lines))
    refused = store_documents(claim, [upload], actor=actor, now=now).refused
    if refused:
        raise ValueError(f"The example's proof was refused: {refused}")


def _request(scene: Scene) -> None:
    reasons = [InformationReason(each) for each in scene.story.reasons]
    decisions.request_information(
        scene.claim, actor=scene.reviewer, reasons=reasons, message=scene.words, now=scene.at
    )


def _reject(scene: Scene) -> None:
    reason = RejectionReason(scene.story.rejection)
    decisions.reject_claim(
        scene.claim, actor=scene.reviewer, reason=reason, words=scene.verdict, now=scene.at
    )


def _decide(scene: Scene, *, accept: bool) -> None:
    words = "" if accept else scene.verdict
    decisions.decide_dispute(
        scene.claim, actor=scene.reviewer, accept=accept, words=words, now=scene.at
    )


def _say(scene: Scene, side: Actor) -> None:
    author = scene.actor if side == Actor.PARTNER else scene.reviewer
    comments.add_comment(scene.claim, actor=author, side=side, text=scene.words, now=scene.at)


def _refuse(scene: Scene, references: list[str]) -> None:
    optout.opt_out(scene.find_token(), references, reason=scene.words, at=scene.at)


def _correct(scene: Scene) -> None:
    name, title, email = scene.story.successor
    language = _require(scene.claim.tenant).language
    who = {"name": name, "title": title, "email": email, "language": language}
    notices.correct_contact(
        scene.claim, actor=scene.actor, role=ContactRole.CUSTOMER, now=scene.at, **who
    )


def _settle(scene: Scene) -> dt.datetime:
    """Let the review period and its grace period pass, and run the finaliser."""
    at = _find_due(scene.claim) + GRACE + SWEEP
    sweep.finalise_due(at=at)
    return at


def _fall_silent(scene: Scene) -> dt.datetime:
    at = _find_due(scene.claim) + SWEEP
    submission.close_unanswered(scene.claim.pk, now=at)
    return at


def _end(scene: Scene) -> dt.datetime:
    scene.claim.refresh_from_db()
    at = _require(scene.claim.status_since) + dt.timedelta(days=40)
    optout.end_associations(scene.find_token(), scene.find_references(), reason=scene.words, at=at)
    return at


def _find_due(claim: Claim) -> dt.datetime:
    claim.refresh_from_db()
    return _require(claim.due_at)


def _require(found):
    """Return ``found``. Raises LookupError for a story that cannot happen."""
    if found is None:
        raise LookupError("A story waits for something that never happens.")
    return found


#: What happens at each step; one that waits for a later day returns that day.
STEPS: dict[str, Callable[[Scene], object]] = {
    "submit": lambda s: submission.submit_claim(s.claim, actor=s.actor, now=s.at),
    "begin": lambda s: decisions.begin_review(s.claim, actor=s.reviewer, now=s.at),
    "ask": _request,
    "answer": lambda s: submission.answer_request(
        s.claim, actor=s.actor, now=s.at, answer="The dates are in the statement now."
    ),
    "approve": lambda s: decisions.approve_claim(s.claim, actor=s.reviewer, now=s.at),
    "reject": _reject,
    "dispute": lambda s: disputes.dispute_claim(
        s.claim, actor=s.actor, now=s.at, justification=s.words
    ),
    "accept": lambda s: _decide(s, accept=True),
    "turn_down": lambda s: _decide(s, accept=False),
    "withdraw": lambda s: submission.withdraw_claim(
        s.claim, actor=s.actor, now=s.at, reason=s.words
    ),
    "partner_says": lambda s: _say(s, Actor.PARTNER),
    "staff_says": lambda s: _say(s, Actor.STAFF),
    "refuse_last": lambda s: _refuse(s, s.find_references()[-1:]),
    "refuse_all": lambda s: _refuse(s, s.find_references()),
    "wrong_person": lambda s: answers.decline_as_wrong_person(s.find_token(), at=s.at),
    "correct": _correct,
    "settle": _settle,
    "fall_silent": _fall_silent,
    "end": _end,
}
#: Steps that notify no one.
SILENT = ("begin",)


def _date_back(claim: Claim) -> None:
    """Backdate a claim's last change, which lists show."""
    changed = claim.status_since or claim.created_at
    Claim.objects.filter(pk=claim.pk).update(updated_at=changed)
