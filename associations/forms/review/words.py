"""What every form of a reviewer shares, and the forms that take words alone."""

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from ...models import Claim
from ...models.comment import WORDS_MAX


class ReviewForm(forms.Form):
    """A form about ``claim``; its hidden revision says which state of the claim the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data=None, *, claim: Claim):
        super().__init__(
            data, initial={"revision": claim.revision}, auto_id="review-%s", label_suffix=""
        )

    def list_asked(self) -> list[BoundField]:
        """Return the fields that stand in the form itself, in order."""
        return self.visible_fields()

    def values(self) -> dict:
        """Return the arguments of the domain function, besides claim and actor."""
        return dict(self.cleaned_data)


class WordsField(forms.CharField):
    """A text for the partner."""

    def __init__(self, *, rows: int = 5, **kwargs):
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(widget=widget, max_length=WORDS_MAX, **kwargs)


class BeginForm(ReviewForm):
    """Only the revision."""


class TextForm(forms.Form):
    """Words that change nothing else, so that they need no revision."""

    text: forms.Field
    prefix_of_ids = ""

    def __init__(self, data=None, *, claim: Claim | None = None):
        super().__init__(data, auto_id=f"{self.prefix_of_ids}-%s", label_suffix="")
        self.claim = claim

    def values(self) -> dict:
        return dict(self.cleaned_data)


class CommentForm(TextForm):
    """A comment to the partner [R18]."""

    prefix_of_ids = "comment"
    text = WordsField(
        rows=3,
        label=_("Your comment"),
        help_text=_("The partner will read this on the claim page and by email."),
        error_messages={"required": _("Enter a comment.")},
    )


class NoteForm(TextForm):
    """A note for the staff alone [R63]."""

    prefix_of_ids = "note"
    text = WordsField(
        rows=3,
        label=_("Your note"),
        help_text=_("Only staff will see this. No one is told by email."),
        error_messages={"required": _("Enter a note.")},
    )
