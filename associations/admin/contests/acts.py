"""What staff do on the board: decide a case, ask the customer, comment to one side."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from ...claims.lifecycle import LifecycleError
from ...contests import settling, verdicts
from ...contests.naming import NamesASide
from ...contests.verdicts import MediatorHasStake
from ...customer import questions
from ...enums import Actor, CaseStatus
from ...forms.contests import AskCustomerForm, CaseForm, DecideCaseForm, SideCommentForm
from ...forms.one_act import INVALID, OneAct, catch_up
from ...models import CaseSide, MediationCase
from ...review.mediation import comment_to_side

BOARDS = "admin:associations_mediationcase_changelist"


class CaseAct(OneAct):
    """An act on one case; ``find`` reads it again, and ``show`` renders the page with its form."""

    case: MediationCase

    def __init__(
        self,
        request: HttpRequest,
        case: MediationCase,
        *,
        find: Callable[[], MediationCase | None],
        show: Callable[..., HttpResponse],
    ):
        self.request, self.case = request, case
        self._find, self._show = find, show
        self.is_hidden = False

    def reload(self) -> None:
        """Read the case again; someone who just joined one of its partners no longer sees it [R19]."""
        found = self._find()
        self.is_hidden = found is None
        self.case = found or self.case

    def refuse(self, form, error: LifecycleError) -> HttpResponse:
        if self.is_hidden or isinstance(error, MediatorHasStake):
            messages.error(self.request, str(MediatorHasStake()))
            return redirect(BOARDS)
        return super().refuse(self.renew(form), error)

    def renew(self, form):
        """Return the form for the case as it is now, with what was typed."""
        return form

    def lead_back(self) -> HttpResponse:
        return redirect(self.case.get_admin_url())


class DecideAct(CaseAct):
    """Name who gets the product, or that no one does."""

    def make_form(self, data=None) -> DecideCaseForm:
        sides = self.case.sides.filter(left_at=None).select_related("partner", "claim")
        return DecideCaseForm(data, case=self.case, sides=sides)

    def act(self, form: DecideCaseForm) -> MediationCase:
        now = timezone.now()
        settling.settle_case(self.case.pk, now=now)  # what is due comes first
        return verdicts.decide_case(self.case, actor=self.request.user, now=now, **form.values())

    def is_repeated(self, form: DecideCaseForm) -> bool:
        """Did this person already decide so? A dispute of that decision waits for a new one."""
        values, case = form.values(), self.case
        decided = (case.decided_by_id, case.decider, case.winner_id, case.reason)
        again = (self.request.user.pk, Actor.STAFF, values["winner"], values["reason"])
        return decided == again and not case.is_decidable and not self.is_hidden

    def renew(self, form: DecideCaseForm) -> DecideCaseForm:
        catch_up(form, revision=self.case.revision)
        return self.make_form(form.data)

    def refuse(self, form: DecideCaseForm, error: LifecycleError) -> HttpResponse:
        if isinstance(error, NamesASide) and not self.is_hidden:
            form.add_error("reason", str(error))
            return self.show(form, status=INVALID)
        return super().refuse(form, error)

    def show(self, form, *, status: int = 200, conflict: str = "", **more) -> HttpResponse:
        return self._show(self.case, decide_form=form, problem=conflict, status=status)

    def finish(self, form, done: MediationCase) -> HttpResponse:
        messages.success(self.request, _("Decided. All sides have been told."))
        return self.lead_back()


class AskAct(CaseAct):
    """Ask the customer with which of the partners it works; a page of its own says who would be asked."""

    def open(self) -> HttpResponse:
        """Show whom the question would go to, or why it cannot be asked now."""
        form = self.make_form()
        if not self.case.is_askable:
            return self.show(form, status=409, conflict=str(questions.NotAskable()))
        return self.show(form)

    def make_form(self, data=None) -> AskCustomerForm:
        return AskCustomerForm(data, case=self.case)

    def act(self, form: CaseForm) -> MediationCase:
        now = timezone.now()
        settling.settle_case(self.case.pk, now=now)
        return questions.ask_customer(self.case, actor=self.request.user, now=now, **form.values())

    def is_repeated(self, form) -> bool:
        """Was the customer asked already, by this person or a colleague? Nothing is left to do."""
        return self.case.status == CaseStatus.ASKING and not self.is_hidden

    def renew(self, form: CaseForm) -> CaseForm:
        catch_up(form, revision=self.case.revision)
        return form

    def show(self, form, *, status: int = 200, conflict: str = "", **more) -> HttpResponse:
        return self._show(self.case, form, problem=conflict, status=status)

    def finish(self, form, done: MediationCase) -> HttpResponse:
        messages.success(self.request, _("The customer has been asked."))
        return self.lead_back()


class CommentAct(CaseAct):
    """Write to one side; the others never see it."""

    def __init__(self, request, case: MediationCase, side: CaseSide, **ways):
        super().__init__(request, case, **ways)
        self.side = side

    def make_form(self, data=None) -> SideCommentForm:
        return SideCommentForm(data, side=self.side)

    def act(self, form: SideCommentForm):
        text = form.cleaned_data["text"]
        return comment_to_side(self.side, actor=self.request.user, text=text, now=timezone.now())

    def refuse(self, form: SideCommentForm, error: LifecycleError) -> HttpResponse:
        if isinstance(error, NamesASide) and not self.is_hidden:
            form.add_error("text", str(error))
            return self.show(form, status=INVALID)
        return super().refuse(form, error)

    def show(self, form, *, status: int = 200, conflict: str = "", **more) -> HttpResponse:
        return self._show(self.case, comment_form=form, problem=conflict, status=status)

    def finish(self, form, done) -> HttpResponse:
        words = _("Your comment has been sent to %(partner)s alone.")
        messages.success(self.request, words % {"partner": self.side.partner})
        return self.lead_back()
