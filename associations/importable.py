"""Everything that can be imported, by its code: one list for pages, commands and the task."""

from .filing.bulk import CLAIMS
from .imports.kinds import Kind
from .set_up.customers import CUSTOMERS
from .set_up.partners import PARTNERS
from .set_up.people import PEOPLE
from .set_up.subscriptions import SUBSCRIPTIONS
from .usage.loading import USAGE

KINDS: dict[str, Kind] = {
    kind.code: kind for kind in (PARTNERS, PEOPLE, CUSTOMERS, SUBSCRIPTIONS, USAGE, CLAIMS)
}
