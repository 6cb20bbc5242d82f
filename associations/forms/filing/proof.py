"""Page 5: files of proof. What they are is checked by ``associations.documents`` [R11]."""

from django import forms
from django.utils.translation import gettext_lazy as _

from associations.documents import BYTES_MAX, FILES_MAX

from .base import FilingForm

ACCEPT = ".pdf,.docx,.xlsx,.png,.jpg,.jpeg"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ProofForm(FilingForm):
    """Only draws the field: each file is judged alone, so that good ones stay beside bad ones."""

    bytes_max = BYTES_MAX
    megabytes_max = BYTES_MAX // 1024**2
    files_max = FILES_MAX

    def configure(self) -> None:
        widget = FilesInput(attrs={"multiple": True, "accept": ACCEPT, "class": "form-control"})
        self.fields["files"] = forms.Field(label=_("Add files"), required=False, widget=widget)
