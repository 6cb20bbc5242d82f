"""Page 5: files of proof. What they are is checked by ``associations.proof.documents`` [R11]."""

from associations.forms.proof_files import TakesFiles, make_files_field

from .base import FilingForm


class ProofForm(TakesFiles, FilingForm):
    """Only draws the field: each file is judged alone, so that good ones stay beside bad ones."""

    def configure(self) -> None:
        self.fields["files"] = make_files_field()
