"""Filing a claim page by page (section 4): every page saves the draft, nothing typed is lost."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.choices import flatten_choices
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners.access import member_of_partner
from partners.models import Location
from partners.rules import locations_of

from ..claims import visible
from ..claims.lifecycle import LifecycleError, StaleClaim
from ..filing import drafts
from ..forms.filing import CustomerForm, FilingForm
from ..forms.filing.base import as_query
from ..models import Claim
from . import filing_proof, filing_review, saving
from .access import find_claim, has_role, render_forbidden
from .filing_pages import (
    PAGES,
    Page,
    list_progress,
    list_reasons,
    needs_first,
    read_revision,
)
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
    page = PAGES["customer"]
    if request.method == "POST":
        return start_draft(request, page, key)
    drafts = visible.claims_visible_to(request.user, request.membership)
    if started := drafts.filter(filing_key=key).first():
        return redirect("associations:claim-page", started.reference, page.name)
    claim = Claim(partner=request.membership.partner)
    return show(request, page, claim, page.form(claim, user=request.user), filing_key=key)


def start_draft(request, page: Page, key: uuid.UUID) -> HttpResponse:
    """Make the draft, right or not, so that nothing typed is lost; only a location it must have."""
    claim = Claim(partner=request.membership.partner)
    form = CustomerForm(claim, user=request.user, data=request.POST)
    is_right = form.is_valid()
    location = find_location(form)
    if location is None:
        if saving.is_kept(request):
            return HttpResponse(status=204)  # there is nothing to keep it in yet
        messages.warning(request, _("Nothing is saved yet: choose your location first."))
        return show(request, page, claim, form, filing_key=key)
    claim = drafts.start_claim(
        partner=claim.partner, location=location, actor=request.user, filing_key=key
    )
    if claim.revision:
        return send_again(request, page, claim)
    if not is_right and request.POST.get("action") == "continue":
        messages.warning(
            request,
            _("Saved as draft %(claim)s. Some answers still need fixing.")
            % {"claim": claim.reference},
        )
    return save_page(request, page, claim, revision=None)


def send_again(request, page: Page, claim: Claim) -> HttpResponse:
    """Take a first page that was sent before: a second click goes on, a correction is saved.

    Where the draft has gone on since, a correction is shown beside what is there now.
    """
    if not claim.is_draft:
        return turn_away(request, claim)
    form = page.form(claim, user=request.user, data=request.POST)
    if form.is_valid() and not form.has_changed():
        return saving.lead_on(request, page, claim)
    return save_page(request, page, claim, revision=1)


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
    return edit_page(request, claim, PAGES[page])


def edit_page(request: HttpRequest, claim: Claim, page: Page) -> HttpResponse:
    """Show or save one page of a claim that exists."""
    if page.name == "review" and not claim.is_draft:
        return filing_review.lead_to_answer(request, claim)
    if request.method != "POST":
        if not claim.is_editable:
            return turn_away(request, claim)
        return show(request, page, claim, make_form(request, page, claim))
    if needs_first(page, claim):
        return redirect("associations:claim-page", claim.reference, page.name)
    handle = {"proof": filing_proof.save, "review": filing_review.save}.get(page.name)
    if handle is None or saving.is_kept(request):
        return save_page(request, page, claim, revision=read_revision(request))
    outcome = handle(request, page, claim)
    return outcome if isinstance(outcome, HttpResponse) else show(request, page, claim, **outcome)


def save_page(
    request: HttpRequest, page: Page, claim: Claim, *, revision: int | None
) -> HttpResponse:
    """Save what is right; keep what is not yet, as it was typed; go where the button says."""
    form = page.form(claim, user=request.user, data=request.POST)
    try:
        if saving.is_kept(request) or saving.is_cancelled(request):
            return saving.set_aside(request, page, claim)
        if not form.is_valid():
            drafts.keep_typed(claim, actor=request.user, page=page.name, values=form.list_typed())
            if not saving.is_leaving(request):
                return show(request, page, claim, form, revision=revision)
            messages.warning(request, _("Saved. Some answers still need fixing."))
            return saving.lead_on(request, page, claim)
        with transaction.atomic():
            claim = form.save(revision=revision)
            if page.name in claim.typed:
                drafts.keep_typed(claim, actor=request.user, page=page.name, values={})
    except LifecycleError as error:
        return show_refused(request, page, claim, form, error)
    for note in form.notes:
        messages.warning(request, note)
    saving.tell_saved(request, claim)
    return saving.lead_on(request, page, claim)


def make_form(request: HttpRequest, page: Page, claim: Claim) -> FilingForm | None:
    """The page's form: as left with its errors, or as the claim says; None before its turn."""
    if needs_first(page, claim):
        return None
    typed = claim.typed.get(page.name)
    return page.form(claim, user=request.user, data=as_query(typed) if typed else None)


def show(request: HttpRequest, page: Page, claim: Claim, form, **more) -> HttpResponse:
    """Render a page; ``more`` may hold ``status``, ``filing_key``, ``revision`` and ``problem``."""
    status = more.pop("status", 200)
    context = {
        "claim": claim,
        "page": page,
        "form": form,
        "progress": list_progress(claim, page, user=request.user),
        "needed": needs_first(page, claim),
        "revision": claim.revision,
        "reasons": list_reasons(claim),
        **page.describe(request, claim),
        **{name: value for name, value in more.items() if value is not None},
    }
    return render(request, f"associations/filing/{page.name}.html", context, status=status)


def show_refused(
    request: HttpRequest, page: Page, claim: Claim, form, error: LifecycleError
) -> HttpResponse:
    """Show the page again with all that was typed, and what is in its way now.

    Whoever sends it once more has seen so, and saves over it.
    """
    fresh = find_claim(request, claim.reference)
    problem = {"words": str(error), "is_stale": isinstance(error, StaleClaim)}
    return show(
        request,
        page,
        fresh,
        form,
        status=409,
        problem=problem,
        is_unsaved=True,
        differences=list_differences(form, page.form(fresh, user=request.user)),
    )


def list_differences(typed: FilingForm, saved: FilingForm) -> list[dict]:
    """Fields whose saved value is not what was typed: label, and what is saved now."""
    rows = []
    for bound in saved:
        if bound.name not in typed.fields or bound.field.disabled:
            continue
        now, mine = bound.value(), typed[bound.name].value()
        if str(now or "") != str(mine or ""):
            rows.append({"label": saved.tell_field(bound), "value": _tell_value(bound, now)})
    return rows


def _tell_value(bound, value) -> str:
    if isinstance(value, bool) or value is None:
        return _("ticked") if value else _("empty")
    options: Any = flatten_choices(getattr(bound.field, "choices", []))
    labels = {str(key): str(label) for key, label in options}
    return labels.get(str(value), str(value)) or _("empty")


def turn_away(request: HttpRequest, claim: Claim) -> HttpResponse:
    messages.warning(
        request,
        _("This claim cannot be changed while it is “%(status)s”.")
        % {"status": claim.get_status_display()},
    )
    return redirect(claim)


def read_filing_key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("filing_key", ""))
    except ValueError:
        return uuid.uuid4()
