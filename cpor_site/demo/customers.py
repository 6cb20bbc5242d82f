"""The demo's customers, in several countries, with subscriptions that trigger each message of R9.

Their IDs are derived from their names, so that they are the same at every start and can be printed.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from associations.enums import Channel, SubscriptionState
from associations.models import (
    Product,
    RegisteredContact,
    Subscription,
    Tenant,
    TenantDomain,
)

_SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "demo.cpor.example")


@dataclass(frozen=True)
class Customer:
    """A tenant and the person its emails go to; ``contact`` is (name, title, part before the @)."""

    key: str
    name: str
    domain: str
    country: str
    time_zone: str
    language: str
    contact: tuple[str, str, str]
    people: int  # roughly how many use its products

    @property
    def tenant_id(self) -> uuid.UUID:
        return uuid.uuid5(_SPACE, self.domain)

    @property
    def email(self) -> str:
        return self.write_address()

    def write_address(self, mailbox: str = "") -> str:
        """Return the address of the contact, or of another ``mailbox``; one with an @ is taken as it is."""
        return mailbox if "@" in mailbox else f"{mailbox or self.contact[2]}@{self.domain}"


_NEW_YORK, _SAO_PAULO, _BERLIN = "America/New_York", "America/Sao_Paulo", "Europe/Berlin"

CUSTOMERS = {
    each.key: each
    for each in (
        Customer(
            *("fabrikam", "Fabrikam Motors", "fabrikam.example", "US", _NEW_YORK, "en"),
            *(("Carol Jensen", "Chief Information Officer", "carol"), 820),
        ),
        Customer(
            *("wingtip", "Wingtip Toys", "wingtip.example", "US", "America/Chicago", "en"),
            *(("Walt Harper", "IT Director", "walt"), 140),
        ),
        Customer(
            *("adatum", "Adatum Health", "adatum.example", "US", "America/Los_Angeles", "en"),
            *(("Alice Ford", "Head of Workplace", "alice"), 2300),
        ),
        Customer(
            *("horizonte", "Usinas Horizonte", "horizonte.example", "BR", _SAO_PAULO, "pt-br"),
            *(("Carla Menezes", "Diretora de TI", "carla"), 1250),
        ),
        Customer(
            *("rioverde", "Cooperativa Rio Verde", "rioverde.example", "BR", _SAO_PAULO, "pt-br"),
            *(("João Tavares", "Gerente de sistemas", "joao"), 310),
        ),
        Customer(
            *("maracuja", "Padarias Maracujá", "maracuja.example", "BR", "America/Recife", "pt-br"),
            *(("Lívia Couto", "Sócia", "livia"), 45),
        ),
        Customer(
            *("tailspin", "Tailspin Maschinenbau", "tailspin.example", "DE", _BERLIN, "en"),
            *(("Jörg Winter", "IT-Leiter", "joerg"), 560),
        ),
        Customer(
            *("alpine", "Alpine Skihütten", "alpine.example", "AT", "Europe/Vienna", "en"),
            *(("Greta Moser", "Geschäftsführerin", "greta"), 75),
        ),
        Customer(
            *("najd", "Najd Logistics", "najd.example", "SA", "Asia/Riyadh", "en"),
            *(("Faisal Qahtani", "IT Manager", "faisal"), 430),
        ),
        Customer(
            *(
                "proseware",
                "Proseware Publishing",
                "proseware.example",
                "GB",
                "Europe/London",
                "en",
            ),
            *(("Priya Shah", "Operations Director", "priya"), 190),
        ),
        Customer(
            *("sakura", "Sakura Textiles", "sakura.example", "JP", "Asia/Tokyo", "en"),
            *(("Ken Mori", "Systems Manager", "ken"), 260),
        ),
        Customer(
            *(
                "lusitania",
                "Lusitânia Seguros",
                "lusitania.example",
                "PT",
                "Europe/Lisbon",
                "pt-br",
            ),
            *(("Rui Pacheco", "Diretor de operações", "rui"), 380),
        ),
        Customer(
            *("southridge", "Southridge Video", "southridge.example", "US", _NEW_YORK, "en"),
            *(("Dana Cole", "Office Manager", "dana"), 60),
        ),
    )
}

#: A customer that the operator does not know yet; Litware has asked for it [R58].
UNKNOWN = Customer(
    *("lamna", "Lamna Healthcare", "lamna.example", "GB", "Europe/London", "en"),
    *(("Nadia Shaw", "Head of IT", "nadia"), 0),
)

#: Customers' registered contacts: name, title, mailbox [R57]. They receive every notice, too; Sakura's
#: is undeliverable, for staff to notice.
REGISTERED = {
    "wingtip": ("Wanda Boyd", "Chief Financial Officer", "wanda"),
    "sakura": ("Emi Sato", "Managing Director", "unknown"),
}

_ACTIVE, _GRACE = SubscriptionState.ACTIVE, SubscriptionState.GRACE
_LICENSED, _WEB, _CSP = Channel.VOLUME_LICENSING, Channel.WEB_DIRECT, Channel.CSP

#: (customer, product or "" if not in the catalogue, number, channel, state, seats, days left).
SUBSCRIPTIONS = (
    ("fabrikam", "sales", 1, _LICENSED, _ACTIVE, 220, 260),
    ("fabrikam", "field-service", 1, _WEB, _ACTIVE, 90, 130),
    ("wingtip", "business-central", 1, _WEB, _ACTIVE, 60, 340),
    ("wingtip", "sales", 1, _WEB, _ACTIVE, 40, 200),
    ("wingtip", "sales", 2, _LICENSED, _ACTIVE, 25, 95),
    ("wingtip", "customer-service", 1, _CSP, _ACTIVE, 30, 150),
    ("wingtip", "marketing", 1, _WEB, SubscriptionState.NOT_PROVISIONED, 10, 365),
    ("wingtip", "finance", 1, _LICENSED, SubscriptionState.EXPIRED, 15, -40),
    ("wingtip", "power-bi", 1, _WEB, _GRACE, 35, -5),
    ("wingtip", "", 1, _WEB, _ACTIVE, 12, 100),
    ("adatum", "finance", 1, _LICENSED, _ACTIVE, 640, 420),
    ("adatum", "power-bi", 1, _LICENSED, _ACTIVE, 900, 300),
    ("horizonte", "finance", 1, _LICENSED, _ACTIVE, 310, 210),
    ("horizonte", "supply-chain", 1, _LICENSED, _ACTIVE, 280, 210),
    ("rioverde", "business-central", 1, _WEB, _ACTIVE, 48, 180),
    ("rioverde", "power-apps", 1, _CSP, _ACTIVE, 20, 75),
    ("tailspin", "project-operations", 1, _LICENSED, _ACTIVE, 130, 365),
    ("najd", "supply-chain", 1, _LICENSED, _ACTIVE, 150, 240),
    ("najd", "commerce", 1, _WEB, _ACTIVE, 70, 55),
    ("proseware", "marketing", 1, _WEB, _GRACE, 44, -9),
    ("lusitania", "customer-insights", 1, _LICENSED, _ACTIVE, 110, 160),
)


def subscription_id(customer: str, product: str, number: int) -> uuid.UUID:
    return uuid.uuid5(_SPACE, f"{customer}/{product}/{number}")


def make_customers() -> dict[str, Tenant]:
    """Create every tenant with its domain and subscriptions."""
    tenants = {key: _make_tenant(each) for key, each in CUSTOMERS.items()}
    products = {each.code: each for each in Product.objects.all()}
    today = dt.datetime.now(dt.UTC).date()
    Subscription.objects.bulk_create(
        Subscription(
            subscription_id=subscription_id(key, code, number),
            tenant=tenants[key],
            product=products.get(code),
            channel=channel,
            state=state,
            sold_seats=seats,
            ends_on=today + dt.timedelta(days=days),
        )
        for key, code, number, channel, state, seats, days in SUBSCRIPTIONS
    )
    return tenants


def _make_tenant(customer: Customer) -> Tenant:
    tenant = Tenant.objects.create(
        tenant_id=customer.tenant_id,
        name=customer.name,
        country=customer.country,
        time_zone=customer.time_zone,
        language=customer.language,
    )
    TenantDomain.objects.create(tenant=tenant, domain=customer.domain)
    if customer.key in REGISTERED:
        name, title, mailbox = REGISTERED[customer.key]
        RegisteredContact.objects.create(
            tenant=tenant,
            name=name,
            title=title,
            email=customer.write_address(mailbox),
            language=customer.language,
        )
    return tenant
