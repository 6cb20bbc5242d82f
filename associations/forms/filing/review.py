"""Page 6: what is confirmed before the claim goes to the reviewers."""

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from associations.models.comment import WORDS_MAX
from cpor_site.web.form_layout import make_helper

from .base import FilingForm

_COMMENT = Div("comment", css_class="panel")


class ReviewForm(FilingForm):
    """Acknowledgements and a comment, for a draft; ``comment_helper`` is for those who cannot submit it."""

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
    comment = forms.CharField(
        label=_("Comment to the reviewer (optional)"),
        max_length=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    helper = make_helper(
        Fieldset(
            _("Before you submit"),
            *("is_true", "is_known", "is_told"),
            css_class="panel filing-acknowledge",
        ),
        _COMMENT,
    )
    comment_helper = make_helper(_COMMENT)
