import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import DomainField, NameField, PersonNameField
from partners.models import Location, Partner, Program

from ..enums import (
    EDITABLE_STATUSES,
    UNDISPUTABLE_REASONS,
    Activity,
    Actor,
    AssociationStatus,
    ContactRole,
    RejectionReason,
    SolutionArea,
    Status,
)
from ..references import make_claim_reference
from .due_key import make_due_key
from .tenant import Tenant


def unanswered(at: dt.datetime) -> Q:
    """Filter on Claim: what ``Claim.is_unanswered`` says of one."""
    return Q(status=Status.ACTION_REQUIRED, due_at__lte=at)


class Claim(models.Model):
    """A partner's request covering one tenant, one solution area and one or more products.

    Only ``lifecycle`` writes ``status`` [R1]. ``due_at`` is the stored end (exclusive, UTC) of the
    window that is open now, ``due_time_zone`` the zone in which people read it, ``turn`` who must act.
    """

    reference = models.CharField(
        _("reference"), max_length=12, default=make_claim_reference, editable=False
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        related_name="claims",
        verbose_name=_("partner"),
        db_index=False,  # claim_list starts with it
    )
    location = models.ForeignKey(
        Location,
        on_delete=models.PROTECT,
        related_name="claims",
        verbose_name=_("location"),
        db_index=False,  # always queried within a partner
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status, default=Status.EDITING, editable=False
    )

    # The customer and the work. Tenant, solution area and activity never change after submission [R3].
    tenant = models.ForeignKey(
        Tenant,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="claims",
        verbose_name=_("customer"),
        db_index=False,  # claim_by_customer starts with it
    )
    customer_domain = DomainField(_("customer domain"), max_length=253, blank=True)
    solution_area = models.CharField(
        _("solution area"), max_length=30, choices=SolutionArea, blank=True
    )
    activity = models.CharField(_("activity"), max_length=20, choices=Activity, blank=True)
    programs = models.ManyToManyField(
        Program, blank=True, related_name="claims", verbose_name=_("programs"), editable=False
    )
    name = NameField(_("claim name"), max_length=120, blank=True)

    # Revenue association only (section 4, page 4).
    solution_seller = PersonNameField(_("Dynamics solution seller"), max_length=150, blank=True)
    revenue_customer_name = NameField(_("customer name"), max_length=200, blank=True)
    isv_product = NameField(_("ISV product"), max_length=200, blank=True)

    # Filing.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
    )
    filing_key = models.UUIDField(default=uuid.uuid4, editable=False)
    typed = models.JSONField(default=dict, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    # The clock.
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    status_since = models.DateTimeField(_("in this status since"), null=True, editable=False)
    window_opened_at = models.DateTimeField(null=True, editable=False)
    due_at = models.DateTimeField(_("deadline"), null=True, editable=False)
    due_time_zone = models.CharField(max_length=64, blank=True, editable=False)
    turn = models.CharField(
        _("whose turn"), max_length=10, choices=Actor, blank=True, editable=False
    )
    is_parked = models.BooleanField(_("on hold"), default=False, editable=False)

    # Review.
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assigned_claims",
        verbose_name=_("reviewer"),
        editable=False,
    )
    information_reasons = models.JSONField(default=list, blank=True, editable=False)
    reviewer_message = models.TextField(_("reviewer's message"), blank=True, editable=False)
    rejection_reason = models.CharField(
        _("rejection reason"), max_length=30, choices=RejectionReason, blank=True, editable=False
    )
    disputed_at = models.DateTimeField(null=True, editable=False)

    # The head of the claim's history, so that the next row can be hashed over it [R49].
    history_length = models.PositiveIntegerField(default=0, editable=False)
    history_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-id"]
        permissions = [
            ("review_claim", "May review claims"),
            ("assign_review", "May assign claims to reviewers"),
            ("view_ageing", "May see the ageing of claims"),
        ]
        constraints = [
            # A constraint instead of unique=True: each extra index slows every change of status down.
            models.UniqueConstraint(fields=["reference"], name="claim_reference_once"),
            models.UniqueConstraint(fields=["partner", "filing_key"], name="claim_filed_once"),
            models.CheckConstraint(
                condition=Q(status=Status.EDITING)
                | (Q(tenant__isnull=False) & ~Q(solution_area="") & ~Q(activity="")),
                name="claim_complete_when_filed",
            ),
        ]
        indexes = [
            # The partner's list: newest first, at any depth, with or without a status.
            models.Index(fields=["partner", "-id"], name="claim_list"),
            models.Index(fields=["partner", "status", "-id"], name="claim_list_by_status"),
            models.Index(
                fields=["partner", "location", "status", "-id"], name="claim_list_by_place"
            ),
            models.Index(F("partner"), make_due_key(), F("id"), name="claim_list_by_due"),
            models.Index(
                F("partner"), F("status"), make_due_key(), F("id"), name="claim_list_by_status_due"
            ),
            # A partner's own customers, for the list's search.
            models.Index(fields=["tenant", "partner"], name="claim_by_customer"),
            # What the sweeps look for; small, because most claims are settled.
            models.Index(
                fields=["due_at", "id"],
                name="claim_due_approved",
                condition=Q(status=Status.APPROVED, is_parked=False, due_at__isnull=False),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="claim_due_partner",
                condition=Q(status=Status.ACTION_REQUIRED),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="claim_due_dispute",
                condition=Q(status=Status.REJECTED, due_at__isnull=False),
            ),
            # The review queue, oldest deadline first [R15].
            models.Index(
                fields=["due_at", "id"],
                name="claim_review_queue",
                condition=Q(status__in=[Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE]),
            ),
            # The queue's other filters. Each index is partial and omits official claims, so that
            # finalising writes to none of them.
            models.Index(
                fields=["due_at", "-id"], name="claim_approved", condition=Q(status=Status.APPROVED)
            ),
            # Notices that wait for a contact to be confirmed: a handful, checked every minute.
            models.Index(
                fields=["id"],
                name="claim_unconfirmed",
                condition=Q(status=Status.APPROVED, turn=Actor.STAFF),
            ),
            models.Index(
                fields=["status", "-id"],
                name="claim_settled",
                condition=Q(status__in=[Status.REJECTED, Status.REJECTED_FINAL, Status.ENDED]),
            ),
            models.Index(
                fields=["-id"], name="claim_revenue", condition=Q(activity=Activity.REVENUE)
            ),
            # What is set aside, on the partner's start page; a handful.
            models.Index(
                fields=["partner", "due_at", "id"],
                name="claim_set_aside",
                condition=Q(is_parked=True),
            ),
            models.Index(fields=["turn", "-id"], name="claim_by_turn", condition=~Q(turn="")),
            # The partner's start page: whose turn it is, and until when.
            models.Index(
                fields=["partner", "turn", "due_at", "id"],
                name="claim_open_turns",
                condition=~Q(turn=""),
            ),
        ]

    #: Does this instance hold the row's lock? ``lifecycle.lock_claim`` says so.
    is_locked = False
    #: Fields to save when the act is over, where ``lifecycle.hold_claim`` collects them.
    unsaved: set[str] | None = None

    def __str__(self):
        return f"{self.reference} {self.name}".strip()

    def get_absolute_url(self):
        return reverse("associations:claim", args=[self.reference])

    def get_admin_url(self) -> str:
        """Return the address of its page for staff."""
        return reverse("admin:associations_claim_change", args=[self.pk])

    def write(self, *fields: str) -> None:
        """Save these fields: now, or together with all others at the end of the act that holds it."""
        if self.unsaved is None:
            self.save(update_fields=fields)
        else:
            self.unsaved.update(fields)

    @property
    def is_draft(self) -> bool:
        return self.status == Status.EDITING

    @property
    def is_unconfirmed(self) -> bool:
        """Is it approved, but its notice waits until a reviewer confirms a contact [R57]?"""
        return self.status == Status.APPROVED and self.turn == Actor.STAFF

    @property
    def is_editable(self) -> bool:
        """May the partner change anything in it [R3]?"""
        return self.status in EDITABLE_STATUSES

    @property
    def is_revenue(self) -> bool:
        return self.activity == Activity.REVENUE

    @property
    def is_disputable(self) -> bool:
        """Is it a rejection to dispute: the first, and one that neither side asked for [R2]?

        Whether there is time left is not asked here.
        """
        return (
            self.status == Status.REJECTED
            and self.disputed_at is None
            and self.rejection_reason not in UNDISPUTABLE_REASONS
        )

    def is_unanswered(self, *, at: dt.datetime) -> bool:
        """Has the partner let the time pass in which to answer a request [R4]? See ``unanswered``."""
        overdue = self.due_at is not None and self.due_at <= at
        return self.status == Status.ACTION_REQUIRED and overdue

    @property
    def roles_needed(self) -> tuple[ContactRole, ...]:
        """Whose contact the work asks for: a technical one too for Business Applications."""
        if self.solution_area == SolutionArea.BUSINESS_APPLICATIONS:
            return (ContactRole.CUSTOMER, ContactRole.TECHNICAL, ContactRole.PARTNER)
        return (ContactRole.CUSTOMER, ContactRole.PARTNER)

    def list_products(self) -> tuple[str, ...]:
        """Return the names of the products that the claim still asks for, or holds; one query."""
        rows = self.associations.exclude(status=AssociationStatus.EXCLUDED)
        return tuple(str(each.product) for each in rows.select_related("product"))
