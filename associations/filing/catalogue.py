"""The built-in catalogue (section 2): programs, products, default time limits.

Loading is repeatable: it adds what is missing by its stable code and does not touch what staff changed.
"""

from django.db import connection, transaction

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
    return _load_programs() + _load_products() + _load_limits()


def count_catalogue() -> dict[str, int]:
    """Return how many programs, products and time limits there are, by their English names."""
    return {
        "programs": Program.objects.count(),
        "products": Product.objects.count(),
        "time limits": TimeLimit.objects.count(),
    }


def _load_programs() -> int:
    known = set(Program.objects.values_list("code", flat=True))
    missing = [
        Program(code=code, name=name) for code, name in PROGRAMS.items() if code not in known
    ]
    return len(Program.objects.bulk_create(missing))


def _load_products() -> int:
    known = set(Product.objects.values_list("code", flat=True))
    missing = [
        Product(code=code, name=name, solution_area=area, position=position)
        for area, products in PRODUCTS.items()
        for position, (code, name) in enumerate(products.items(), start=1)
        if code not in known
    ]
    return len(Product.objects.bulk_create(missing))


def _load_limits() -> int:
    known = set(TimeLimit.objects.filter(program=None).values_list("window", flat=True))
    missing = [
        TimeLimit(window=window, days=days, day_kind=kind)
        for window, (days, kind) in DEFAULT_LIMITS.items()
        if window not in known
    ]
    return len(TimeLimit.objects.bulk_create(missing))
