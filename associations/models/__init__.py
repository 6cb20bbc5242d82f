from .association import Association, SlotHolding
from .catalogue import Product, TimeLimit
from .claim import Claim, Contact
from .comment import Comment
from .document import Document
from .event import Event
from .notice import CustomerNotice
from .search_text import ClaimText
from .tenant import Subscription, Tenant, TenantDomain
from .usage import SubscriptionUsage, UsageImport, UsageProblem, WorkloadUsage

__all__ = [
    "Association",
    "Claim",
    "ClaimText",
    "Comment",
    "Contact",
    "CustomerNotice",
    "Document",
    "Event",
    "Product",
    "SlotHolding",
    "Subscription",
    "SubscriptionUsage",
    "Tenant",
    "TenantDomain",
    "TimeLimit",
    "UsageImport",
    "UsageProblem",
    "WorkloadUsage",
]
