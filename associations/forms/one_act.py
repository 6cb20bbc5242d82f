"""One flow for every act: show a form, take it, do one thing. Pages of partners and staff share it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from ..claims.lifecycle import LifecycleError

INVALID, CONFLICT = 400, 409


class OneAct:
    """Take a form and do one thing with its object.

    A form with errors is shown again with 400, one that the domain refuses with 409 and the reason; both
    keep everything that was typed. A second click changes nothing and leads where the first one did.
    """

    request: HttpRequest

    def take(self) -> HttpResponse:
        """Act on the form that was sent, or say why not."""
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
        """Return the form, bound to ``data`` if that is given."""
        raise NotImplementedError

    def is_right(self, form) -> bool:
        """Is the form valid? If not, it has the errors. May raise LifecycleError."""
        return form.is_valid()

    def act(self, form) -> Any:
        """Do it. Raise LifecycleError, with nothing changed, if that is not possible."""
        raise NotImplementedError

    def reload(self) -> None:
        """Reload the object, which may have changed since."""

    def is_repeated(self, form) -> bool:
        """Is this a second click: has the same person already done exactly this?"""
        return False

    def refuse(self, form, error: LifecycleError) -> HttpResponse:
        """Say why nothing was changed, and keep what was typed."""
        return self.show(form, status=CONFLICT, conflict=str(error))

    def show(self, form, *, status: int = 200, **more) -> HttpResponse:
        """Render the page; ``conflict`` among ``more`` says why nothing was changed."""
        raise NotImplementedError

    def finish(self, form, done) -> HttpResponse:
        """Say that it is done, and redirect."""
        raise NotImplementedError

    def lead_back(self) -> HttpResponse:
        """Redirect to where one goes once it is done."""
        raise NotImplementedError


def catch_up(form: forms.BaseForm, **now: int) -> None:
    """Keep what was typed in a bound form, but set the hidden fields named in ``now``."""
    typed = form.data.copy()  # type: ignore[attr-defined]  # what a browser sends is a QueryDict
    for name, value in now.items():
        typed[name] = str(value)
    form.data = typed
