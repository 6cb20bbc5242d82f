"""The customer's pages: see a request, refuse it, take that back, end an association [R22], [R25].

Only a POST acts, and ``customer.optout`` alone decides whether it may.
"""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import formats, timezone

from cpor_site.web.countries import name_country
from cpor_site.web.customer_language import list_other_languages

from ..claims.lifecycle import LifecycleError
from ..customer import answers, optout
from ..customer.optout import Link, Stage, UnknownLink
from ..display import turns
from ..display.sentences import describe_asker, describe_data, describe_due
from ..enums import AssociationStatus
from ..forms.customer import DecisionForm
from ..models import Association
from .customer_links import LinkRequest, SeeOther, customer_page, make_address

TEMPLATES = {
    Stage.OPEN: "associations/opt_out.html",
    Stage.CLOSING: "associations/opt_out_closing.html",
    Stage.HELD: "associations/opt_out_held.html",
    Stage.OFFICIAL: "associations/opt_out_official.html",
    Stage.OVER: "associations/opt_out_over.html",
    Stage.GIVEN_UP: "associations/opt_out_given_up.html",
}

#: Answer → what acts on it, and what that takes of the form.
ACTIONS: dict[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "confirm": (answers.confirm, ()),
    "refuse": (optout.opt_out, ("references", "reason")),
    "wrong-person": (answers.decline_as_wrong_person, ()),
    "take-back": (optout.take_back, ("references",)),
    "end": (optout.end_associations, ("references", "reason")),
}


@customer_page("GET", "HEAD", "POST", find=optout.find_link)
def opt_out_page(request, link):
    """Show what the link is about; only a POST acts [R22]."""
    return _act(request, link) if request.method == "POST" else _show(request, link)


@customer_page("GET", "HEAD", find=optout.find_link)
def end_page(request, link):
    """Ask what to end and say what that means; the form is sent to ``opt_out_page`` [R24]."""
    if link.stage != Stage.OFFICIAL:
        return HttpResponseRedirect(_address(request, link))
    return _show(request, link, template="associations/opt_out_end.html")


def _act(request: LinkRequest, link: Link) -> HttpResponse:
    """Do what the form asks; on any error show the page again with what was typed."""
    form = DecisionForm(request.POST, products=link.list_associations())
    action = request.POST.get("action", "")
    if not form.is_valid():
        return _show_again(request, link, form, action, status=422)
    act, takes = ACTIONS[action]
    sent = {"references": form.cleaned_data["products"], "reason": form.cleaned_data["reason"]}
    try:
        act(link.notice.token, **{name: sent[name] for name in takes}, at=request.arrived_at)
    except UnknownLink:
        raise
    except LifecycleError as error:
        form.add_error(None, str(error))
        fresh = optout.find_link(link.notice.token, at=request.arrived_at) or link
        return _show_again(request, fresh, form, action, status=409)
    return SeeOther(_address(request, link, done=action))


def _show_again(request, link, form, action, *, status: int) -> HttpResponse:
    is_ending = action == "end" and link.stage == Stage.OFFICIAL
    template = "associations/opt_out_end.html" if is_ending else None
    return _show(request, link, form=form, template=template, status=status)


def _show(request, link: Link, *, form=None, template=None, status: int = 200) -> HttpResponse:
    products = link.list_associations()
    form = form or DecisionForm(products=products)
    context = {
        "form": form,
        "link": link,
        "claim": link.claim,
        "partner": link.claim.partner,
        "organisation": link.claim.tenant,
        "asker": describe_asker(link.claim),
        "location": link.claim.location,
        "country": name_country(link.claim.location.country),
        "answer": form["action"].data if form.is_bound else "",
        "address": _address(request, link),
        "end_address": _address(request, link, name="opt-out-end"),
        "done": request.GET.get("done"),
        **_describe_products(products, form),
        **_describe_time(link),
        "other_languages": list_other_languages(),
    }
    return render(request, template or TEMPLATES[link.stage], context, status=status)


def _describe_products(products: list[Association], form: DecisionForm) -> dict:
    """Return the products by status, and what data the partner sees or would see [R20]."""
    by_status = {
        status: [each for each in products if each.status == status] for status in AssociationStatus
    }
    proposed = by_status[AssociationStatus.PROPOSED]
    official = by_status[AssociationStatus.OFFICIAL]
    return {
        "products": products,
        "proposed": proposed,
        "refused": by_status[AssociationStatus.OPTED_OUT],
        "official": official,
        "ended": by_status[AssociationStatus.ENDED],
        "ticked": form.find_ticked(),
        "data_seen": describe_data(official or proposed),
    }


def _describe_time(link: Link) -> dict:
    claim = link.claim
    return {
        "deadline": describe_due(claim),
        "time_left": turns.describe_time_left(claim, now=timezone.now())
        if link.stage == Stage.OPEN
        else "",
        "confirmed_on": _describe_day(link),
    }


def _describe_day(link: Link) -> str:
    """Return the day, where the customer is, on which the contact confirmed the request; "" if not yet."""
    at, tenant = link.notice.confirmed_at, link.claim.tenant
    if at is None or tenant is None:
        return ""
    local = at.astimezone(zoneinfo.ZoneInfo(tenant.time_zone))
    return formats.date_format(local, "DATE_FORMAT")


def _address(request: HttpRequest, link: Link, *, name: str = "opt-out", **query: str) -> str:
    return make_address(request, name, link.notice.token, **query)
