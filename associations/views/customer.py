"""The customer's pages: see a request, refuse it, take that back, end an association [R22], [R25].

They work without an account, cookies or JavaScript. GET and HEAD never change anything: mail
programs and scanners follow links. Only a POST acts, and ``customer.optout`` alone decides
whether it may.

No CSRF check: it protects what a browser sends along by itself (cookies), and these pages use none.
The random token in the address is the whole authority; anyone who has it does not need to forge a form.
"""

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from cpor_site.web.countries import name_country
from cpor_site.web.customer_language import list_other_languages, read_language
from cpor_site.web.limits import limit_rate
from cpor_site.web.request_text import read_form

from ..claims.lifecycle import LifecycleError
from ..customer import answers, optout
from ..customer.optout import Link, Stage, UnknownLink
from ..display import turns
from ..display.sentences import describe_asker, describe_data, describe_due
from ..enums import AssociationStatus
from ..forms.customer import DecisionForm
from ..models import Association

#: What a token can look like; anything else is not looked up.
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")

#: An address that is a capability must not leak to other sites, caches or search engines.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}

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


class SeeOther(HttpResponseRedirect):
    """After a POST: fetch the page, so that reloading it sends nothing again."""

    status_code = 303


class LinkRequest(HttpRequest):
    """A request as ``customer_page`` passes it on; for types only, never instantiated."""

    arrived_at: dt.datetime


def customer_page(*methods: str) -> Callable:
    """Turn ``view(request, link)`` into a link's page: its language, headers, and dead link page [R25].

    The time of arrival is recorded before anything else can make the request wait [R31].
    """

    def decorate(view):
        @limit_rate("customer", looks=240, acts=30)
        def answer(request, token):
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return _answer(view, request, token)

        @csrf_exempt
        @functools.wraps(view)
        def page(request, token):
            request.arrived_at = timezone.now()
            return _protect(answer(request, token))

        return page

    return decorate


def _answer(view, request: LinkRequest, token: str) -> HttpResponse:
    read_form(request)
    link = optout.find_link(token, at=request.arrived_at) if TOKEN.fullmatch(token) else None
    preferred = link.notice.language if link else request.LANGUAGE_CODE
    language = read_language(request, otherwise=preferred)
    with translation.override(language):
        try:
            response = view(request, link) if link else _show_dead_link(request)
        except UnknownLink:  # replaced or withdrawn while the person read the page
            response = _show_dead_link(request)
    response.headers["Content-Language"] = language
    return response


def _protect(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _show_dead_link(request: HttpRequest) -> HttpResponse:
    """Show the same page for every link that does not work, whatever the reason [R25]."""
    context = {"other_languages": list_other_languages()}
    return render(request, "associations/opt_out_unknown.html", context, status=404)


@customer_page("GET", "HEAD", "POST")
def opt_out_page(request, link):
    """Show what the link is about; only a POST acts [R22]."""
    return _act(request, link) if request.method == "POST" else _show(request, link)


@customer_page("GET", "HEAD")
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
    """Return an address of this link that keeps the language the reader chose."""
    chosen = read_language(request, otherwise="")
    query |= {"lang": chosen} if chosen else {}
    start = reverse(f"associations:{name}", args=[link.notice.token])
    return f"{start}?{urlencode(query)}" if query else start
