"""A partner's page that does one thing with a claim: GET shows it, only POST acts."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django.views.decorators.http import require_http_methods

from ..claims.history import By
from ..claims.lifecycle import LifecycleError, NotNow
from ..claims.repeats import is_repeated
from ..enums import InformationReason, Status
from ..forms.one_act import OneAct, catch_up
from ..models import Claim
from .access import claim_action

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class ActPage(OneAct, View):
    """One thing to do with a claim. A subclass defines the form and the act."""

    action: ClassVar[str]  # a short name of ``rules.PARTNER_ACTIONS``
    form: ClassVar[type[forms.Form]]
    template: ClassVar[str]
    #: Shown when it is done.
    done: "ClassVar[StrOrPromise]" = ""
    #: The status that the act leads to, by which a second click is recognised.
    target: ClassVar[Status | None] = None

    claim: Claim

    @classmethod
    def as_page(cls, decorate: Callable = lambda view: view) -> Callable[..., HttpResponse]:
        """Return the view, restricted to roles that allow the action; ``decorate`` wraps that check."""
        view = claim_action(cls.action)(cls.as_view())
        return require_http_methods(["GET", "HEAD", "POST"])(decorate(view))

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.claim = args[0]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.turn_away() or self.show(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.take()

    def turn_away(self) -> HttpResponse | None:
        """Redirect to the claim, and say why, if this cannot be done now; else return None."""
        words = self.explain_closed()
        if not words:
            return None
        messages.warning(self.request, words)
        return redirect(self.claim)

    def explain_closed(self) -> str:
        """Return why this cannot be done now, or "" if it can."""
        is_open = self.request.user.has_perm(f"associations.{self.action}", self.claim)
        return "" if is_open else str(NotNow(self.claim))

    def make_form(self, data=None) -> Any:
        return self.form(data, initial=self.read_initial())

    def read_initial(self) -> dict[str, Any]:
        return {"revision": self.claim.revision}

    def describe(self) -> dict[str, Any]:
        """Return what the page shows besides claim and form."""
        return {}

    def show(self, form, *, status: int = 200, **more) -> HttpResponse:
        context = {"claim": self.claim, "form": form, **self.describe(), **more}
        return render(self.request, self.template, context, status=status)

    def reload(self) -> None:
        self.claim.refresh_from_db()

    def is_repeated(self, form) -> bool:
        words = form.cleaned_data.get("words", "")
        by = By.partner(self.request.user)
        return self.target is not None and is_repeated(
            self.claim, by=by, words=words, target=self.target
        )

    def refuse(self, form, error: LifecycleError) -> HttpResponse:
        """Show the form again with what was typed, and what its hidden fields say now, to be sent again."""
        now = self.read_initial()
        catch_up(form, **{each.name: now[each.name] for each in form.hidden_fields()})
        return self.show(
            form,
            status=409,
            conflict=str(error),
            missing=getattr(error, "missing", {}),
            is_open=not self.explain_closed(),
        )

    def finish(self, form, done) -> HttpResponse:
        messages.success(self.request, self.done)
        return self.lead_back()

    def lead_back(self) -> HttpResponse:
        return redirect(self.claim)


def list_reasons(claim: Claim) -> list:
    """Return what the reviewer asked for if the partner has to answer, else [] [R17]."""
    if claim.status != Status.ACTION_REQUIRED:
        return []
    return [InformationReason(code).label for code in claim.information_reasons]
