"""Filing a claim page by page (section 4): every page saves the draft, and nothing typed is lost."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners.access import member_of_partner
from partners.models import Location
from partners.rules import locations_of

from ...claims import visible
from ...filing import drafts
from ...forms.filing.customer import CustomerForm
from ...models import Claim
from ..access import find_claim, has_role, render_forbidden
from ..proof.upload_guard import guard_upload
from .base import is_kept, turn_away
from .pages import PAGES, CustomerPage


@member_of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def new_claim(request) -> HttpResponse:
    """Give a new claim a key and with it its own address, so that Back leads to the same draft [R14]."""
    key = request.membership.partner.key
    if request.method == "POST":
        return keyed_claim(request, partner_key=key, key=read_filing_key(request))
    if not locations_of(request.membership).exists():
        return render(request, "associations/filing/no_location.html")
    return redirect("associations:claim-new-keyed", key, uuid.uuid4())


@member_of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def keyed_claim(request, key: uuid.UUID) -> HttpResponse:
    """Show page 1 of a new claim. Sending it creates a draft, once for each key [R14].

    Once the draft exists, the address leads to it, so that the browser's Back shows what was saved.
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
    """Create the draft, valid or not, so that nothing typed is lost; only a location is required."""
    request = page.request
    form = page.make_form(request.POST)
    is_right = form.is_valid()
    location = find_location(form)
    if location is None:
        if is_kept(request):
            return HttpResponse(status=204)  # there is nothing to keep it in yet
        messages.warning(request, _("Nothing has been saved yet: choose your location first."))
        return page.show(form, filing_key=key)
    page.claim = drafts.start_claim(
        partner=page.claim.partner,
        location=location,
        actor=request.user,
        filing_key=key,
        now=timezone.now(),
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
    """Handle a first page that was sent before: a second click continues, a correction is saved.

    If the draft has changed since, a correction is shown beside what is saved now.
    """
    if not page.claim.is_draft:
        return turn_away(page.request, page.claim)
    form = page.make_form(page.request.POST)
    if form.is_valid() and not form.has_changed():
        return page.lead_on()
    return page.save(revision=1)


def find_location(form: CustomerForm) -> Location | None:
    """Return the location that was chosen, or the only one there is; None if a choice is needed."""
    places = list(form.locations.values())
    if form.data.get("location") or len(places) > 1:
        return form.cleaned_data.get("location")
    return places[0]


@require_http_methods(["GET", "HEAD", "POST"])
@guard_upload
def claim_page(request: HttpRequest, reference: str, page: str) -> HttpResponse:
    """Show or save one page of a claim, for those who may edit it; proof for all who may add it [R43]."""
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
