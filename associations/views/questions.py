"""The customer's page of a mediation: which partner helps you use this product [R33]?

Only a POST acts, and ``customer.questions`` alone decides whether it may.
"""

import zoneinfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone

from cpor_site.web.countries import name_country, name_place
from cpor_site.web.customer_language import list_other_languages

from ..claims.deadlines import read_calendar
from ..claims.lifecycle import LifecycleError
from ..customer.optout import UnknownLink
from ..customer.questions import Asked, answer_question, find_question
from ..display.turns import describe_business_days_left
from ..emails import describe_answer_limit, describe_choice
from ..forms.one_act import CONFLICT, INVALID
from ..forms.questions import AnswerForm
from ..models import CaseSide
from .customer_links import LinkRequest, SeeOther, customer_page, make_address

TEMPLATE = "associations/case_question.html"


@customer_page("GET", "HEAD", "POST", find=find_question)
def question_page(request, asked):
    """Show the question and what was answered; only a POST answers."""
    return _answer(request, asked) if request.method == "POST" else _show(request, asked)


def _answer(request: LinkRequest, asked: Asked) -> HttpResponse:
    """Keep the answer; on any error show the page again with what was chosen."""
    form = AnswerForm(request.POST, sides=asked.sides)
    try:
        asked.require_open()
        if not form.is_valid():
            return _show(request, asked, form=form, status=INVALID)
        choice, partner_id = form.read_choice()
        token = asked.question.token
        answer_question(token, choice=choice, partner_id=partner_id, at=request.arrived_at)
    except UnknownLink:
        raise
    except LifecycleError as error:
        fresh = find_question(asked.question.token, at=request.arrived_at) or asked
        return _show(request, fresh, form=form, status=CONFLICT, conflict=str(error))
    return SeeOther(_address(request, asked, done="answer"))


def _show(
    request: LinkRequest, asked: Asked, *, form=None, status: int = 200, conflict: str = ""
) -> HttpResponse:
    at, case = request.arrived_at, asked.case
    form = form or AnswerForm(sides=asked.sides)
    is_asking = asked.is_before_limit(at=at)
    calendar = read_calendar(case.tenant)
    context = {
        "form": form,
        "ticked": form.find_ticked(),
        "asked": asked,
        "case": case,
        "partners": [_describe_side(each) for each in asked.sides],
        "is_asking": is_asking,
        "is_withdrawn": asked.is_withdrawn(at=at),
        "deadline": describe_answer_limit(case),
        "time_left": describe_business_days_left(case.due_at, calendar, now=timezone.now())
        if is_asking
        else "",
        "own_answer": describe_choice(asked.own) if asked.own else "",
        "answered_on": _describe_moment(asked),
        "place": name_place(case.tenant.time_zone),
        "address": _address(request, asked),
        "done": request.GET.get("done"),
        "conflict": conflict,
        "operator": settings.OPERATOR_NAME,
        "other_languages": list_other_languages(),
    }
    return render(request, TEMPLATE, context, status=status)


def _describe_side(side: CaseSide) -> dict[str, object]:
    """Return what the page says of a partner: all of them alike."""
    place = side.claim.location
    return {
        "side": side,
        "value": str(side.pk),
        "name": side.partner.name,
        "place": f"{place.name}, {name_country(place.country)}",
        "statement": side.statement,
    }


def _describe_moment(asked: Asked) -> str:
    """Return when this link was used to answer, where the customer is; "" if it was not."""
    if asked.own is None:
        return ""
    local = asked.own.answered_at.astimezone(zoneinfo.ZoneInfo(asked.case.tenant.time_zone))
    return formats.date_format(local, "DATETIME_FORMAT")


def _address(request: HttpRequest, asked: Asked, **query: str) -> str:
    return make_address(request, "case-question", asked.question.token, **query)
