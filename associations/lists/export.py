"""The claims list as a file: what is filtered, streamed, safe to open in a spreadsheet [R46]."""

import csv
import functools
import re
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet, TextChoices
from django.utils import formats
from django.utils.translation import gettext as _

from ..display.sentences import describe_deadline
from ..enums import Activity, Actor, RejectionReason, SolutionArea, Status
from ..models import Claim, Product

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
    labels = _Labels()
    yield b"\xef\xbb\xbf" + writer.writerow(_headers()).encode()
    for buffer in _read_buffers(claims):
        yield "".join(writer.writerow(_cells(claim, labels)) for claim in buffer).encode()


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


class _Labels:
    """The words of one export, each looked up once: translating them claim by claim took most of its time."""

    def __init__(self):
        self.stand = _translate(Status)
        self.area = _translate(SolutionArea)
        self.activity = _translate(Activity)
        self.turn = _translate(Actor)
        self.rejection = _translate(RejectionReason)
        self.products = dict(Product.objects.values_list("pk", "name"))
        # Windows end with a day of some zone, so that many claims share theirs.
        self.deadline = functools.lru_cache(maxsize=10_000)(describe_deadline)

    def list_products(self, claim: Claim) -> str:
        asked = claim.associations.all()
        # One that was added since the export began is looked up by itself.
        return ", ".join(self.products.get(each.product_id) or each.product.name for each in asked)


def _translate(choices: type[TextChoices]) -> dict[str, str]:
    return {"": "", **{value: str(label) for value, label in choices.choices}}


def _cells(claim: Claim, labels: _Labels) -> list[str]:
    submitted = claim.submitted_at
    return [
        escape_formula(str(value or ""))
        for value in (
            claim.reference,
            claim.name,
            labels.stand[claim.status],
            claim.tenant,
            claim.customer_domain,
            claim.tenant and claim.tenant.tenant_id,
            claim.location.name,
            claim.location.partner_code,
            labels.area[claim.solution_area],
            labels.activity[claim.activity],
            labels.list_products(claim),
            submitted and f"{submitted:%Y-%m-%d %H:%M}",
            labels.turn[claim.turn],
            labels.deadline(claim.due_at, claim.due_time_zone),
            labels.rejection[claim.rejection_reason],
        )
    ]


def _read_buffers(claims: QuerySet[Claim]) -> Iterator[Iterable[Claim]]:
    """Read on from the last row each time: no claim is forgotten, no transaction stays open."""
    rows = claims.select_related("tenant", "location").prefetch_related("associations")
    rows = rows.order_by("-pk")
    buffer = list(rows[:BUFFER])
    while buffer:
        yield buffer
        buffer = list(rows.filter(pk__lt=buffer[-1].pk)[:BUFFER])


class _Echo:
    """Gives back what csv writes, instead of keeping it."""

    def write(self, text: str) -> str:
        return text
