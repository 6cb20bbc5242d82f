"""The built-in catalogue (section 2): programs, products, default time limits.

Loading is repeatable: it adds what is missing by its stable code and does not touch what staff changed.
"""

from django.db import connection, transaction
from django.db.models import QuerySet

from partners.models import Program

from ..claims.deadlines import DEFAULT_LIMITS
from ..enums import SolutionArea
from ..models import Product, TimeLimit
from .programs import OSA_SELL, OSU_BUSINESS_APPLICATIONS, OSU_MICROSOFT_365

PROGRAMS = {
    OSA_SELL: "OSA Sell",
    OSU_MICROSOFT_365: "OSU-Microsoft 365",
    OSU_BUSINESS_APPLICATIONS: "OSU-Business Applications",
}

PRODUCTS = {
    SolutionArea.MICROSOFT_365: {
        "exchange-online": "Exchange Online",
        "sharepoint-online": "SharePoint Online",
        "teams": "Teams",
        "teams-meetings": "Teams Meetings",
        "teams-phone": "Teams Phone",
        "teams-platform": "Teams Platform",
        "microsoft-365-apps": "Microsoft 365 Apps (ProPlus)",
        "yammer": "Yammer",
        "viva-insights": "Viva Insights",
        "viva-learning": "Viva Learning",
        "viva-connections": "Viva Connections",
        "viva-topics": "Viva Topics",
        "intune": "Intune",
        "azure-ad-premium": "Azure AD Premium",
        "information-protection": "Information Protection",
        "defender-for-office-365": "Defender for Office 365",
        "defender-for-endpoint": "Defender for Endpoint",
        "defender-for-identity": "Defender for Identity",
    },
    SolutionArea.BUSINESS_APPLICATIONS: {
        "business-central": "Business Central",
        "sales": "Sales",
        "customer-service": "Customer Service",
        "field-service": "Field Service",
        "marketing": "Marketing",
        "finance": "Finance",
        "supply-chain": "Supply Chain",
        "commerce": "Commerce",
        "human-resources": "Human Resources",
        "project-operations": "Project Operations",
        "customer-insights": "Customer Insights",
        "fraud-protection": "Fraud Protection",
        "remote-assist": "Remote Assist",
        "guides": "Guides",
        "power-apps": "Power Apps",
        "power-automate": "Power Automate",
        "power-bi": "Power BI",
        "power-pages": "Power Pages",
        "power-virtual-agents": "Power Virtual Agents",
    },
}


def is_migrated() -> bool:
    """Do the tables exist? ``migrate`` can be run for a single application."""
    tables = set(connection.introspection.table_names())
    return tables.issuperset(model._meta.db_table for model in (Program, Product, TimeLimit))


@transaction.atomic
def load_catalogue() -> int:
    """Add missing programs, products and default time limits; return how many rows were added."""
    programs = [Program(code=code, name=name) for code, name in PROGRAMS.items()]
    products = [
        Product(code=code, name=name, solution_area=area, position=position)
        for area, named in PRODUCTS.items()
        for position, (code, name) in enumerate(named.items(), start=1)
    ]
    limits = [
        TimeLimit(window=window, days=days, day_kind=kind)
        for window, (days, kind) in DEFAULT_LIMITS.items()
    ]
    return (
        _add_missing(Program.objects.all(), "code", programs)
        + _add_missing(Product.objects.all(), "code", products)
        + _add_missing(TimeLimit.objects.filter(program=None), "window", limits)
    )


def count_catalogue() -> dict[str, int]:
    """Return how many programs, products and time limits there are, by their English names."""
    return {
        "programs": Program.objects.count(),
        "products": Product.objects.count(),
        "time limits": TimeLimit.objects.count(),
    }


def _add_missing(present: QuerySet, key: str, rows: list) -> int:
    """Add those of ``rows`` whose ``key`` none of the ``present`` ones has; return how many."""
    known = set(present.values_list(key, flat=True))
    missing = [each for each in rows if getattr(each, key) not in known]
    return len(present.model.objects.bulk_create(missing))
