"""Starting and editing a claim: what the pages of filing save (section 4, R3).

Every function takes the claim as the page knew it, locks and re-reads it, checks, and writes in one
transaction. ``revision`` is the one that the page showed; StaleClaim is raised if the claim has changed
since.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cpor_site.web.constraints import is_violation_of
from notifications import to_look_at
from notifications.enums import LookAtKind

from .. import rules
from ..claims import lifecycle
from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError, hold_claim, lock_claim
from ..claims.slots import make_slot_key
from ..claims.stored_files import remove_after_commit
from ..contests import cases
from ..enums import EDITABLE_STATUSES, CustomerRequestState, EventKind, Status
from ..models import Association, Claim, Contact, Product, Subscription, Tenant
from ..references import create_drawn
from .programs import find_programs
from .search_text import write_search_text

#: The same sentence for all cases, so that it does not reveal which customers the operator knows [R7].
UNKNOWN_CUSTOMER = _(
    "We don't know this customer, or this domain and Tenant ID don't belong together."
)


@dataclass(frozen=True)
class Pick:
    """A product to claim, with its subscription if it is a Dynamics product."""

    product: Product
    subscription: Subscription | None = None


class RoleTooSmall(LifecycleError):
    """After submission, only an Incentives admin may change a claim (section 11)."""

    words = _(
        "This claim was submitted, so only an Incentives admin of your company can change it. You "
        "can add proof and comments."
    )


def find_tenant(domain: str, tenant_id: uuid.UUID) -> Tenant | None:
    """Return the tenant that has both the domain and the Tenant ID, or None [R7]."""
    return Tenant.objects.filter(tenant_id=tenant_id, domains__domain=domain).first()


@transaction.atomic
def start_claim(
    *, partner, location, actor, now: dt.datetime, filing_key: uuid.UUID | None = None, **facts
) -> Claim:
    """Create a draft. Sending the same form again (``filing_key``) returns the same draft [R14].

    ``facts`` are fields of page 1: ``tenant``, ``customer_domain``, ``typed``.
    """
    key = filing_key or uuid.uuid4()
    try:
        with transaction.atomic():
            claim = create_drawn(
                Claim,
                "claim_reference_once",
                partner=partner,
                location=location,
                created_by=actor,
                filing_key=key,
                created_at=now,
                **facts,
            )
    except IntegrityError as error:
        if not is_violation_of(error, Claim, "claim_filed_once"):
            raise
        return Claim.objects.get(partner=partner, filing_key=key)
    record_event(claim, EventKind.CREATED, by=By.partner(actor), move=("", Status.EDITING), now=now)
    return claim


def save_facts(
    claim: Claim, *, actor, now: dt.datetime, revision: int | None = None, **facts
) -> Claim:
    """Save fields of the claim [R3].

    Raise LifecycleError if the claim may not be edited, or, after submission, if a field would change that
    ``refuse_fixed_facts`` protects.
    """
    with hold_for_edit(claim, actor=actor, revision=revision) as held:
        changed = [name for name, value in facts.items() if getattr(held, name) != value]
        if changed:
            _write_facts(held, {name: facts[name] for name in changed}, actor=actor, now=now)
    return held


def _write_facts(claim: Claim, facts: dict, *, actor, now: dt.datetime) -> None:
    if not claim.is_draft:
        refuse_fixed_facts(facts)
    was_revenue = claim.is_revenue
    _set(claim, facts)
    if facts.keys() & {"tenant", "solution_area"} or was_revenue != claim.is_revenue:
        claim.associations.all().delete()  # they have other slots now
    if "solution_area" in facts:  # we only email people whom this work requires [R20]
        claim.contacts.exclude(role__in=claim.roles_needed).delete()
    finish_edit(claim, list(facts), actor=actor, now=now)
    if facts.keys() & {"solution_area", "activity"}:
        claim.programs.set(find_programs(claim.solution_area, claim.activity))


def keep_typed(claim: Claim, *, actor, page: str, values: dict | str) -> Claim:
    """Keep what was typed on a page that is not valid yet, so that leaving loses nothing."""
    with hold_for_edit(claim, actor=actor) as held:
        write_typed(held, page, values)
    return held


def write_typed(claim: Claim, page: str, values: dict | str) -> None:
    """Keep what was typed on a page of a locked claim, or forget it if ``values`` is empty."""
    if values:
        claim.typed[page] = values
    else:
        claim.typed.pop(page, None)
    claim.write("typed", "updated_at")


def choose_products(
    claim: Claim, picks: Iterable[Pick], *, actor, now: dt.datetime, revision: int | None = None
) -> Claim:
    """Make the claim cover exactly ``picks``; associations that stay keep their reference [R9]."""
    with hold_for_edit(claim, actor=actor, revision=revision) as held:
        wanted = {_slot_of(held, pick): pick for pick in picks}
        existing = {each.slot_key: each for each in held.associations.select_related("product")}
        gone = [existing[key] for key in existing.keys() - wanted.keys()]
        new = [key for key in wanted if key not in existing]
        for association in gone:
            association.delete()
        for key in new:
            create_drawn(
                Association,
                "association_reference_once",
                claim=held,
                partner_id=held.partner_id,
                tenant=held.tenant,  # type: ignore[misc]  # _slot_of refuses a claim without one
                product=wanted[key].product,
                subscription=wanted[key].subscription,
                slot_key=key,
            )
        names = [str(each.product) for each in gone] + [str(wanted[key].product) for key in new]
        if names:
            finish_edit(held, ["products"], actor=actor, subjects=names, now=now)
        if new and not held.is_draft:
            cases.come_to_slots(held, now=now)
    return held


def save_contacts(
    claim: Claim,
    contacts: dict[str, dict[str, str]],
    *,
    actor,
    now: dt.datetime,
    revision: int | None = None,
    **facts,
) -> Claim:
    """Save the contacts of page 4 by role, and the ``facts`` of a revenue association."""
    with hold_for_edit(claim, actor=actor, revision=revision) as held:
        changed = [name for name, value in facts.items() if getattr(held, name) != value]
        _set(held, {name: facts[name] for name in changed})
        if _replace_contacts(held, contacts):
            changed.insert(0, "contacts")
        if changed:
            finish_edit(held, changed, actor=actor, now=now)
    return held


@transaction.atomic
def discard_draft(
    claim: Claim, *, actor, revision: int | None = None, known_files: int | None = None
) -> None:
    """Delete a draft that was never submitted, with everything in it.

    ``known_files`` is how many the page showed: an added file moves no revision, but must not be deleted
    unseen. Raise MoveNotAllowed, StaleClaim, or Claim.DoesNotExist if it has already been discarded.
    """
    fresh = lock_claim(claim.pk)
    lifecycle.require_revision(fresh, revision)
    lifecycle.require_status(fresh, Status.EDITING)
    if known_files is not None and known_files != fresh.documents.count():
        raise lifecycle.StaleClaim
    remove_draft(fresh)


def remove_draft(draft: Claim) -> None:
    """Delete a locked draft with everything in it; its files are removed after the commit."""
    for request in draft.customer_requests.filter(state=CustomerRequestState.OPEN):
        request.state = CustomerRequestState.WITHDRAWN
        request.save(update_fields=["state"])
        to_look_at.resolve(LookAtKind.CUSTOMER_ASKED_FOR, key=request.look_at_key)
    files = [(each.file.storage, str(each.file.name)) for each in draft.documents.all()]
    draft.delete()
    for storage, name in files:
        remove_after_commit(storage, name)


@contextmanager
def hold_for_edit(claim: Claim, *, actor, revision: int | None = None) -> Iterator[Claim]:
    """Hold a claim that ``actor`` may change now [R3].

    Raise MoveNotAllowed, RoleTooSmall (it may have been submitted since the page was opened) or
    StaleClaim.
    """
    with hold_claim(claim.pk) as held:
        lifecycle.require_status(held, *EDITABLE_STATUSES)
        if rules.HANDED_OVER.test(actor, held) and not rules.may_edit.test(actor, held):
            raise RoleTooSmall
        lifecycle.require_revision(held, revision)
        yield held


def finish_edit(
    claim: Claim, changed: list[str], *, actor, now: dt.datetime, subjects: Iterable[str] = ()
) -> None:
    """Increase the revision of a locked claim, and write history if it has been submitted."""
    claim.revision += 1
    claim.write("revision", "updated_at")
    write_search_text(claim)
    if not claim.is_draft:
        record_event(
            claim,
            EventKind.EDITED,
            by=By.partner(actor),
            reason_code=",".join(changed)[:200],
            subjects=subjects,
            now=now,
        )


def _set(claim: Claim, facts: dict) -> None:
    for name, value in facts.items():
        setattr(claim, name, value)
    claim.write(*facts)


def refuse_fixed_facts(changed: Collection[str]) -> None:
    """Raise LifecycleError for facts that never change after submission [R3].

    These are the tenant, the solution area, the activity and the claim's name.
    """
    if {"tenant", "customer_domain", "solution_area", "activity"} & set(changed):
        raise LifecycleError(
            _(
                "The customer, solution area and activity can't be changed after submission. "
                "Withdraw this claim and submit a new one."
            )
        )
    if "name" in changed:
        raise LifecycleError(_("The name of a claim can't be changed after submission."))


def _replace_contacts(claim: Claim, contacts: dict[str, dict[str, str]]) -> bool:
    """Make these the claim's only contacts, unconfirmed where they changed [R57]; return if any did."""
    existing = {contact.role: contact for contact in claim.contacts.all()}
    changed = [
        Contact(claim=claim, role=role, confirmation="", **fields)
        for role, fields in contacts.items()
        if role not in existing
        or any(getattr(existing[role], name) != value for name, value in fields.items())
    ]
    gone = existing.keys() - contacts.keys()
    if changed:
        Contact.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["claim", "role"],
            update_fields=["name", "title", "email", "language", "confirmation"],
        )
    if gone:
        claim.contacts.filter(role__in=gone).delete()
    return bool(changed or gone)


def _slot_of(claim: Claim, pick: Pick) -> str:
    if claim.tenant is None:
        raise LifecycleError(_("Name the customer first, then choose products."))
    return make_slot_key(
        tenant=claim.tenant,
        product=pick.product,
        subscription=pick.subscription,
        activity=claim.activity,
    )
