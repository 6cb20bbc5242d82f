"""Claims as a kind of import: each row is checked as the form would, and becomes a draft [R47].

The draft's filing key is made of the row, so that the same row never makes two drafts [R14].
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cpor_site.web.addresses import fold_address
from partners.models import Location

from ..claims.lifecycle import LifecycleError
from ..enums import ContactRole, ImportKind, RowOutcome
from ..imports.kinds import Kind, Row, Run
from ..imports.rows import Plan, RowError
from ..models import Claim, Tenant
from . import drafts
from .bulk_columns import COLUMNS, ClaimRow, read_claim
from .bulk_known import Filing, Known, find_partner, look_up, make_slot, refuse
from .contacts import describe_wrong_side
from .drafts import Pick
from .subscriptions import UnfitSubscription

ROWS_MAX = 5_000


@dataclass(frozen=True)
class _Draft:
    row: ClaimRow
    location: Location
    tenant: Tenant
    picks: list[Pick]
    contacts: dict[str, dict[str, str]]


class ClaimKind(Kind):
    """Files of claims, which a partner's people upload for themselves."""

    code = ImportKind.CLAIMS
    about = gettext_lazy(
        "One row for each claim. The rows are checked first; then you decide whether to make drafts of them."
    )
    columns = COLUMNS
    batch = 100
    rows_max = ROWS_MAX
    at_once_bytes = 0

    def read(self, fields: dict[str, str], run: Run) -> ClaimRow:
        return read_claim(fields, partner_id=find_partner(run).pk)

    def look_up(self, rows: Iterable[Row], run: Run) -> Known:
        return look_up([row for row in rows if isinstance(row, ClaimRow)], run)

    def place(self, row: ClaimRow, found: Known, run: Run) -> Plan:  # type: ignore[override]
        filing = found.filing
        if row.code not in filing.locations:
            raise refuse("partner_id", row.code, _("This is not one of your locations."))
        tenant = found.tenants.get((row.domain, row.tenant_id))
        if tenant is None:
            raise refuse("tenant_id", row.tenant_id, drafts.UNKNOWN_CUSTOMER)
        if words := filing.describe_missing(row, now=run.now):
            raise refuse("activity", row.activity, words)
        picks = found.picks[row.key]
        if isinstance(picks, RowError):
            raise picks
        _require_none_own(row, tenant, picks, found)
        draft = _Draft(
            row, filing.locations[row.code], tenant, picks, _complete_contacts(row, tenant, filing)
        )
        title = f"{tenant} · {row.name} · {', '.join(str(each.product) for each in picks)}"
        is_filed = row.filing_key in found.filed
        return Plan(RowOutcome.SAME if is_filed else RowOutcome.NEW, draft, title)

    def save(self, plans: list[Plan], run: Run) -> list[tuple[Plan, RowError]]:
        failed = []
        for plan in plans:
            try:
                with transaction.atomic():
                    make_draft(plan.what, run)
            except LifecycleError as error:
                failed.append((plan, refuse("", "", error)))
        return failed


def make_draft(draft: _Draft, run: Run) -> Claim:
    """Make a draft of a checked row, through the functions of the pages; it then lacks only its proof."""
    row, actor, now = draft.row, run.file.loaded_by, run.now
    claim = drafts.start_claim(
        partner=find_partner(run),
        location=draft.location,
        actor=actor,
        now=now,
        filing_key=row.filing_key,
        tenant=draft.tenant,
        customer_domain=row.domain,
    )
    claim = drafts.save_facts(
        claim,
        actor=actor,
        now=now,
        solution_area=row.area,
        activity=row.activity,
        name=row.name,
    )
    drafts.choose_products(claim, draft.picks, actor=actor, now=now)
    facts: dict[str, Any] = row.facts_of_revenue
    return drafts.save_contacts(claim, draft.contacts, actor=actor, now=now, **facts)


def _require_none_own(row: ClaimRow, tenant: Tenant, picks: list[Pick], found: Known) -> None:
    if row.filing_key in found.filed:
        return  # it is this row's own draft, perhaps submitted since
    claim = Claim(partner=found.filing.partner, tenant=tenant, activity=row.activity)
    for pick in picks:
        try:
            found.own.require_none(claim, pick.product, make_slot(row, tenant, pick))
        except UnfitSubscription as error:
            raise refuse("products", pick.product.code, error) from None


def _complete_contacts(row: ClaimRow, tenant: Tenant, filing: Filing) -> dict[str, dict[str, str]]:
    """Return the contacts with what the form would fill in; raise RowError for a wrong address."""
    actor = filing.actor
    partner = row.people[ContactRole.PARTNER] or {"name": actor.full_name, "email": actor.email}
    contacts = {ContactRole.PARTNER.value: dict(partner)}
    contacts[ContactRole.PARTNER]["language"] = filing.languages.get(
        fold_address(partner["email"]), actor.language
    )
    for role, person in row.people.items():
        if role == ContactRole.PARTNER:
            continue
        words = describe_wrong_side(filing.partner, person["email"], partner_email=partner["email"])
        if words:
            raise refuse(f"{role}_email", person["email"], words)
        contacts[str(role)] = {"language": tenant.language, **person}
    return contacts


CLAIMS = ClaimKind()
