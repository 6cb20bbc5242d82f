"""Made files whose rows are right or wrong: each kind, as CSV. Name → kind and content."""

from .made_files import (
    BOSTON,
    FABRIKAM,
    LAMNA,
    LISBON,
    NEW_YORK,
    SALES,
    SEATTLE,
    good,
    make_csv,
    name_columns,
    stored,
)


def _but(kind, *left_out):
    return [name for name in name_columns(kind) if name not in left_out]


def _cut(kind, cells, *left_out):
    return [
        cell for name, cell in zip(name_columns(kind), cells, strict=True) if name not in left_out
    ]


def _change(make, kind, *changes):
    """A file of one row for each of ``changes``."""
    return kind, make_csv(kind, *(make(kind, **each) for each in changes))


PARTNERS = {
    "new": [good("partners")],
    "stored already": [stored("partners")],
    "new enrollment": [stored("partners", starts_on="2041-01-01", ends_on="2041-12-31")],
    "enrollment ends later": [stored("partners", ends_on="2041-06-30")],
    "location renamed with a new enrollment": [
        stored("partners", location="Contoso NYC", starts_on="2041-01-01", ends_on="2041-12-31")
    ],
    "ID of another partner": [good("partners", partner_id=SEATTLE)],
    "domain of another partner": [good("partners", partner_domains="new.example litware.example")],
    "one domain for two partners": [
        good("partners", partner_domains="adatum.example"),
        good(
            "partners", partner="Proseware", partner_id="3333333", partner_domains="adatum.example"
        ),
    ],
    "a name that several have": [good("partners", partner="Twins")],
    "same location told twice in two ways": [
        good("partners"),
        good("partners", program="osu-microsoft-365", time_zone="Europe/Lisbon"),
    ],
    "same enrollment twice": [good("partners"), good("partners")],
    "every cell wrong": [
        good("partners", partner=""),
        good("partners", partner="x" * 201),
        good("partners", partner_domains="https://"),
        good("partners", location=""),
        good("partners", partner_id="MPN-22"),
        good("partners", partner_id="1.23E+15"),
        good("partners", country="Germany"),
        good("partners", country="XX"),
        good("partners", country_part="QQ"),
        good("partners", time_zone="Berlin"),
        good("partners", program="gold"),
        good("partners", program="", starts_on="2026-01-01"),
        good("partners", starts_on=""),
        good("partners", ends_on=""),
        good("partners", starts_on="01.01.2026"),
        good("partners", ends_on="2026-02-30"),
        good("partners", ends_on="2025-12-31"),
    ],
}
PEOPLE = {
    "new": [good("people", language="pt-br")],
    "invited already": [good("people", partner_id=LISBON, email="TOM@tailspin.example")],
    "someone else was invited": [good("people", partner_id=LISBON)],
    "admin already": [good("people", partner_id=NEW_YORK, email="paul@contoso.example")],
    "another admin": [good("people", partner_id=NEW_YORK)],
    "one partner twice": [good("people"), good("people", email="bea@litware.example")],
    "every cell wrong": [
        good("people", partner_id=""),
        good("people", partner_id="9999"),
        good("people", partner_id="MPN"),
        good("people", email=""),
        good("people", email="ana"),
        good("people", email="ana@localhost"),
        good("people", language="de"),
    ],
}
CUSTOMERS = {
    "new": [good("customers")],
    "stored already": [stored("customers", contact_email="Ana@Fabrikam.example")],
    "two contacts": [
        good("customers", contact_name="A", contact_email="a@woodgrove.example"),
        good("customers", contact_name="B", contact_email="b@woodgrove.example"),
    ],
    "changes": [
        stored(
            "customers",
            name="Fabrikam Motors",
            domains="fabrikam.example fabrikam.test.example",
            contact_title="CFO",
        )
    ],
    "domain of another customer": [good("customers", domains="woodgrove.example lamna.example")],
    "one domain for two customers": [
        good("customers"),
        good("customers", tenant_id="91f0c9de-1a2b-4c3d-9e8f-a0b1c2d3e4f5"),
    ],
    "told in two ways": [
        good("customers", contact_name="A", contact_email="a@woodgrove.example"),
        good("customers", name="Wood", contact_name="B", contact_email="b@woodgrove.example"),
    ],
    "IDs as people write them": [
        stored("customers", tenant_id="{" + FABRIKAM.upper() + "}"),
        good(
            "customers", tenant_id="\u200b2b1d7c1a\u20116e0f\u20114f7e\u20118d55\u20110b7f3c9a1e42"
        ),
    ],
    "every cell wrong": [
        good("customers", tenant_id=""),
        good("customers", tenant_id="1.23E+15"),
        good("customers", tenant_id=FABRIKAM[:-1]),
        good("customers", name=""),
        good("customers", name="=HYPERLINK(A1)"),
        good("customers", name="'=1+1"),
        good("customers", country=""),
        good("customers", time_zone="Mars/Olympus"),
        good("customers", language="fr"),
        good("customers", domains=""),
        good("customers", domains="woodgrove"),
        good("customers", domains="192.0.2.1"),
        good("customers", contact_name="A"),
        good("customers", contact_email="a@woodgrove.example"),
        good("customers", contact_name="www.x.example", contact_email="a@woodgrove.example"),
        good("customers", contact_name="A", contact_email="a b@woodgrove.example"),
    ],
}
SUBSCRIPTIONS = {
    "new": [good("subscriptions"), good("subscriptions", subscription_id=LAMNA, product="")],
    "stored already": [stored("subscriptions", subscription_id=SALES.upper(), product="SALES")],
    "changes": [stored("subscriptions", state="grace", sold_seats="300", ends_on="")],
    "of another customer": [stored("subscriptions", tenant_id=LAMNA)],
    "twice": [good("subscriptions"), good("subscriptions", sold_seats="1")],
    "every cell wrong": [
        good("subscriptions", subscription_id=""),
        good("subscriptions", subscription_id="1.23456789012346E+31"),
        good("subscriptions", tenant_id="fabrikam"),
        good("subscriptions", tenant_id=SALES),
        good("subscriptions", product="timesheets"),
        good("subscriptions", channel=""),
        good("subscriptions", channel="shop"),
        good("subscriptions", state="Aktiv"),
        good("subscriptions", sold_seats=""),
        good("subscriptions", sold_seats="-1"),
        good("subscriptions", sold_seats="2.5"),
        good("subscriptions", sold_seats="1 000"),
        good("subscriptions", sold_seats="3000000000"),
        good("subscriptions", ends_on="30/06/2027"),
        good("subscriptions", ends_on="1899-12-31"),
        good("subscriptions", ends_on="2027-02-29"),
    ],
}
USAGE = {
    "new": [
        good("usage"),
        good(
            "usage",
            tenant_id="",
            product="",
            active_users="",
            paid_units="",
            subscription_id=SALES,
            sold_seats="9",
            assigned_seats="8",
            active_seats="7",
        ),
    ],
    "every cell wrong": [
        good("usage", month=""),
        good("usage", month="01/2026"),
        good("usage", month="2026-12"),
        good("usage", tenant_id=SALES),
        good("usage", product="sales"),
        good("usage", active_users="many"),
        good("usage", sold_seats="1"),
        good("usage", tenant_id="", product=""),
    ],
}
DYNAMICS = {
    "solution_area": "business-applications",
    "products": "sales",
    "technical_name": "Tadeu Técnico",
    "technical_email": "tadeu@fabrikam.example",
}
CLAIMS = {
    "new": [good("claims"), good("claims", **DYNAMICS)],
    "the subscription named in braces": [
        good("claims", **DYNAMICS, subscription_ids="{" + SALES.upper() + "}")
    ],
    "twice": [good("claims"), good("claims"), good("claims", name="Another")],
    "of others": [
        good("claims", partner_id=SEATTLE),
        good("claims", customer_domain="lamna.example"),
        good("claims", tenant_id=LAMNA),
        good("claims", tenant_id=SALES),
        good("claims", **DYNAMICS, subscription_ids=LAMNA),
    ],
    "every cell wrong": [
        good("claims", partner_id=""),
        good("claims", partner_id=BOSTON),
        good("claims", customer_domain=""),
        good("claims", customer_domain="fabrikam"),
        good("claims", tenant_id="1.23E+15"),
        good("claims", solution_area="azure"),
        good("claims", activity="presales"),
        good("claims", activity="selling"),
        good("claims", name=""),
        good("claims", name="x" * 121),
        good("claims", products=""),
        good("claims", products="teams excel"),
        good("claims", products="teams sales"),
        good("claims", subscription_ids=SALES),
        good("claims", **DYNAMICS, subscription_ids="nonsense"),
        good("claims", **DYNAMICS, subscription_ids=f"{SALES} {LAMNA}"),
        good("claims", **DYNAMICS | {"products": "finance"}),
        good("claims", **DYNAMICS | {"technical_name": ""}),
        good("claims", customer_name=""),
        good("claims", customer_name="see https://x.example"),
        good("claims", customer_title=""),
        good("claims", customer_email="rosa"),
        good("claims", customer_email="rosa@contoso.example"),
        good(
            "claims",
            customer_email="PAUL@mail.example",
            partner_name="P",
            partner_email="paul@mail.example",
        ),
        good("claims", customer_language="xx"),
        good("claims", partner_name="P"),
    ],
}
TABLES = {
    f"{kind}: {name}": (kind, make_csv(kind, *rows))
    for kind, tables in {
        "partners": PARTNERS,
        "people": PEOPLE,
        "customers": CUSTOMERS,
        "subscriptions": SUBSCRIPTIONS,
        "usage": USAGE,
        "claims": CLAIMS,
    }.items()
    for name, rows in tables.items()
}
#: A column that is left out erases nothing.
LEFT_OUT = {
    kind: (
        kind,
        make_csv(kind, _cut(kind, stored(kind), *columns), header=_but(kind, *columns)),
    )
    for kind, columns in {
        "partners": ("country_part",),
        "customers": ("country_part", "contact_title", "contact_language"),
        "subscriptions": ("ends_on",),
    }.items()
}
TABLES |= {f"{kind}: columns left out": made for kind, made in LEFT_OUT.items()}
