"""Everything a reviewer needs to decide on a claim, gathered for one page [R16]."""

import datetime as dt

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cpor_site.web.countries import name_place
from partners.access import list_memberships
from partners.models import Partner
from partners.rules import assigns_claims, is_reviewer

from ... import rules
from ...claims.slots import find_holder, find_own_official
from ...contests import rivals
from ...display import timeline
from ...enums import (
    Actor,
    ContactRole,
    EventKind,
    InformationReason,
    NoticeStatus,
    ParkedReason,
    Status,
)
from ...models import Association, Claim, CustomerNotice, Event
from ...review.decisions import explain_stake
from ...review.notes import list_said
from ..contests.notices import list_cases_of
from .desk import Desk
from .panes import gather_panes
from .rows import list_facts, list_products
from .sla import SLA_ICONS, SlaClock

#: The actions that decide, beside the checklist.
DECISIONS = {"approve_claim", "request_information", "reject_claim", "decide_dispute"}
#: Style and icon of a notice that is neither waiting nor replaced.
NOTICE_LOOKS = {NoticeStatus.SENT: ("on-time", "check"), NoticeStatus.FAILED: ("late", "warning")}
KEY_MASK = "••••••"

READER_WORDS = _(
    "You can read claims. If a decision is needed, ask someone in the group “Reviewer”."
)

LEAD_WORDS = _(
    "You can't assign claims to colleagues. If that is needed, ask someone in the group “Review lead”."
)

#: What will happen to a parked product, and what can be done about it.
PARKED_HELP = {
    ParkedReason.SLOT_HELD: _(
        "The other partner keeps it. This product will become official automatically once the slot "
        "is free; for an earlier decision, the partner of this claim can submit a new claim with "
        "newer proof."
    ),
    ParkedReason.OWN_CLAIM: _(
        "The other claim covers at least part of the same work. This one will be checked again "
        "once that has ended; if it was the customer who ended it, this one will be refused."
    ),
    ParkedReason.SUBSCRIPTION_ENDED: _(
        "There is nothing left to use. Once the subscription is renewed or corrected, this product "
        "will become official automatically."
    ),
    ParkedReason.FAULT: _(
        "It will be tried again automatically, at growing intervals. The reason is in the server's "
        "log, under this claim's number."
    ),
}


def may(user, action: str, claim: Claim) -> bool:
    """May ``user`` do this now? Unlike ``has_perm``, this applies to superusers too [R19]."""
    return _is_open(user, action, claim) and not find_stake(user, claim, now=timezone.now())


def find_stake(user, claim: Claim, *, now: dt.datetime) -> str | Promise:
    """Return what ``explain_stake`` says; most staff are members of no partner, which is known already."""
    return explain_stake(user, claim, now=now) if list_memberships(user) else ""


def _list_open_actions(user, claim: Claim) -> set[str]:
    """Return the short names of the staff actions open now to a ``user`` without a stake."""
    names = {name.removeprefix("associations.") for name in rules.STAFF_ACTIONS}
    allowed = {name for name in names if _is_open(user, name, claim)}
    return allowed - {"assign_claim"} if claim.assigned_to_id == user.pk else allowed


def _is_open(user, action: str, claim: Claim) -> bool:
    who, when = rules.STAFF_ACTIONS[f"associations.{action}"]
    return who.test(user, claim) and when.test(user, claim)


def explain_closed(user, stake: str | Promise, *, rule: str = "") -> str | Promise:
    """Return why ``user`` may only read a claim, or "" if they may review it [R19], [R43].

    ``stake`` is what ``explain_stake`` says of them, ``rule`` the action if another permission than that to
    review decides about it.
    """
    if rule == "assign_colleague":
        return stake if assigns_claims(user) else LEAD_WORDS
    return stake if is_reviewer(user) else READER_WORDS


def gather_page(desk: Desk, *, user) -> dict:
    """Return the context of the decision page."""
    claim, now = desk.claim, timezone.now()
    stake = find_stake(user, claim, now=now)
    is_neutral = not stake
    allowed = _list_open_actions(user, claim) if is_neutral else set()
    competing = rivals.list_rivals(claim, now=now, reader=user) if is_neutral else []
    events = list(claim.events.order_by("-number"))
    panes = gather_panes(desk, competing, events, user=user)
    desk.has_files = bool(panes["proof"] and panes["proof"].documents)
    comments, notes = list_said(claim, with_notes=is_neutral)
    return {
        "claim": claim,
        "desk": desk,
        "allowed": allowed,
        "closed_words": explain_closed(user, stake),
        "place": name_place(timezone.get_current_timezone_name()),
        "competing": [
            {"rival": each, "link": desk.link(rival=each.claim.reference, rival_document="")}
            for each in competing
        ],
        **_describe_time(claim),
        "cases": list_cases_of(competing, user=user),
        **panes,
        **_gather_facts(desk, is_neutral=is_neutral, is_open=bool(allowed & DECISIONS)),
        **_gather_past(claim, events),
        "comments": comments,
        "notes": notes,
        "sees_notes": is_neutral,
        "close_rival": desk.link(rival="", rival_document=""),
        "back_query": desk.link().removesuffix("?"),
        "goes_on": is_reviewer(user),
    }


def _gather_past(claim: Claim, events: list[Event]) -> dict:
    """Return the history, and what it says of notices and the partner's last words."""
    has_notices = any(each.kind == EventKind.NOTICE_QUEUED for each in events)
    return {
        "history": [timeline.tell_staff(each) for each in events],
        "partner_words": _find_partner_words(events),
        "notices": [_show_notice(each) for each in claim.notices.all()] if has_notices else [],
    }


def _find_partner_words(events: list[Event]) -> str:
    """Return what the partner wrote with the dispute or answer that brought the claim here, or "".

    ``events`` is the claim's history, newest first.
    """
    last = next((each for each in events if each.to_status), None)
    is_partners = last is not None and last.actor == Actor.PARTNER
    return last.reason if last is not None and is_partners else ""


def _describe_time(claim: Claim) -> dict:
    sla_clock = SlaClock.read()
    state = sla_clock.state_of(claim)
    age = sla_clock.describe_age(claim)
    return {"sla": state, "sla_icon": SLA_ICONS[state] if state else None, "age": age}


def _gather_facts(desk: Desk, *, is_neutral: bool, is_open: bool) -> dict:
    claim = desk.claim
    return {
        "is_open": is_open,
        "products": list_products(desk, is_open=is_open),
        "facts": list_facts(desk, is_open=is_open),
        "parked": [
            _explain_parked(each, is_neutral=is_neutral)
            for each in desk.associations
            if each.parked_reason
        ],
        "partner_contact": desk.find_contact(ContactRole.PARTNER),
        "programs": list(claim.programs.all()),
        "requested": [InformationReason(code).label for code in claim.information_reasons],
        "shows_words": claim.status in (Status.ACTION_REQUIRED, Status.REJECTED, Status.DISPUTE),
    }


def _explain_parked(association: Association, *, is_neutral: bool) -> dict:
    """Return why it is parked; the slot's holder is shown only to those who belong to neither side [R19]."""
    return {
        "association": association,
        "holder": _find_in_the_way(association) if is_neutral else None,
        "help": PARKED_HELP[ParkedReason(association.parked_reason)],
    }


def _find_in_the_way(association: Association) -> Partner | str | None:
    """Return the other partner that holds the slot, or the reference of this partner's other claim."""
    holder = find_holder(association.slot_key)
    if holder and holder.partner_id != association.partner_id:
        return holder.partner
    own = find_own_official(association)
    return own.claim.reference if own else None


def _show_notice(notice: CustomerNotice) -> dict:
    """Return a notice as staff may see it: its text without the token of the customer's link."""
    look, icon = NOTICE_LOOKS.get(NoticeStatus(notice.status), ("plain", "clock"))
    return {"notice": notice, "text": hide_key(notice, notice.text), "look": look, "icon": icon}


def hide_key(notice: CustomerNotice, text: str) -> str:
    """Hide the link's token: anyone who has it can opt out, and only the customer may."""
    return text.replace(notice.token, KEY_MASK)
