"""Page 6: what is confirmed before the claim goes to the reviewers."""

from copy import copy
from typing import cast

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from associations.models.comment import WORDS_MAX
from cpor_site.web.form_layout import make_helper

from .base import FilingForm

ACKNOWLEDGEMENTS = ("is_true", "is_known", "is_told")
_COMMENT = Div("comment", css_class="panel")


def _make_acknowledgements() -> Fieldset:
    return Fieldset(_("Before you submit"), *ACKNOWLEDGEMENTS, css_class="panel filing-acknowledge")


class Acknowledgements(forms.Form):
    """What the person who submits confirms."""

    is_true = forms.BooleanField(
        label=_("My company did this work for the customer, and the files prove it."),
        error_messages={"required": _("Confirm that your company did this work.")},
    )
    is_known = forms.BooleanField(
        label=_(
            "The customer knows about this claim, and I'm allowed to share these contacts' details."
        ),
        error_messages={"required": _("Confirm that the customer knows about this claim.")},
    )
    is_told = forms.BooleanField(
        label=_(
            "I understand that the customer will be notified and can opt out or end this at any "
            "time."
        ),
        error_messages={
            "required": _("Confirm that you understand that the customer can opt out.")
        },
    )


def _in_the_plural(name: str, label) -> forms.BooleanField:
    """Return an acknowledgement with the words for several drafts; its errors stay the same."""
    field = cast("forms.BooleanField", copy(Acknowledgements.base_fields[name]))
    field.label = label
    return field


class SubmitManyForm(Acknowledgements):
    """The acknowledgements of many drafts, asked once for all [R47]."""

    is_true = _in_the_plural(
        "is_true", _("My company did this work for these customers, and the files prove it.")
    )
    is_known = _in_the_plural(
        "is_known",
        _(
            "The customers know about these claims, and I'm allowed to share these contacts' details."
        ),
    )
    is_told = _in_the_plural(
        "is_told",
        _(
            "I understand that the customers will be notified and can opt out or end this at any "
            "time."
        ),
    )
    helper = make_helper(_make_acknowledgements())


class ReviewForm(Acknowledgements, FilingForm):
    """Acknowledgements and a comment, for a draft; ``comment_helper`` is for those who cannot submit it."""

    comment = forms.CharField(
        label=_("Comment to the reviewer (optional)"),
        max_length=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    helper = make_helper(_make_acknowledgements(), _COMMENT)
    comment_helper = make_helper(_COMMENT)
