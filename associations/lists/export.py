"""The filtered claims list as a CSV file: streamed, and safe to open in a spreadsheet [R46]."""

import datetime as dt
import functools
from collections.abc import Iterator

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cpor_site.web.csv_files import write_csv

from ..display.lanes import Lane, find_lane
from ..display.sentences import describe_deadline
from ..enums import Activity, RejectionReason, SolutionArea, Status
from ..models import Claim, Product

#: Rows read at a time; no transaction stays open between two reads.
BUFFER = 500


def write_claims_csv(claims: QuerySet[Claim]) -> Iterator[bytes]:
    """Yield the claims, newest first, as a CSV file, buffer by buffer."""
    labels = Labels()
    buffers = ([_cells(claim, labels) for claim in buffer] for buffer in read_buffers(claims))
    yield from write_csv(list_headers(), buffers)


def list_headers() -> list[str]:
    """Return the headers of the columns of ``list_values``."""
    return [
        _("Reference"),
        _("Claim name"),
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
        pgettext("who has the claim", "With"),
        _("Deadline"),
        _("Rejection reason"),
    ]


class Labels:
    """The labels of one export, each translated once: doing so for each claim took most of the time."""

    def __init__(self):
        self.stand = _translate(Status)
        self.area = _translate(SolutionArea)
        self.activity = _translate(Activity)
        self.lane = _translate(Lane)
        self.rejection = _translate(RejectionReason)
        self.products = dict(Product.objects.values_list("pk", "name"))
        # Deadlines are ends of days, so many claims share one.
        self.deadline = functools.lru_cache(maxsize=10_000)(describe_deadline)

    def list_products(self, claim: Claim) -> str:
        asked = claim.associations.all()
        # A product that was added since the export started is looked up separately.
        return ", ".join(self.products.get(each.product_id) or each.product.name for each in asked)


def _translate(choices: type[TextChoices]) -> dict[str, str]:
    return {"": "", **{value: str(label) for value, label in choices.choices}}


def list_values(claim: Claim, labels: Labels) -> list[str | dt.datetime]:
    """Return what an export says of a claim, by column; "" for what it lacks."""
    return [
        claim.reference,
        claim.name,
        labels.stand[claim.status],
        str(claim.tenant or ""),
        claim.customer_domain,
        str(claim.tenant.tenant_id) if claim.tenant else "",
        claim.location.name,
        claim.location.partner_code,
        labels.area[claim.solution_area],
        labels.activity[claim.activity],
        labels.list_products(claim),
        claim.submitted_at or "",
        labels.lane[find_lane(claim)],
        labels.deadline(claim.due_at, claim.due_time_zone),
        labels.rejection[claim.rejection_reason],
    ]


def _cells(claim: Claim, labels: Labels) -> list[str]:
    return [
        value if isinstance(value, str) else f"{value:%Y-%m-%d %H:%M}"
        for value in list_values(claim, labels)
    ]


def read_buffers(claims: QuerySet[Claim]) -> Iterator[list[Claim]]:
    """Yield the claims, newest first, BUFFER at a time.

    Continue from the last row each time: no claim is skipped, and no transaction stays open.
    """
    rows = claims.select_related("tenant", "location").prefetch_related("associations")
    rows = rows.order_by("-pk")
    buffer = list(rows[:BUFFER])
    while buffer:
        yield buffer
        buffer = list(rows.filter(pk__lt=buffer[-1].pk)[:BUFFER])
