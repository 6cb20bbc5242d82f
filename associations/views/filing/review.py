"""Page 6: all answers on one page, then submission, once [R13], [R14]."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...claims import visible
from ...claims.lifecycle import LifecycleError, StaleClaim
from ...enums import ContactRole
from ...filing import submission
from ...filing.contacts import contacts_outside_tenant
from ...filing.own_claims import find_unfit, read_products
from ...forms.filing.contacts import describe_outside
from ...forms.filing.review import ReviewForm
from ...forms.one_act import OneAct
from ...models import Claim
from ...proof.documents import find_current
from ..access import find_people_who_may, has_role, render_forbidden
from .base import FilingPage, is_kept, read_revision


class ReviewPage(FilingPage, OneAct):
    """Check a draft and submit it. A reviewer's later request is answered on another page."""

    name, title = "review", gettext_lazy("Review")
    question = gettext_lazy("Check your answers")
    form = ReviewForm

    def respond(self) -> HttpResponse:
        return super().respond() if self.claim.is_draft else self.lead_back()

    def describe(self) -> dict[str, Any]:
        """Return everything that the page shows, in few queries."""
        claim, may = self.claim, self._may_submit()
        people = {contact.role: contact for contact in claim.contacts.all()}
        return {
            "missing": [
                (page, self.missing[name])
                for name, page in self.pages.items()
                if name in self.missing
            ],
            "covering": self._list_covering() if "products" in self.missing else [],
            "contested": list_contested(claim),
            "outside": [describe_outside(each) for each in contacts_outside_tenant(claim)],
            "associations": claim.associations.select_related("product", "subscription"),
            "contacts": [
                (str(role), ContactRole(role).label, people.get(role))
                for role in claim.roles_needed
            ],
            "documents": find_current(claim),
            "programs": claim.programs.all(),
            "comments": claim.comments.select_related("author"),
            "may_hand_over": may,
            "people_who_may": [] if may else find_people_who_may(claim),
        }

    def save(self, *, revision: int | None) -> HttpResponse:
        """Hand the claim over, or keep the words for later."""
        if is_kept(self.request):
            return super().save(revision=revision)
        if self.is_leaving:
            return self._leave()
        if not self._may_submit():
            return render_forbidden(self.request, self.claim)
        return self.take()

    def act(self, form: ReviewForm) -> Claim:
        comment, revision = form.cleaned_data["comment"], read_revision(self.request)
        return submission.submit_claim(
            self.claim,
            actor=self.request.user,
            comment=comment,
            revision=revision,
            now=timezone.now(),
        )

    def reload(self) -> None:
        self.claim.refresh_from_db()

    def is_repeated(self, form: ReviewForm) -> bool:
        """Has the claim been submitted, perhaps by a colleague?"""
        return not self.claim.is_draft

    def refuse(self, form, error: LifecycleError) -> HttpResponse:
        problem = {"words": str(error), "is_stale": isinstance(error, StaleClaim)}
        return self.show(form, status=409, problem=problem)

    def finish(self, form: ReviewForm, done: Claim) -> HttpResponse:
        messages.success(self.request, _("Submitted. We'll email you when the review starts."))
        return redirect(self.claim)

    def lead_back(self) -> HttpResponse:
        """Redirect from this page, which only drafts have: to the answer to a request, else to the claim."""
        if self.request.user.has_perm("associations.answer_claim", self.claim):
            return redirect("associations:claim-answer", self.claim.reference)
        if self.request.method == "POST" and not is_kept(self.request):
            words = _("This claim has already been submitted. Its status is “%(status)s”.")
            messages.info(self.request, words % {"status": self.claim.get_status_display()})
        return redirect(self.claim)

    def _may_submit(self) -> bool:
        return has_role(self.request.user, self.claim, "submit_claim")

    def _leave(self) -> HttpResponse:
        form = self.make_form(self.request.POST)
        try:
            self.keep_typed({name: each for name, each in form.list_typed().items() if any(each)})
        except LifecycleError as error:
            return self.refuse(form, error)
        self.tell_saved()
        return self.lead_on()

    def _list_covering(self) -> list[Claim]:
        """Return those of the company's claims that already cover a product and that the person may see."""
        products = read_products(self.claim)
        unfit = find_unfit(self.claim, products, reader=self.request.user, now=timezone.now())
        errors = unfit.values()
        return list(dict.fromkeys(each.covering for each in errors if each.covering))


def list_contested(claim: Claim) -> list[str]:
    """Return the claim's products that another partner holds or has claimed, but never who [R13]."""
    rows = claim.associations.select_related("product")
    names = {row.slot_key: str(row.product) for row in rows}
    contested = visible.find_contested_slots(claim.partner_id, list(names), now=timezone.now())
    return [name for slot, name in names.items() if slot in contested]
