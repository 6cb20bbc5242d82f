"""The one way to act: what becomes of a form that is wrong, refused, sent again, or taken. No database."""

import pytest
from django import forms
from django.http import HttpResponse
from django.test import RequestFactory

from associations.claims.lifecycle import LifecycleError
from associations.forms.one_act import OneAct, catch_up


class WordsForm(forms.Form):
    words = forms.CharField()
    revision = forms.IntegerField()


class Recorder(OneAct):
    """Notes what is asked of it, in order."""

    def __init__(self, *, refused="", repeated=False, **sent):
        self.request = RequestFactory().post("/", {"words": "Yes.", "revision": "3"} | sent)
        self.refused, self.repeated = refused, repeated
        self.steps = []

    def make_form(self, data=None):
        return WordsForm(data)

    def act(self, form):
        self.steps.append("act")
        if self.refused:
            raise LifecycleError(self.refused)
        return form.cleaned_data["words"]

    def reload(self):
        self.steps.append("reload")

    def is_repeated(self, form):
        return self.repeated

    def show(self, form, *, status=200, conflict="", **more):
        return HttpResponse(f"{form['words'].value()} {conflict}".strip(), status=status)

    def finish(self, form, done):
        self.steps.append(f"finish {done}")
        return self.lead_back()

    def lead_back(self):
        return HttpResponse("back", status=302)


def test_what_is_right_is_done():
    act = Recorder()

    assert act.take().status_code == 302
    assert act.steps == ["act", "finish Yes."]


@pytest.mark.parametrize("sent", [{"words": " "}, {"revision": "old"}])
def test_what_is_wrong_is_shown_again_and_not_done(sent):
    act = Recorder(**sent)

    answer = act.take()

    assert (answer.status_code, act.steps) == (400, [])
    assert answer.text.strip() == sent.get("words", "Yes.").strip()


def test_what_is_refused_is_shown_with_the_reason_and_what_was_typed():
    act = Recorder(refused="Too late.")

    answer = act.take()

    assert (answer.status_code, answer.text) == (409, "Yes. Too late.")
    assert act.steps == ["act", "reload"]


def test_a_second_click_leads_where_the_first_one_did():
    act = Recorder(refused="Done already.", repeated=True)

    assert act.take().status_code == 302
    assert act.steps == ["act", "reload"]


def test_a_form_that_catches_up_keeps_its_words():
    form = WordsForm(Recorder().request.POST)
    form.is_valid()

    catch_up(form, revision=7)

    assert [form[name].value() for name in ("words", "revision")] == ["Yes.", "7"]
