"""Forms as crispy-forms renders them: only fields, each error once, beside its field."""

import pytest
from crispy_forms.layout import Div
from crispy_forms.utils import render_crispy_form
from django import forms

from cpor_site.web.form_layout import make_filter_helper, make_helper


class SeatForm(forms.Form):
    shown = forms.CharField(widget=forms.HiddenInput, initial="admin")
    name = forms.CharField(help_text="As on the door.")
    place = forms.CharField(required=False)

    def clean(self):
        self.add_error("name", "Use fewer words.")
        raise forms.ValidationError("This seat is taken.")


def test_a_page_keeps_its_own_form_element_and_token():
    html = render_crispy_form(SeatForm(), make_helper(), {"csrf_token": "secret"})

    assert "<form" not in html
    assert "secret" not in html


def test_hidden_fields_need_no_place_in_a_layout():
    html = render_crispy_form(SeatForm(), make_helper(Div("name", css_class="panel")))

    assert 'name="shown" value="admin"' in html
    assert 'name="place"' not in html


def test_a_layout_with_an_unknown_field_fails():
    with pytest.raises(Exception, match="Could not resolve form field 'nome'"):
        render_crispy_form(SeatForm(), make_helper("nome"))


def test_each_error_of_a_field_is_a_paragraph_that_its_input_names():
    html = render_crispy_form(SeatForm({}), make_helper())

    assert html.count("This field is required.") == html.count("Use fewer words.") == 1
    assert html.count('<p id="error_') == 2
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html


def test_errors_of_the_whole_form_are_left_to_the_summary():
    assert "This seat is taken." not in render_crispy_form(SeatForm({}), make_helper())


def test_filters_say_nothing_of_what_they_ignore():
    helper = make_filter_helper(name="filter", place="filter")

    html = render_crispy_form(SeatForm({}), helper)

    assert 'id="div_id_name" class="mb-3 filter"' in html
    assert "This field is required." not in html
    assert 'name="shown"' not in html
