"""The demo's customers, in several countries, with subscriptions that trigger each message of R9.

Their IDs are derived from their names, so that they are the same at every start and can be printed.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils.text import slugify

from associations.enums import Channel, SubscriptionState
from associations.models import Product, RegisteredContact, Subscription, Tenant, TenantDomain

_SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "demo.cpor.example")
_LICENSED, _WEB, _CSP = Channel.VOLUME_LICENSING, Channel.WEB_DIRECT, Channel.CSP


@dataclass(frozen=True)
class Customer:
    """A tenant and the person its emails go to, whose mailbox is their first name."""

    key: str
    name: str
    country: str
    time_zone: str
    contact: str
    title: str
    people: int  # roughly how many use its products

    @property
    def domain(self) -> str:
        return f"{self.key}.example"

    @property
    def tenant_id(self) -> uuid.UUID:
        return uuid.uuid5(_SPACE, self.domain)

    @property
    def language(self) -> str:
        return "pt-br" if self.country in ("BR", "PT") else "en"

    @property
    def email(self) -> str:
        first_name = self.contact.split()[0].replace("ö", "oe")
        return f"{slugify(first_name)}@{self.domain}"


@dataclass(frozen=True)
class Bought:
    """A subscription of a customer; ``product`` is empty if it is not in the catalogue."""

    customer: str
    product: str
    channel: Channel
    seats: int
    days_left: int
    state: SubscriptionState = SubscriptionState.ACTIVE

    @property
    def subscription_id(self) -> uuid.UUID:
        return uuid.uuid5(_SPACE, f"{self.customer}/{self.product}/{self.channel}")


_NEW_YORK, _SAO_PAULO = "America/New_York", "America/Sao_Paulo"

# fmt: off
CUSTOMERS = {row[0]: Customer(*row) for row in (
    ("fabrikam", "Fabrikam Motors", "US", _NEW_YORK, "Carol Jensen", "Chief Information Officer", 820),
    ("wingtip", "Wingtip Toys", "US", "America/Chicago", "Walt Harper", "IT Director", 140),
    ("adatum", "Adatum Health", "US", "America/Los_Angeles", "Alice Ford", "Head of Workplace", 2300),
    ("horizonte", "Usinas Horizonte", "BR", _SAO_PAULO, "Carla Menezes", "Diretora de TI", 1250),
    ("rioverde", "Cooperativa Rio Verde", "BR", _SAO_PAULO, "João Tavares", "Gerente de sistemas", 310),
    ("maracuja", "Padarias Maracujá", "BR", "America/Recife", "Lívia Couto", "Sócia", 45),
    ("tailspin", "Tailspin Maschinenbau", "DE", "Europe/Berlin", "Jörg Winter", "IT-Leiter", 560),
    ("alpine", "Alpine Skihütten", "AT", "Europe/Vienna", "Greta Moser", "Geschäftsführerin", 75),
    ("najd", "Najd Logistics", "SA", "Asia/Riyadh", "Faisal Qahtani", "IT Manager", 430),
    ("proseware", "Proseware Publishing", "GB", "Europe/London", "Priya Shah", "Operations Director", 190),
    ("sakura", "Sakura Textiles", "JP", "Asia/Tokyo", "Ken Mori", "Systems Manager", 260),
    ("lusitania", "Lusitânia Seguros", "PT", "Europe/Lisbon", "Rui Pacheco", "Diretor de operações", 380),
    ("southridge", "Southridge Video", "US", _NEW_YORK, "Dana Cole", "Office Manager", 60),
)}
#: A customer that the operator does not know yet; Litware has asked for it [R58].
UNKNOWN = Customer("lamna", "Lamna Healthcare", "GB", "Europe/London", "Nadia Shaw", "Head of IT", 0)

SUBSCRIPTIONS = (
    Bought("fabrikam", "sales", _LICENSED, 220, 260),
    Bought("fabrikam", "field-service", _WEB, 90, 130),
    Bought("wingtip", "business-central", _WEB, 60, 340),
    Bought("wingtip", "sales", _WEB, 40, 200),
    Bought("wingtip", "sales", _LICENSED, 25, 95),
    Bought("wingtip", "customer-service", _CSP, 30, 150),
    Bought("wingtip", "marketing", _WEB, 10, 365, SubscriptionState.NOT_PROVISIONED),
    Bought("wingtip", "finance", _LICENSED, 15, -40, SubscriptionState.EXPIRED),
    Bought("wingtip", "power-bi", _WEB, 35, -5, SubscriptionState.GRACE),
    Bought("wingtip", "", _WEB, 12, 100),
    Bought("adatum", "finance", _LICENSED, 640, 420),
    Bought("adatum", "power-bi", _LICENSED, 900, 300),
    Bought("horizonte", "finance", _LICENSED, 310, 210),
    Bought("rioverde", "business-central", _WEB, 48, 180),
    Bought("tailspin", "project-operations", _LICENSED, 130, 365),
    Bought("najd", "commerce", _WEB, 70, 55),
    Bought("proseware", "marketing", _WEB, 44, -9, SubscriptionState.GRACE),
    Bought("lusitania", "customer-insights", _LICENSED, 110, 160),
)
# fmt: on

#: Registered contacts [R57]: customer, name, title, mailbox. They receive every notice, too; Sakura's is
#: undeliverable, for staff to notice.
REGISTERED = (
    ("wingtip", "Wanda Boyd", "Chief Financial Officer", "wanda"),
    ("sakura", "Emi Sato", "Managing Director", "unknown"),
)


def make_customers() -> None:
    """Create every tenant with its domain, registered contact and subscriptions."""
    tenants = {
        each.key: Tenant.objects.create(
            tenant_id=each.tenant_id,
            name=each.name,
            country=each.country,
            time_zone=each.time_zone,
            language=each.language,
        )
        for each in CUSTOMERS.values()
    }
    TenantDomain.objects.bulk_create(
        TenantDomain(tenant=tenants[each.key], domain=each.domain) for each in CUSTOMERS.values()
    )
    for key, name, title, mailbox in REGISTERED:
        email = f"{mailbox}@{CUSTOMERS[key].domain}"
        RegisteredContact.objects.create(tenant=tenants[key], name=name, title=title, email=email)
    products = {each.code: each for each in Product.objects.all()}
    today = dt.datetime.now(dt.UTC).date()
    Subscription.objects.bulk_create(
        Subscription(
            subscription_id=each.subscription_id,
            tenant=tenants[each.customer],
            product=products.get(each.product),
            channel=each.channel,
            state=each.state,
            sold_seats=each.seats,
            ends_on=today + dt.timedelta(days=each.days_left),
        )
        for each in SUBSCRIPTIONS
    )
