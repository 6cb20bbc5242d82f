"""Tables for the import benchmarks, and the customers, products and partner that they name."""

import csv
import io
import uuid
from pathlib import Path

from associations.enums import SolutionArea
from associations.filing.bulk import CLAIMS
from associations.filing.catalogue import load_catalogue
from associations.models import Product, Tenant, TenantDomain
from associations.set_up.subscriptions import SUBSCRIPTIONS
from tests import cast

CUSTOMERS = 1_000


def make_customers() -> list[Tenant]:
    """Add a thousand customers with a domain each."""
    load_catalogue()
    tenants = Tenant.objects.bulk_create(
        Tenant(
            tenant_id=uuid.uuid4(),
            name=f"Customer {number:04d}",
            country="US",
            time_zone="America/New_York",
        )
        for number in range(CUSTOMERS)
    )
    TenantDomain.objects.bulk_create(
        TenantDomain(tenant=tenant, domain=f"customer-{number:04d}.example")
        for number, tenant in enumerate(tenants)
    )
    return tenants


def make_subscription_rows(tenants: list[Tenant], *, count: int) -> list[dict]:
    """Return the rows of a file of subscriptions, shared out among the customers."""
    area = SolutionArea.BUSINESS_APPLICATIONS
    codes = list(Product.objects.filter(solution_area=area).values_list("code", flat=True))
    return [
        {
            "subscription_id": str(uuid.uuid4()),
            "tenant_id": str(tenants[number % len(tenants)].tenant_id),
            "product": codes[number % len(codes)],
            "channel": "web-direct",
            "state": "active",
            "sold_seats": str(number % 500),
            "ends_on": "2099-06-30",
        }
        for number in range(count)
    ]


def make_claim_rows(tenants: list[Tenant], *, code: str, count: int) -> list[dict]:
    """Return the rows of a file of claims: two workloads each, one row in ten with an error."""
    return [
        {
            "partner_id": code,
            "customer_domain": f"customer-{number % CUSTOMERS:04d}.example",
            "tenant_id": str(tenants[(number + number % 10 // 9) % CUSTOMERS].tenant_id),
            "solution_area": "microsoft-365",
            "activity": "usage",
            "name": f"Rollout {number}",
            "products": "teams exchange-online",
            "customer_name": "Rosa Lima",
            "customer_title": "CIO",
            "customer_email": f"rosa@customer-{number % CUSTOMERS:04d}.example",
        }
        for number in range(count)
    ]


def make_partner():
    """Return a member of a partner, and the Partner ID of the location."""
    partner = cast.make_partner()
    return cast.make_member(partner), partner.locations.get().partner_code


def write_table(path: Path, kind, rows: list[dict]) -> None:
    """Write rows as CSV with the columns of a kind."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [each.name for each in kind.columns], restval="")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


KINDS = {"claims": CLAIMS, "subscriptions": SUBSCRIPTIONS}
