"""Page 5: files of proof, which ``associations.proof.documents`` checks [R11]."""

from associations.forms.proof import TakesFiles, make_files_field

from .base import FilingForm


class ProofForm(TakesFiles, FilingForm):
    """Only provides the field: each file is checked by itself, so that the good ones are kept."""

    def configure(self) -> None:
        self.fields["files"] = make_files_field()
