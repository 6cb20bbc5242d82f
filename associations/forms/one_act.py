"""The one way to act: show a form, take it, do one thing. Pages of partners and of staff share it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from ..claims.lifecycle import LifecycleError

INVALID, CONFLICT = 400, 409


class OneAct:
    """Take a form and do one thing with what it is about.

    A form with errors is shown again with 400, one that the domain refuses with 409 and the reason; both
    keep all that was typed. A second click changes nothing and leads where the first one did.
    """

    request: HttpRequest

    def take(self) -> HttpResponse:
        """Do it by the form that was sent, or say why not."""
        form = self.make_form(self.request.POST)
        try:
            if not self.is_right(form):
                return self.show(form, status=INVALID)
            done = self.act(form)
        except LifecycleError as error:
            self.reload()
            return self.lead_back() if self.is_repeated(form) else self.refuse(form, error)
        return self.finish(form, done)

    def make_form(self, data=None) -> Any:
        """Make the form: as it was sent, or fresh."""
        raise NotImplementedError

    def is_right(self, form) -> bool:
        """May it be done as it was sent? Errors are in the form then. May raise LifecycleError."""
        return form.is_valid()

    def act(self, form) -> Any:
        """Do it. Raises LifecycleError, with nothing changed."""
        raise NotImplementedError

    def reload(self) -> None:
        """Read again what it is about: it may have been changed since."""

    def is_repeated(self, form) -> bool:
        """Has this very thing been done by the same person, so that this is a second click?"""
        return False

    def refuse(self, form, error: LifecycleError) -> HttpResponse:
        """Say why nothing was changed, and keep what was typed."""
        return self.show(form, status=CONFLICT, conflict=str(error))

    def show(self, form, *, status: int = 200, **more) -> HttpResponse:
        """Render the page; ``conflict`` among ``more`` says why nothing was changed."""
        raise NotImplementedError

    def finish(self, form, done) -> HttpResponse:
        """Say that it is done, and lead on."""
        raise NotImplementedError

    def lead_back(self) -> HttpResponse:
        """Lead where one goes when it is done."""
        raise NotImplementedError


def catch_up(form: forms.BaseForm, **now: int) -> None:
    """Keep what was typed in a bound form; its hidden fields named in ``now`` speak of the present."""
    typed = form.data.copy()  # type: ignore[attr-defined]  # what a browser sends is a QueryDict
    for name, value in now.items():
        typed[name] = str(value)
    form.data = typed
