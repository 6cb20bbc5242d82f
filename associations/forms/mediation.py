"""What a partner sends from the page of a mediation: its statement, a dispute, newer proof [R33], [R35]."""

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from cpor_site.web.form_layout import make_helper

from ..models.comment import WORDS_MAX
from ..models.mediation import STATEMENT_MAX
from .proof import TakesFiles, make_files_field


class ProofForm(TakesFiles, forms.Form):
    """Newer proof alone, which every member can add."""

    helper = make_helper()
    helper.layout = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["files"] = make_files_field()


class StatementField(forms.CharField):
    """A short text whose line ends count as one character each, as people count them.

    The limit is a validator and not ``max_length``: the browser would silently truncate pasted text.
    """

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class StatementForm(ProofForm):
    """The statement, files or both; ``seen`` tells whether a colleague has given another one since."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    statement = StatementField(
        label=_("Your statement"),
        required=False,
        help_text=_(
            "At most 300 characters: what you did for this customer, and where your proof shows it. "
            "The reviewers read it, and they may show it to the customer. Other partners never see it."
        ),
        validators=[
            MaxLengthValidator(
                STATEMENT_MAX,
                message=ngettext_lazy(
                    "Your statement has %(show_value)d characters. Shorten it to %(limit_value)d.",
                    "Your statement has %(show_value)d characters. Shorten it to %(limit_value)d.",
                    "limit_value",
                ),
            )
        ],
    )
    helper = make_helper("statement")  # the field for files follows the list of the claim's files


class VerdictDisputeForm(ProofForm):
    """Why the decision is wrong, and newer proof if there is any."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("Why is the decision wrong?"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Respond to the decision above and say where your proof shows it."),
        error_messages={"required": _("Say why the decision is wrong.")},
    )
    helper = make_helper("words")
