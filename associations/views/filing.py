"""Filing a claim page by page (section 4): every page saves the draft, nothing typed is lost."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners.access import member_of_partner
from partners.models import Location
from partners.rules import locations_of

from ..claims import visible
from ..filing import drafts
from ..forms.filing.customer import CustomerForm
from ..models import Claim
from .access import find_claim, has_role, render_forbidden
from .filing_base import is_kept, turn_away
from .filing_pages import PAGES, CustomerPage
from .upload_guard import guard_upload


@member_of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def new_claim(request) -> HttpResponse:
    """Give a new claim its key, and with it an address of its own: Back leads to the same draft [R14]."""
    key = request.membership.partner.key
    if request.method == "POST":
        return keyed_claim(request, partner_key=key, key=read_filing_key(request))
    if not locations_of(request.membership).exists():
        return render(request, "associations/filing/no_location.html")
    return redirect("associations:claim-new-keyed", key, uuid.uuid4())


@member_of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def keyed_claim(request, key: uuid.UUID) -> HttpResponse:
    """Page 1 of a new claim. A draft is made when it is sent, once for each key [R14].

    Once the draft is there, the address leads to it, so that the browser's Back shows what was saved.
    """
    if not locations_of(request.membership).exists():
        return render(request, "associations/filing/no_location.html")
    page = CustomerPage(request, Claim(partner=request.membership.partner), PAGES)
    if request.method == "POST":
        return start_draft(page, key)
    drafts = visible.claims_visible_to(request.user, request.membership)
    if started := drafts.filter(filing_key=key).first():
        return redirect("associations:claim-page", started.reference, page.name)
    return page.show(page.make_form(), filing_key=key)


def start_draft(page: CustomerPage, key: uuid.UUID) -> HttpResponse:
    """Make the draft, right or not, so that nothing typed is lost; only a location it must have."""
    request = page.request
    form = page.make_form(request.POST)
    is_right = form.is_valid()
    location = find_location(form)
    if location is None:
        if is_kept(request):
            return HttpResponse(status=204)  # there is nothing to keep it in yet
        messages.warning(request, _("Nothing is saved yet: choose your location first."))
        return page.show(form, filing_key=key)
    page.claim = drafts.start_claim(
        partner=page.claim.partner, location=location, actor=request.user, filing_key=key
    )
    if page.claim.revision:
        return send_again(page)
    if not is_right and page.pressed == "continue":
        messages.warning(
            request,
            _("Saved as draft %(claim)s. Some answers still need fixing.")
            % {"claim": page.claim.reference},
        )
    return page.save(revision=None)


def send_again(page: CustomerPage) -> HttpResponse:
    """Take a first page that was sent before: a second click goes on, a correction is saved.

    Where the draft has gone on since, a correction is shown beside what is there now.
    """
    if not page.claim.is_draft:
        return turn_away(page.request, page.claim)
    form = page.make_form(page.request.POST)
    if form.is_valid() and not form.has_changed():
        return page.lead_on()
    return page.save(revision=1)


def find_location(form: CustomerForm) -> Location | None:
    """The location that was chosen; where none was, the only one there is, and no other for them."""
    places = list(form.locations.values())
    if form.data.get("location") or len(places) > 1:
        return form.cleaned_data.get("location")
    return places[0]


@require_http_methods(["GET", "HEAD", "POST"])
@guard_upload
def claim_page(request: HttpRequest, reference: str, page: str) -> HttpResponse:
    """One page of a claim, for those who may change it; that of proof for all who may add some [R43]."""
    if page not in PAGES:
        raise Http404
    claim = find_claim(request, reference)
    if not has_role(request.user, claim, PAGES[page].action):
        return render_forbidden(request, claim)
    return PAGES[page](request, claim, PAGES).respond()


def read_filing_key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("filing_key", ""))
    except ValueError:
        return uuid.uuid4()
