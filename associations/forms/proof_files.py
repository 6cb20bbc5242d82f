"""The field that takes files of proof; each file is judged alone by ``associations.documents`` [R11]."""

from django import forms
from django.utils.translation import gettext_lazy as _

from associations.documents import BYTES_MAX, FILES_MAX

ACCEPT = ".pdf,.docx,.xlsx,.png,.jpg,.jpeg"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class TakesFiles:
    """What ``components/proof_files.html`` says about files; a form with it has a field ``files``."""

    bytes_max = BYTES_MAX
    megabytes_max = BYTES_MAX // 1024**2
    files_max = FILES_MAX


def make_files_field() -> forms.Field:
    """Only draws the field, so that good files stay beside bad ones."""
    widget = FilesInput(attrs={"multiple": True, "accept": ACCEPT, "class": "form-control"})
    return forms.Field(label=_("Add files"), required=False, widget=widget)
