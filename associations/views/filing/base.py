"""What every page of filing does: show a draft, save it, keep invalid input, and lead on (section 4).

Every way out of a page is a button that saves: the steps at the side, "Change" and "Save and leave". When a
person leaves in another way, static/js/keep.js sends what they typed as ``keep``.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ...claims.lifecycle import LifecycleError, NotNow, StaleClaim
from ...filing import drafts
from ...filing.completeness import find_missing
from ...forms.filing.base import FilingForm, as_query, list_differences
from ...models import Claim
from ..access import has_role
from ..act_page import list_reasons

KEEP, CANCEL, LEAVE, ASK = "keep", "cancel", "leave", "ask"
#: "go:work#id_name": save, then show that field of that page.
TARGET = re.compile(r"go:(?P<page>[a-z-]+)(?P<field>#[A-Za-z][\w-]*)?", re.ASCII)


def is_kept(request: HttpRequest) -> bool:
    """Did the browser send it on its own, because the person left or paused?"""
    return request.POST.get("action") == KEEP


def find_target(request: HttpRequest, claim: Claim, pages: "Pages") -> str | None:
    """Return the address of the page, and of the field there, that the button leads to, or None."""
    found = TARGET.fullmatch(request.POST.get("action", ""))
    if found is None or found["page"] not in pages:
        return None
    return address_of(claim, found["page"]) + (found["field"] or "")


def address_of(claim: Claim, page: str) -> str:
    return reverse("associations:claim-page", args=[claim.reference, page])


class FilingPage:
    """One page of a claim. A subclass defines its form, what else it shows, and what it needs first.

    ``claim`` is unsaved on the first page of a new one.
    """

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    question: ClassVar[str | Promise]
    form: ClassVar[type[FilingForm]]
    #: The action that the person must be allowed to do: a short name of ``rules.PARTNER_ACTIONS``.
    action: ClassVar[str] = "edit_claim"
    #: Pages that must be complete before this one.
    needs: ClassVar[tuple[str, ...]] = ()
    do_not_call_in_templates = True

    def __init__(self, request: HttpRequest, claim: Claim, pages: "Pages"):
        self.request, self.claim, self.pages = request, claim, pages

    # --- What a page says about itself --------------------------------------------------------------

    @staticmethod
    def is_ready(claim: Claim) -> bool:
        """Is the page complete, so that the pages that need it can follow?"""
        return claim.pk is not None

    def describe(self) -> dict[str, Any]:
        """Return what the page shows besides its form."""
        return {}

    @property
    def section(self) -> str:
        """Return the section of the claim's page that shows what is edited here."""
        return self.name

    @cached_property
    def missing(self) -> dict[str, str | Promise]:
        """Return what is missing before submission: page → words."""
        if self.claim.pk is None:
            return {name: "" for name in self.pages if name != "review"}
        return find_missing(self.claim, reader=self.request.user, now=timezone.now())

    # --- Showing ------------------------------------------------------------------------------------

    def respond(self) -> HttpResponse:
        """Show the page of an existing claim, or save it."""
        if self.request.method == "POST":
            if self.find_needed():
                return redirect(address_of(self.claim, self.name))
            return self.save(revision=read_revision(self.request))
        if not self.claim.is_editable:
            return turn_away(self.request, self.claim)
        return self.show(None if self.find_needed() else self.read_form())

    def read_form(self) -> FilingForm:
        """Return the page's form: as it was left, with its errors, or with the claim's values."""
        typed = self.claim.typed.get(self.name)
        return self.make_form(as_query(typed) if typed else None)

    def make_form(self, data=None) -> Any:
        return self.form(self.claim, user=self.request.user, data=data)

    def find_needed(self) -> "type[FilingPage] | None":
        """Return the page that must be complete before this one, or None."""
        needed = (self.pages[name] for name in self.needs)
        return next((page for page in needed if not page.is_ready(self.claim)), None)

    def show(self, form, *, status: int = 200, **more) -> HttpResponse:
        """Render the page; ``more`` may hold ``filing_key``, ``revision`` and ``problem``."""
        context = {
            "claim": self.claim,
            "page": self,
            "form": form,
            "progress": self.list_progress(),
            "needed": self.find_needed(),
            "revision": self.claim.revision,
            "reasons": list_reasons(self.claim),
            **self.describe(),
            **{name: value for name, value in more.items() if value is not None},
        }
        template = f"associations/filing/{self.name}.html"
        return render(self.request, template, context, status=status)

    def list_progress(self) -> list[dict]:
        """Return the pages with their state (done, current, to do) and whether the person may open them."""
        actions = {each.action for each in self.pages.values()}
        is_saved, user = self.claim.pk is not None, self.request.user
        open_for = {each for each in actions if is_saved and has_role(user, self.claim, each)}
        is_handed_over = not (self.missing or self.claim.is_draft)
        return [
            {
                "page": page,
                "is_current": name == self.name,
                "is_done": is_handed_over if name == "review" else name not in self.missing,
                "is_open": page.action in open_for,
            }
            for name, page in self.pages.items()
        ]

    # --- Saving -------------------------------------------------------------------------------------

    def save(self, *, revision: int | None) -> HttpResponse:
        """Save a valid page, keep an invalid one as typed, and go where the button leads."""
        form = self.make_form(self.request.POST)
        try:
            if is_kept(self.request) or self.is_cancelled:
                return self.set_aside()
            if not form.is_valid():
                self.keep_typed(form.list_typed())
                if not self.is_leaving:
                    return self.show(form, revision=revision)
                messages.warning(self.request, _("Saved. Some answers still need fixing."))
                return self.lead_on()
            with transaction.atomic():
                self.claim = form.save(revision=revision)
                if self.name in self.claim.typed:
                    self.keep_typed({})
        except LifecycleError as error:
            return self.show_refused(form, error)
        for note in form.notes:
            messages.warning(self.request, note)
        self.tell_saved()
        return self.lead_on()

    def keep_typed(self, values: dict) -> None:
        drafts.keep_typed(self.claim, actor=self.request.user, page=self.name, values=values)

    def set_aside(self) -> HttpResponse:
        """Keep what is typed but not saved, or drop it if the person cancels.

        Compared under the lock: input that arrives after the page was saved is no longer a change. Raise
        LifecycleError if the claim can no longer be edited.
        """
        with drafts.hold_for_edit(self.claim, actor=self.request.user) as self.claim:
            form = self.make_form(self.request.POST)
            is_worth_keeping = is_kept(self.request) and form.has_changed()
            values = form.list_typed() if is_worth_keeping else {}
            drafts.write_typed(self.claim, self.name, values)
        return HttpResponse(status=204) if is_kept(self.request) else self.lead_on()

    def show_refused(self, form: FilingForm, error: LifecycleError) -> HttpResponse:
        """Show the page again with everything that was typed and the reason for the refusal.

        Sending it again saves over the changes that the page now shows.
        """
        self.claim.refresh_from_db()
        problem = {"words": str(error), "is_stale": isinstance(error, StaleClaim)}
        differences = list_differences(form, self.make_form())
        return self.show(
            form, status=409, problem=problem, is_unsaved=True, differences=differences
        )

    # --- Leading on ---------------------------------------------------------------------------------

    @property
    def pressed(self) -> str:
        """Return the value of the button that was pressed."""
        return self.request.POST.get("action", "")

    @property
    def is_cancelled(self) -> bool:
        return self.pressed == CANCEL

    @property
    def is_leaving(self) -> bool:
        """Does the button lead away, whether or not the page is valid?"""
        return self.pressed in (LEAVE, ASK) or self.find_target() is not None

    def find_target(self) -> str | None:
        return find_target(self.request, self.claim, self.pages)

    def lead_on(self) -> HttpResponse:
        """Go where the button leads; after submission back to the claim, since one part was edited [R3]."""
        claim = self.claim
        if self.pressed == ASK and claim.is_draft and claim.tenant_id is None:
            return redirect("associations:customer-request", claim.reference)
        if target := self.find_target():
            return redirect(target)
        if claim.is_draft and self.pressed not in (LEAVE, CANCEL):
            names = list(self.pages)
            return redirect(address_of(claim, names[names.index(self.name) + 1]))
        section = "" if claim.is_draft else f"#{self.section}"
        return redirect(claim.get_absolute_url() + section)

    def tell_saved(self) -> None:
        if not self.claim.is_draft:
            messages.success(self.request, _("Saved."))
        elif self.pressed == LEAVE:
            messages.success(self.request, _("Saved. You can continue at any time."))


#: The pages of filing in their order, by name.
Pages = Mapping[str, type[FilingPage]]


def turn_away(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Redirect to a claim that cannot be changed now, and say why."""
    messages.warning(request, str(NotNow(claim)))
    return redirect(claim)


def read_revision(request: HttpRequest) -> int:
    """Return the revision that the page showed; a form without one counts as stale."""
    value = request.POST.get("revision", "")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else -1
