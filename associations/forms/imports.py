"""The upload of a file to import [R38], [R60]."""

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from cpor_site.web.form_layout import make_helper

from ..imports.receiving import MAX_UPLOAD_BYTES


def describe_size(size: int) -> str:
    """Format a size in bytes as ``filesizeformat`` does, but "50 MB", not "50.0 MB"."""
    nothing = formats.get_format("DECIMAL_SEPARATOR") + "0"
    number, unit = filesizeformat(size).split("\N{NO-BREAK SPACE}")
    return f"{number.removesuffix(nothing)}\N{NO-BREAK SPACE}{unit}"


class ImportFileForm(forms.Form):
    helper = make_helper()
    file = forms.FileField(
        label=_("CSV or XLSX file"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def __init__(self, data=None, files=None):
        super().__init__(data, files, auto_id="import-%s", label_suffix="")
        self.fields["file"].help_text = _("CSV as UTF-8 text, or a workbook; up to %(limit)s.") % {
            "limit": describe_size(MAX_UPLOAD_BYTES)
        }

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _("The file is %(size)s; the limit is %(limit)s. Split it into several files."),
                params={"size": describe_size(file.size), "limit": describe_size(MAX_UPLOAD_BYTES)},
            )
        return file
