"""Claiming again: a new draft with the facts of a closed claim, or of one for another customer [R2], [R14].

What was only said of the old claim stays with it: proof, comments, and what was typed but never saved.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ..enums import ContactRole
from ..models import Association, Claim
from . import drafts
from .drafts import Pick
from .own_claims import require_not_own
from .subscriptions import UnfitSubscription, require_claimable

REVENUE_FACTS = ("solution_seller", "revenue_customer_name", "isv_product")
CONTACT_FACTS = ("name", "title", "email", "language")


@dataclass
class Copy:
    """A draft made from another claim, and what could not be copied: product → why.

    ``is_new`` is false if the same form had made it before; then nothing was written.
    """

    draft: Claim
    is_new: bool = True
    left_out: dict[str, str | Promise] = field(default_factory=dict)


@transaction.atomic
def claim_again(claim: Claim, *, actor, filing_key: uuid.UUID, now: dt.datetime) -> Copy:
    """Make a draft for the same customer, with the facts, contacts and claimable products of ``claim``."""
    copy = _start(
        claim,
        actor=actor,
        filing_key=filing_key,
        now=now,
        tenant=claim.tenant,
        customer_domain=claim.customer_domain,
    )
    if copy.is_new:
        _copy_work(claim, copy.draft, actor=actor, now=now)
        _copy_products(claim, copy, actor=actor, now=now)
        facts = {name: getattr(claim, name) for name in REVENUE_FACTS}
        _copy_contacts(claim, copy.draft, copy.draft.roles_needed, facts, actor=actor, now=now)
        copy.draft.refresh_from_db()
    return copy


@transaction.atomic
def claim_for_another_customer(
    claim: Claim, *, actor, filing_key: uuid.UUID, now: dt.datetime
) -> Copy:
    """Make a draft with what ``claim`` says of the partner: the work, its contact, its seller and product.

    Products have to wait for the customer, who holds the subscriptions and the slots.
    """
    copy = _start(claim, actor=actor, filing_key=filing_key, now=now)
    if copy.is_new:
        _copy_work(claim, copy.draft, actor=actor, now=now)
        facts = {name: getattr(claim, name) for name in ("solution_seller", "isv_product")}
        _copy_contacts(claim, copy.draft, (ContactRole.PARTNER,), facts, actor=actor, now=now)
        copy.draft.refresh_from_db()
    return copy


def _start(claim: Claim, *, actor, filing_key: uuid.UUID, now: dt.datetime, **facts) -> Copy:
    draft = drafts.start_claim(
        partner=claim.partner,
        location=claim.location,
        actor=actor,
        filing_key=filing_key,
        now=now,
        **facts,
    )
    return Copy(draft, is_new=draft.revision == 0)


def _copy_work(claim: Claim, draft: Claim, *, actor, now: dt.datetime) -> None:
    facts = {name: getattr(claim, name) for name in ("solution_area", "activity", "name")}
    drafts.save_facts(draft, actor=actor, now=now, **facts)
    draft.refresh_from_db()


def _copy_products(claim: Claim, copy: Copy, *, actor, now: dt.datetime) -> None:
    """Choose the products that could be chosen on their page now; name the others, with the reason."""
    picks = []
    for each in claim.associations.select_related(
        "product", "subscription__product", "subscription__tenant"
    ):
        try:
            _require_claimable(copy.draft, each, actor=actor, now=now)
        except UnfitSubscription as error:
            copy.left_out[str(each.product)] = str(error)
        else:
            picks.append(Pick(each.product, each.subscription))
    if picks:
        drafts.choose_products(copy.draft, picks, actor=actor, now=now)


def _require_claimable(draft: Claim, old: Association, *, actor, now: dt.datetime) -> None:
    """Raise UnfitSubscription if the product of an old claim could not be chosen on the draft's page."""
    if not old.product.is_active:
        raise UnfitSubscription("retired", _("This product can no longer be claimed."))
    if old.subscription:
        require_claimable(old.subscription, now=now)
    require_not_own(draft, old.product, old.subscription, reader=actor, now=now)


def _copy_contacts(
    claim: Claim, draft: Claim, roles: tuple[ContactRole, ...], facts: dict, *, actor, now
) -> None:
    people = {
        each.role: {name: getattr(each, name) for name in CONTACT_FACTS}
        for each in claim.contacts.filter(role__in=roles)
    }
    drafts.save_contacts(draft, people, actor=actor, now=now, **facts)
