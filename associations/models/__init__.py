# ruff: noqa: F401
from .association import Association, SlotHolding
from .catalogue import Product, TimeLimit
from .claim import Claim
from .claims_export import ClaimsExport
from .comment import Comment
from .contact import Contact
from .customer_request import CustomerRequest
from .document import Document
from .draft_warning import DraftWarning
from .event import Event
from .imports import ImportFile, ImportRow
from .internal_note import InternalNote
from .mediation import CaseAnswer, CaseQuestion, CaseSide, MediationCase
from .notice import CustomerNotice
from .reminder import Reminder
from .review_figure import ReviewFigure
from .row_reasons import RowReason
from .search_text import ClaimText
from .tenant import RegisteredContact, Subscription, Tenant, TenantDomain
from .usage import SubscriptionUsage, WorkloadUsage
