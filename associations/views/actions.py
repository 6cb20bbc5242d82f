"""What a partner does with a filed claim: one page each, shown by GET and done by POST alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ..claims.lifecycle import LifecycleError, lock_claim, require_revision
from ..customer import notices
from ..enums import Actor, ContactRole, EventKind, InformationReason, NoticeStatus, Status
from ..filing import drafts, submission
from ..filing.comments import add_comment
from ..filing.contacts import CUSTOMER_ROLES, is_outside_tenant
from ..filing.submission import ClaimIncomplete
from ..forms.actions import (
    ActionForm,
    AnswerForm,
    CommentForm,
    ContactForm,
    DiscardForm,
    WithdrawForm,
)
from ..models import Claim, Contact
from . import kept_words
from .access import claim_action
from .claims import render_claim

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: In the session: the draft that was discarded last, and where that led.
DISCARDED = "discarded"
CONFLICT = 409


@dataclass(frozen=True)
class Action:
    """A page that asks for words and then does one thing with a claim."""

    name: str
    form: type[ActionForm]
    template: str
    target: Status
    done: "StrOrPromise"
    act: Callable[..., object]
    words: str  # what ``act`` calls the words
    keeps: str = ""  # the name under which words are kept that are not sent yet


def _act_once(action: Action) -> Callable[..., HttpResponse]:
    """The view of an action: shows its page; does it where the claim still allows it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @claim_action(action.name)
    def view(request: HttpRequest, claim: Claim) -> HttpResponse:
        if request.method == "POST":
            if action.keeps and (kept := kept_words.keep(request, claim, action.keeps)):
                return kept
            return _take(request, claim, action)
        if not request.user.has_perm(f"associations.{action.name}", claim):
            return turn_away(request, claim)
        words = kept_words.read(claim, action.keeps)
        form = action.form(initial={"revision": claim.revision, "words": words})
        return _show(request, claim, action, form)

    return view


def _take(request: HttpRequest, claim: Claim, action: Action) -> HttpResponse:
    form = action.form(request.POST)
    if not form.is_valid():
        return _show(request, claim, action, form, status=400)
    data = form.cleaned_data
    words = {action.words: data["words"]}
    try:
        action.act(claim, actor=request.user, revision=data["revision"], **words)
    except LifecycleError as error:
        claim.refresh_from_db()
        if is_repeated(claim, user=request.user, target=action.target, words=data["words"]):
            return redirect(claim)
        return _show_conflict(request, claim, action, error)
    messages.success(request, action.done)
    return redirect(claim)


def is_repeated(claim: Claim, *, user, target: Status, words: str) -> bool:
    """Did this person just do exactly this, so that it is a second click and no second act?"""
    last = claim.events.filter(kind=EventKind.MOVED).order_by("-number").first()
    return (
        last is not None
        and claim.status == target == last.to_status
        and last.actor == Actor.PARTNER
        and last.actor_id == user.pk
        and last.reason == words
    )


def _show(request, claim, action, form, *, status: int = 200, **more) -> HttpResponse:
    reasons = [InformationReason(code).label for code in claim.information_reasons]
    context = {"claim": claim, "form": form, "reasons": reasons, **more}
    return render(request, action.template, context, status=status)


def _show_conflict(request, claim, action, error) -> HttpResponse:
    """Say why nothing was done, and keep what was typed; the form now knows the new revision."""
    typed = request.POST.copy()
    typed["revision"] = claim.revision
    return _show(
        request,
        claim,
        action,
        action.form(typed),
        status=CONFLICT,
        conflict=str(error),
        missing=error.missing if isinstance(error, ClaimIncomplete) else {},
        is_open=request.user.has_perm(f"associations.{action.name}", claim),
    )


def turn_away(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Lead back to a claim whose status does not allow what was opened."""
    words = _("This cannot be done while the claim is “%(now)s”.")
    if submission.is_unanswered(claim):
        words = str(submission.TOO_LATE_TO_ANSWER)
    messages.warning(request, words % {"now": claim.get_status_display()})
    return redirect(claim)


withdraw = _act_once(
    Action(
        "withdraw_claim",
        WithdrawForm,
        "associations/claim_withdraw.html",
        Status.REJECTED,
        gettext_lazy("The claim is withdrawn."),
        submission.withdraw_claim,
        "reason",
    )
)
answer = _act_once(
    Action(
        "answer_claim",
        AnswerForm,
        "associations/claim_answer.html",
        Status.UNDER_REVIEW,
        gettext_lazy("Your answer is with the reviewers."),
        submission.answer_request,
        "answer",
        keeps=kept_words.ANSWER,
    )
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Delete a draft. A second click finds it gone, and leads where the first one did."""
    try:
        return _discard(request, reference)
    except Http404:
        discarded, list_address = request.session.get(DISCARDED, ("", ""))
        if request.method == "POST" and discarded == reference:
            return redirect(list_address)
        raise


@claim_action("discard_claim")
def _discard(request: HttpRequest, claim: Claim) -> HttpResponse:
    list_address = reverse("associations:claims", args=[claim.partner.key])
    if not claim.is_draft:
        return turn_away(request, claim)
    if request.method != "POST":
        return _show_discard(request, claim, DiscardForm(initial={"revision": claim.revision}))
    form = DiscardForm(request.POST)
    if not form.is_valid():
        return _show_discard(request, claim, form, status=400)
    try:
        _discard_as_shown(claim, request.user, form.cleaned_data["revision"])
    except LifecycleError as error:
        form = DiscardForm({"revision": claim.revision})
        return _show_discard(request, claim, form, status=CONFLICT, conflict=str(error))
    except Claim.DoesNotExist:
        return redirect(list_address)  # the second of two clicks at once
    request.session[DISCARDED] = (claim.reference, list_address)
    messages.success(request, _("The draft %(claim)s is discarded.") % {"claim": claim.reference})
    return redirect(list_address)


@transaction.atomic
def _discard_as_shown(claim: Claim, actor, revision: int) -> None:
    require_revision(lock_claim(claim.pk), revision)
    drafts.discard_draft(claim, actor=actor)


def _show_discard(request, claim, form, *, status: int = 200, **more) -> HttpResponse:
    context = {"claim": claim, "form": form, **more}
    return render(request, "associations/claim_discard.html", context, status=status)


@require_POST
@claim_action("comment_claim")
def comment(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Add a comment to the claim; the reviewers are told [R18]."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        return render_claim(request, claim, comment_form=form, status=400)
    add_comment(claim, actor=request.user, side=Actor.PARTNER, text=form.cleaned_data["text"])
    messages.success(request, _("Your comment is added."))
    return redirect(f"{claim.get_absolute_url()}#comments")


@require_http_methods(["GET", "HEAD", "POST"])
@claim_action("correct_contact")
def contact(request: HttpRequest, claim: Claim, role: str) -> HttpResponse:
    """Name a better contact where a notice did not arrive [R21]."""
    if role not in CUSTOMER_ROLES:
        raise Http404
    before = get_object_or_404(claim.contacts, role=role)
    if request.method == "POST":
        return _correct(request, claim, before)
    if not notices.may_correct(claim):
        messages.warning(
            request, _("No notice of this claim has failed, so there is no contact to correct.")
        )
        return redirect(claim)
    initial = {name: getattr(before, name) for name in ("name", "title", "email", "language")}
    form = ContactForm(initial=initial, claim=claim, role=ContactRole(before.role))
    return _show_contact(request, claim, before, form)


def _correct(request: HttpRequest, claim: Claim, before: Contact) -> HttpResponse:
    form = ContactForm(request.POST, claim=claim, role=ContactRole(before.role))
    if not form.is_valid():
        return _show_contact(request, claim, before, form, status=400)
    data = form.cleaned_data
    try:
        fresh = notices.correct_contact(claim, actor=request.user, role=before.role, **data)
    except LifecycleError as error:
        before.refresh_from_db()
        if all(getattr(before, name) == value for name, value in data.items()):
            return redirect(claim)  # a second click: it is the contact already
        return _show_contact(request, claim, before, form, status=CONFLICT, conflict=str(error))
    if fresh.is_unconfirmed:
        words = _("%(email)s is saved. The reviewers must confirm this person first.")
        messages.warning(request, words % data)
        return redirect(claim)
    messages.success(request, _("The new notice is on its way to %(email)s.") % data)
    if is_outside_tenant(claim, data["email"]):
        messages.warning(
            request,
            _("%(email)s is outside the customer's domains. The reviewers see this as well.")
            % data,
        )
    return redirect(claim)


def _show_contact(request, claim, before, form, *, status: int = 200, **more) -> HttpResponse:
    failed = claim.notices.filter(status=NoticeStatus.FAILED, role=before.role).first()
    context = {"claim": claim, "contact": before, "failed": failed, "form": form, **more}
    return render(request, "associations/claim_contact.html", context, status=status)
