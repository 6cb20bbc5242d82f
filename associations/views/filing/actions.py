"""What a partner can do with a claim, one page each."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ...claims.lifecycle import LifecycleError
from ...customer import notices
from ...enums import Actor, ContactRole, NoticeStatus, Status
from ...filing import drafts, submission
from ...filing.comments import add_comment
from ...filing.contacts import CUSTOMER_ROLES, is_outside_tenant
from ...forms.filing.actions import AnswerForm, CommentForm, ContactForm, DiscardForm, WithdrawForm
from ...forms.filing.base import read_typed
from ...models import Claim, Contact
from ..access import claim_action
from ..act_page import ActPage, list_reasons
from ..claim import render_claim
from .base import find_target, is_kept
from .pages import PAGES

#: In the session: the draft discarded last, and where that led.
DISCARDED = "discarded"


class Withdraw(ActPage):
    """Withdraw a claim permanently [R2]."""

    action = "withdraw_claim"
    form = WithdrawForm
    template = "associations/claim_withdraw.html"
    done = gettext_lazy("The claim has been withdrawn.")
    target = Status.REJECTED

    def act(self, form) -> Claim:
        words, revision = form.cleaned_data["words"], form.cleaned_data["revision"]
        return submission.withdraw_claim(
            self.claim, actor=self.request.user, reason=words, revision=revision, now=timezone.now()
        )


class Answer(ActPage):
    """Answer a reviewer's request. An unsent answer is kept, as on the pages of filing [R17]."""

    action = "answer_claim"
    form = AnswerForm
    template = "associations/claim_answer.html"
    done = gettext_lazy("Your answer is with the reviewers.")
    target = Status.UNDER_REVIEW

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.keep() or self.take()

    def explain_closed(self) -> str:
        if self.claim.is_unanswered(at=timezone.now()):
            return str(submission.TOO_LATE_TO_ANSWER)
        return super().explain_closed()

    def read_initial(self) -> dict[str, Any]:
        return {**super().read_initial(), "words": self.claim.typed.get(submission.ANSWER, "")}

    def describe(self) -> dict[str, Any]:
        return {"reasons": list_reasons(self.claim)}

    def act(self, form) -> Claim:
        words, revision = form.cleaned_data["words"], form.cleaned_data["revision"]
        return submission.answer_request(
            self.claim, actor=self.request.user, answer=words, revision=revision, now=timezone.now()
        )

    def keep(self) -> HttpResponse | None:
        """Keep the answer if the button leads elsewhere first; return None if it is to be sent now.

        If the claim can no longer be edited, nothing is kept and the form is refused as usual.
        """
        target = find_target(self.request, self.claim, PAGES)
        if target is None and not is_kept(self.request):
            return None
        words = read_typed(self.request.POST.get("words", ""))
        try:
            drafts.keep_typed(
                self.claim, actor=self.request.user, page=submission.ANSWER, values=words
            )
        except LifecycleError:
            return None
        return HttpResponse(status=204) if target is None else redirect(target)


class Discard(ActPage):
    """Delete a draft."""

    action = "discard_claim"
    form = DiscardForm
    template = "associations/claim_discard.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.turn_away() or self.take()

    def read_initial(self) -> dict[str, Any]:
        return {**super().read_initial(), "known_files": self.claim.documents.count()}

    def act(self, form) -> None:
        with suppress(Claim.DoesNotExist):  # the second of two concurrent clicks
            drafts.discard_draft(self.claim, actor=self.request.user, **form.cleaned_data)

    def finish(self, form, done) -> HttpResponse:
        list_address = reverse("associations:claims", args=[self.claim.partner.key])
        self.request.session[DISCARDED] = (self.claim.reference, list_address)
        words = _("Draft %(claim)s has been discarded.") % {"claim": self.claim.reference}
        messages.success(self.request, words)
        return redirect(list_address)


class CorrectContact(ActPage):
    """Name another contact after a notice did not arrive [R21]."""

    action = "correct_contact"
    form = ContactForm
    template = "associations/claim_contact.html"

    contact: Contact

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["role"] not in CUSTOMER_ROLES:
            raise Http404
        self.contact = get_object_or_404(self.claim.contacts, role=kwargs["role"])

    def explain_closed(self) -> str:
        if notices.may_correct(self.claim):
            return super().explain_closed()
        return _("No notice for this claim has failed, so there is no contact to correct.")

    def make_form(self, data=None) -> ContactForm:
        role = ContactRole(self.contact.role)
        return ContactForm(data, initial=self.read_initial(), claim=self.claim, role=role)

    def read_initial(self) -> dict[str, Any]:
        return {
            name: getattr(self.contact, name) for name in ("name", "title", "email", "language")
        }

    def describe(self) -> dict[str, Any]:
        failed = self.claim.notices.filter(status=NoticeStatus.FAILED, role=self.contact.role)
        return {"contact": self.contact, "failed": failed.first()}

    def act(self, form) -> Claim:
        return notices.correct_contact(
            self.claim,
            actor=self.request.user,
            role=self.contact.role,
            **form.cleaned_data,
            now=timezone.now(),
        )

    def is_repeated(self, form) -> bool:
        """Is it the contact already, so that this is a second click?"""
        self.contact.refresh_from_db()
        return self.read_initial() == form.cleaned_data

    def finish(self, form, done: Claim) -> HttpResponse:
        data = form.cleaned_data
        if done.is_unconfirmed:
            words = _(
                "%(email)s has been saved. The reviewers must confirm this person before we send "
                "the notice."
            )
            messages.warning(self.request, words % data)
            return self.lead_back()
        words = _("The new notice is on its way to %(email)s.")
        messages.success(self.request, words % data)
        if is_outside_tenant(self.claim, data["email"]):
            words = _(
                "%(email)s is outside the customer's domains. The reviewers will see this as well."
            )
            messages.warning(self.request, words % data)
        return self.lead_back()


withdraw, answer, contact = Withdraw.as_page(), Answer.as_page(), CorrectContact.as_page()
_discard = Discard.as_page()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Show and handle the page that discards a draft. A second click leads where the first one did."""
    try:
        return _discard(request, reference)
    except Http404:
        discarded, list_address = request.session.get(DISCARDED, ("", ""))
        if request.method == "POST" and discarded == reference:
            return redirect(list_address)
        raise


@require_POST
@claim_action("comment_claim")
def comment(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Add a comment to the claim; the reviewers are told [R18]."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        return render_claim(request, claim, comment_form=form, status=400)
    add_comment(
        claim,
        actor=request.user,
        side=Actor.PARTNER,
        text=form.cleaned_data["text"],
        now=timezone.now(),
    )
    messages.success(request, _("Your comment has been added."))
    return redirect(f"{claim.get_absolute_url()}#comments")
