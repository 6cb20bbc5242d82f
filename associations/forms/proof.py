"""The field that takes files of proof; ``associations.proof.documents`` checks each file [R11]."""

from django import forms
from django.utils.translation import gettext_lazy as _

from associations.proof.documents import BYTES_MAX, FILES_MAX
from associations.proof.filetypes import TYPE_OF


class TakesFiles:
    """What ``components/proof_files.html`` says about files; a form with it has a field ``files``."""

    accept = ",".join(f".{extension}" for extension in TYPE_OF)
    bytes_max = BYTES_MAX
    megabytes_max = BYTES_MAX // 1024**2
    files_max = FILES_MAX


def make_files_field() -> forms.Field:
    """Return a field that validates nothing: the template draws it, and each file is checked by itself."""
    return forms.Field(label=_("Add files"), required=False, widget=forms.FileInput())
