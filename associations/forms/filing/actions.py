"""The forms with which partners act on a claim."""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_layout import make_helper
from partners.enums import Language

from ...enums import ContactRole
from ...filing.contacts import describe_wrong_side
from ...models import Claim
from ...models.comment import WORDS_MAX
from ..proof import TakesFiles, make_files_field
from .people import make_contact_field

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "The reviewers and everyone at your company who can see this claim can read it."
        ),
        error_messages={"required": _("Enter a comment.")},
    )
    helper = make_helper()


class ActionForm(forms.Form):
    """A form about a claim; ``revision`` tells whether the page it was sent from is out of date."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    helper = make_helper()


def _make_words(
    label: "StrOrPromise", *, required: "StrOrPromise" = "", help_text: "StrOrPromise" = ""
) -> forms.CharField:
    """Return a text field; ``required`` is the error if it is empty, "" for an optional one."""
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
        _("Why are you withdrawing this claim?"),
        required=_("Enter a reason for withdrawing."),
        help_text=_("This is kept in the claim's history, where the reviewers can read it."),
    )


class DisputeForm(TakesFiles, ActionForm):
    """A message, files or both; whether there is anything new is checked once the files are stored."""

    words = _make_words(
        _("Why is the rejection wrong?"),
        help_text=_("Respond to the reviewer's message and say where your proof shows it."),
    )
    helper = make_helper("words")  # the field for files follows the list of the claim's files

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["files"] = make_files_field()


class AnswerForm(ActionForm):
    words = _make_words(
        _("Your answer"),
        required=_("Say what you added or changed."),
        help_text=_("Tell the reviewer what you added or changed and where to find it."),
    )


class DiscardForm(ActionForm):
    """No reason is asked for: no one outside the company has seen a draft.

    ``known_files`` is how many files the draft had when its page was shown.
    """

    known_files = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ContactForm(forms.Form):
    """Another contact for a notice that did not arrive [R21]."""

    language = forms.ChoiceField(
        label=_("Language of the notice"), choices=Language.choices, widget=forms.RadioSelect
    )
    helper = make_helper()

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
