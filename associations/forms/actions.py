"""What a person says when they act on a claim."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.enums import Language

from ..enums import ContactRole
from ..filing.contacts import describe_wrong_side
from ..models import Claim
from ..models.comment import WORDS_MAX
from .people import make_contact_field
from .proof_files import TakesFiles, make_files_field

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The reviewers and everybody at your company who sees this claim can read it."),
        error_messages={"required": _("Write your comment first.")},
    )


class ActionForm(forms.Form):
    """A form about a claim as its page showed it; an old page is found out by ``revision``."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


def _make_words(
    label: "StrOrPromise", *, required: "StrOrPromise" = "", help_text: "StrOrPromise" = ""
) -> forms.CharField:
    """A field for words; ``required`` is the error where none were written."""
    return forms.CharField(
        label=label,
        required=bool(required),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=help_text,
        error_messages={"required": required} if required else {},
    )


class WithdrawForm(ActionForm):
    words = _make_words(
        _("Why do you withdraw it?"),
        required=_("Say why you withdraw the claim."),
        help_text=_("It is kept in the claim's history, where the reviewers see it."),
    )


class DisputeForm(TakesFiles, ActionForm):
    """Words, files or both; whether there is anything new is seen when the files are judged."""

    words = _make_words(
        _("Why is the rejection wrong?"),
        help_text=_("Answer the reviewer's words, and say where your proof shows it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["files"] = make_files_field()


class AnswerForm(ActionForm):
    words = _make_words(
        _("Your answer"),
        required=_("Say what you added or changed."),
        help_text=_("Say what you added or changed, so that the reviewer finds it."),
    )


class DiscardForm(ActionForm):
    """Asks for no words, since the reviewers have not seen the draft. ``files`` is how many it has."""

    files = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ContactForm(forms.Form):
    """A better contact for a notice that did not arrive [R21]."""

    language = forms.ChoiceField(
        label=_("Language of the notice"), choices=Language.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args, claim: Claim, role: ContactRole, **kwargs):
        super().__init__(*args, **kwargs)
        self.claim = claim
        for part in ("name", "title", "email"):
            self.fields[part] = make_contact_field(role, part)
        self.order_fields(("name", "title", "email", "language"))

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        own = self.claim.contacts.filter(role=ContactRole.PARTNER).values_list("email", flat=True)
        words = describe_wrong_side(self.claim.partner, email, partner_email=next(iter(own), ""))
        if words:
            raise forms.ValidationError(words)
        return email
