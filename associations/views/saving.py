"""Where a page of filing leads once it is saved, and what happens to text that nobody pressed Save for.

Every way out of a page is a button that saves: the steps at the side, "Change" and "Save and leave". What is
typed when a person leaves in another way is sent as ``keep`` by static/js/keep.js.
"""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ..filing import drafts
from ..models import Claim
from .filing_pages import PAGES, Page, find_next

KEEP, CANCEL, LEAVE, ASK = "keep", "cancel", "leave", "ask"
#: "go:work#id_name": save, then show that field of that page.
TARGET = re.compile(r"go:(?P<page>[a-z-]+)(?P<field>#[A-Za-z][\w-]*)?", re.ASCII)
#: Page → where the claim shows what was changed there.
SECTIONS = {"customer": "facts", "work": "facts"}


def is_kept(request: HttpRequest) -> bool:
    """Was it sent by the browser on its own, as the person left or paused?"""
    return request.POST.get("action") == KEEP


def is_cancelled(request: HttpRequest) -> bool:
    return request.POST.get("action") == CANCEL


def is_leaving(request: HttpRequest) -> bool:
    """Does the button lead away, whether or not the page is right?"""
    return request.POST.get("action") in (LEAVE, ASK) or find_target(request) is not None


def find_target(request: HttpRequest) -> tuple[str, str] | None:
    """Return the page that the button leads to and the field there ("" for none), or None."""
    found = TARGET.fullmatch(request.POST.get("action", ""))
    if found is None or found["page"] not in PAGES:
        return None
    return found["page"], found["field"] or ""


def lead_on(request: HttpRequest, page: Page, claim: Claim) -> HttpResponse:
    """Go where the button says; after submission back to the claim, since one part was edited [R3]."""
    if request.POST.get("action") == ASK and claim.is_draft and claim.tenant_id is None:
        return redirect("associations:customer-request", claim.reference)
    if target := find_target(request):
        name, field = target
        address = reverse("associations:claim-page", args=[claim.reference, name])
        return redirect(address + field)
    if claim.is_draft and request.POST.get("action") not in (LEAVE, CANCEL):
        return redirect("associations:claim-page", claim.reference, find_next(page))
    section = "" if claim.is_draft else f"#{SECTIONS.get(page.name, page.name)}"
    return redirect(claim.get_absolute_url() + section)


def tell_saved(request: HttpRequest, claim: Claim) -> None:
    if not claim.is_draft:
        messages.success(request, _("Saved."))
    elif request.POST.get("action") == LEAVE:
        messages.success(request, _("Saved. You can continue at any time."))


def set_aside(request: HttpRequest, page: Page, claim: Claim) -> HttpResponse:
    """Keep what is typed but not saved, or drop it where the person cancels.

    Compared under the lock: what arrives after the page was saved is no longer a change. Raises
    LifecycleError where the claim can no longer be edited.
    """
    with drafts.hold_for_edit(claim, actor=request.user) as fresh:
        form = page.form(fresh, user=request.user, data=request.POST)
        is_worth_keeping = is_kept(request) and form.has_changed()
        drafts.write_typed(fresh, page.name, form.list_typed() if is_worth_keeping else {})
    return HttpResponse(status=204) if is_kept(request) else lead_on(request, page, fresh)
