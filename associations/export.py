"""The claims list as a file: what is filtered, streamed, safe to open in a spreadsheet [R46]."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.db.models import Prefetch, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

from .messages import describe_deadline
from .models import Association, Claim

#: Rows read at once; between two reads no transaction stays open.
BUFFER = 500
#: What a spreadsheet would take for the start of a formula: where a cell begins, or would begin if the
#: file were read with another separator than it was written with. Blanks before it do not keep it out.
FORMULA_START = re.compile(r"((?:^|[,;\t\r\n])[\" ]*)(?=[=+\-@＝＋－＠])")
#: A tab or line end at the start moves the rest to a cell of its own.
BREAK_START = re.compile(r"^(?=[\t\r\n])")


def escape_formula(value: str) -> str:
    """Put an apostrophe before whatever a spreadsheet would run, with any separator."""
    return BREAK_START.sub("'", FORMULA_START.sub(r"\1'", value))


def find_delimiter() -> str:
    """What parts the values for spreadsheets in the reader's language.

    They expect semicolons where the language writes decimals with a comma.
    """
    return ";" if formats.get_format("DECIMAL_SEPARATOR") == "," else ","


def stream_csv(claims: QuerySet[Claim]) -> Iterator[bytes]:
    """Give the claims, newest first, as UTF-8 with a byte order mark, buffer by buffer."""
    writer = csv.writer(_Echo(), delimiter=find_delimiter())
    yield b"\xef\xbb\xbf" + writer.writerow(_headers()).encode()
    for buffer in _read_buffers(claims):
        yield "".join(writer.writerow(_cells(claim)) for claim in buffer).encode()


def _headers() -> list[str]:
    return [
        _("Reference"),
        _("Name of the claim"),
        _("Status"),
        _("Customer"),
        _("Customer domain"),
        _("Tenant ID"),
        _("Location"),
        _("Partner ID"),
        _("Solution area"),
        _("Activity"),
        _("Products"),
        _("Submitted (UTC)"),
        _("Whose turn"),
        _("Deadline"),
        _("Rejected because"),
    ]


def _cells(claim: Claim) -> list[str]:
    products = [str(each.product) for each in claim.associations.all()]
    return [
        escape_formula(str(value or ""))
        for value in (
            claim.reference,
            claim.name,
            claim.get_status_display(),
            claim.tenant,
            claim.customer_domain,
            claim.tenant and claim.tenant.tenant_id,
            claim.location.name,
            claim.location.partner_code,
            claim.get_solution_area_display(),
            claim.get_activity_display(),
            ", ".join(products),
            claim.submitted_at and f"{claim.submitted_at:%Y-%m-%d %H:%M}",
            claim.get_turn_display(),
            describe_deadline(claim.due_at, claim.due_time_zone),
            claim.get_rejection_reason_display(),
        )
    ]


def _read_buffers(claims: QuerySet[Claim]) -> Iterator[Iterable[Claim]]:
    """Read on from the last row each time: no claim is forgotten, no transaction stays open."""
    products = Prefetch("associations", Association.objects.select_related("product"))
    rows = claims.select_related("tenant", "location").prefetch_related(products).order_by("-pk")
    buffer = list(rows[:BUFFER])
    while buffer:
        yield buffer
        buffer = list(rows.filter(pk__lt=buffer[-1].pk)[:BUFFER])


class _Echo:
    """Gives back what csv writes, instead of keeping it."""

    def write(self, text: str) -> str:
        return text
