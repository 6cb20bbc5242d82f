"""What the page of an imported file shows: where it stands, what it changes, what is wrong."""

from ..enums import RowOutcome
from ..models import ImportFile

#: Rows of each outcome on the page; the file to download has all rows with errors that were kept.
ROWS_SHOWN = 200


def describe_report(import_file: ImportFile) -> dict:
    """Return the context of a report; a fixed number of queries."""
    problems = list(import_file.problems[: ROWS_SHOWN + 1])
    return {
        "import_file": import_file,
        "problems": problems[:ROWS_SHOWN],
        "has_more_problems": len(problems) > ROWS_SHOWN,
        "unlisted": import_file.count_unlisted(),
        "changed": list(import_file.rows.filter(outcome=RowOutcome.CHANGED)[:ROWS_SHOWN]),
        "added": list(import_file.rows.filter(outcome=RowOutcome.NEW)[:ROWS_SHOWN]),
        "earlier": find_earlier(import_file),
    }


def find_earlier(import_file: ImportFile) -> ImportFile | None:
    """Return an earlier load of the same bytes, which explains why nothing changed, or None.

    A partner's files are shown to those who uploaded them only, and so are earlier ones [R41].
    """
    same = ImportFile.objects.filter(
        kind=import_file.kind,
        partner=import_file.partner_id,
        sha256=import_file.sha256,
        pk__lt=import_file.pk,
        state=ImportFile.State.DONE,
    )
    if import_file.partner_id is not None:
        same = same.filter(loaded_by=import_file.loaded_by_id)
    return same.exclude(sha256="").order_by("-pk").first()
