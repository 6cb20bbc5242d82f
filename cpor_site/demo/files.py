"""Files to try in the demo: one for each kind of import, with good rows, a change, and an error to read."""

import datetime as dt

from associations.importable import KINDS

from .customers import CUSTOMERS

_TENANT = "5e0c1c3a-8f0b-4b52-9d0e-6a8f3b1c2d{:02x}"
_SUBSCRIPTION = "9b7f2d10-4c3e-4f6a-8b1d-0e5a7c9f1b{:02x}"
#: New customers that the files bring: name, domain, country, time zone.
_NEW = (
    ("Coho Vineyards", "coho-vineyards.example", "US", "America/Chicago"),
    ("Margem Viagens Ltda.", "margem-viagens.example", "BR", "America/Sao_Paulo"),
    ("Trey Forschung GmbH", "trey-forschung.example", "DE", "Europe/Berlin"),
)


def list_rows(code: str, *, today: dt.date) -> list[dict[str, str]]:
    """Return the rows of the file of this kind, by column; raise KeyError for another kind."""
    return {
        "partners": _list_partners,
        "people": _list_people,
        "customers": _list_customers,
        "subscriptions": _list_subscriptions,
        "usage": _list_usage,
        "claims": _list_claims,
    }[code](today)


def make_cells(code: str, *, today: dt.date) -> list[list[str]]:
    """Return the rows as cells, in the order of the kind's columns."""
    names = [each.name for each in KINDS[code].columns]
    return [[row.get(name, "") for name in names] for row in list_rows(code, today=today)]


def _list_partners(today: dt.date) -> list[dict[str, str]]:
    place = {"country": "US", "time_zone": "America/Chicago"}
    partner = {"partner": "Tailspin Services", "partner_domains": "tailspin.example"}
    term = {"starts_on": f"{today.year}-01-01", "ends_on": f"{today.year + 1}-06-30"}
    programs = ("osu-microsoft-365", "osu-business-applications", "osa-sell")
    chicago = {**partner, **place, "location": "Chicago", "partner_id": "8812001"}
    return [
        *({**chicago, **term, "program": program} for program in programs),
        {**partner, **place, "location": "Austin", "partner_id": "8812002"},
        {**partner, **place, "location": "Denver", "partner_id": "88-12", **term},
    ]


def _list_people(today: dt.date) -> list[dict[str, str]]:
    return [{"partner_id": "8812001", "email": "tom@tailspin.example", "language": "en"}]


def _list_customers(today: dt.date) -> list[dict[str, str]]:
    rows = [
        {
            "tenant_id": _TENANT.format(number),
            "name": name,
            "country": country,
            "time_zone": zone,
            "language": "pt-br" if country == "BR" else "en",
            "domains": domain,
            "contact_name": "Maria Souza" if country == "BR" else "Jo Miller",
            "contact_title": "CIO",
            "contact_email": f"cio@{domain}",
        }
        for number, (name, domain, country, zone) in enumerate(_NEW)
    ]
    known = next(iter(CUSTOMERS.values()))
    taken = {**rows[0], "tenant_id": _TENANT.format(99), "domains": known.domain}
    return [*rows, taken]


def _list_subscriptions(today: dt.date) -> list[dict[str, str]]:
    row = {"channel": "web-direct", "state": "active", "ends_on": f"{today.year + 1}-12-31"}
    return [
        *(
            {
                **row,
                "subscription_id": _SUBSCRIPTION.format(number),
                "tenant_id": _TENANT.format(number),
                "product": "sales",
                "sold_seats": str(40 * (number + 1)),
            }
            for number in range(len(_NEW))
        ),
        {**row, "subscription_id": "1.23E+15", "tenant_id": _TENANT.format(0), "sold_seats": "1"},
    ]


def _list_usage(today: dt.date) -> list[dict[str, str]]:
    row = {"month": f"{today:%Y-%m}", "product": "teams", "paid_units": "500"}
    return [
        {**row, "tenant_id": _TENANT.format(0), "active_users": "212"},
        {**row, "tenant_id": _TENANT.format(1), "active_users": "many"},
    ]


def _list_claims(today: dt.date) -> list[dict[str, str]]:
    rows = []
    for number, customer in enumerate(list(CUSTOMERS.values())[:4]):
        rows.append(
            {
                "partner_id": "4567001",
                "customer_domain": customer.domain,
                "tenant_id": str(customer.tenant_id),
                "solution_area": "microsoft-365",
                "activity": "usage",
                "name": f"Viva rollout {today.year}, part {number + 1}",
                "products": "viva-learning viva-topics",
                "customer_name": customer.contact,
                "customer_title": customer.title,
                "customer_email": customer.email,
            }
        )
    rows[-1]["products"] = "viva-lerning"
    return rows
