"""Everything about one case, gathered for its board [R33]."""

import datetime as dt

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise

from cpor_site.web.countries import name_place
from partners.rules import is_reviewer, mediates

from ...contests.rivals import cases_visible_to
from ...forms.contests import DecideCaseForm, SideCommentForm
from ...models import MediationCase
from ..review.sla import SlaClock
from .history import tell_case
from .questions import list_questions, show_questions
from .sides import Sides, gather_sides
from .words import READER_WORDS, describe_case, describe_winner, name_decider

#: Other cases that the board names.
OTHERS_SHOWN = 10


def explain_closed(user) -> str | Promise:
    """Return why ``user`` may only read cases, or "" if they may decide them [R43]."""
    return "" if mediates(user) else READER_WORDS


def may_comment(user) -> bool:
    """May ``user`` write to the sides: do they review claims, or decide cases?"""
    return is_reviewer(user) or mediates(user)


def gather_board(
    case: MediationCase,
    request: HttpRequest,
    *,
    decide_form: DecideCaseForm | None = None,
    comment_form: SideCommentForm | None = None,
) -> dict:
    """Return the context of the board; a form that was just sent comes back with its errors."""
    user, clock = request.user, SlaClock.read()
    sides = gather_sides(
        case,
        user=user,
        query=request.GET,
        form=comment_form,
        may_comment=may_comment(user),
    )
    questions = list_questions(case)
    closed_words = explain_closed(user)
    may_decide = case.is_decidable and not closed_words
    if may_decide and decide_form is None:
        decide_form = DecideCaseForm(case=case, sides=sides.present)
    return {
        "case": case,
        **describe_case(case, clock, mediates=not closed_words),
        "place": name_place(timezone.get_current_timezone_name()),
        "customer_place": name_place(case.tenant.time_zone),
        "sides": sides,
        "verdict": describe_winner(case),
        "decider": name_decider(case) if case.decided_at else "",
        "questions": show_questions(questions),
        "closed_words": closed_words if case.is_decidable else "",
        "may_decide": may_decide,
        "may_ask": may_decide and case.is_askable,
        "form": decide_form,
        "others": _list_others(case, sides, user=user, now=clock.now),
        "history": tell_case(case, [each.side for each in sides.all], questions),
    }


def _list_others(
    case: MediationCase, sides: Sides, *, user, now: dt.datetime
) -> list[MediationCase]:
    """Return other cases of these claims, and earlier ones about the same product; newest first."""
    claims = [each.side.claim_id for each in sides.all]
    related = Q(slot_key=case.slot_key) | Q(sides__claim__in=claims)
    found = cases_visible_to(user, now=now).filter(related).exclude(pk=case.pk)
    rows = found.select_related("product", "tenant").distinct().order_by("-id")
    return list(rows[:OTHERS_SHOWN])
