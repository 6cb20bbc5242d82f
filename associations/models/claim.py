import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import AddressField, DomainField, NameField, PersonNameField
from partners.enums import Language
from partners.models import Location, Partner, Program

from .. import clock
from ..enums import (
    Activity,
    Actor,
    ContactRole,
    RejectionReason,
    SolutionArea,
    Status,
)
from ..references import make_claim_reference
from .tenant import Tenant

#: The sort key of a claim without a deadline: after every deadline.
NO_DEADLINE = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def make_due_key() -> Case:
    """Return the expression by which the partner's list sorts by deadline; indexes must have the same.

    A rejection counts as having no deadline: its stored instant is the end of the time to dispute. It
    stays on the row after it has passed, and would push claims with a deadline out of sight.
    """
    none = Value(NO_DEADLINE, output_field=models.DateTimeField())
    return Case(
        When(status=Status.REJECTED, then=none),
        default=Coalesce(F("due_at"), none),
        output_field=models.DateTimeField(),
    )


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
    created_at = models.DateTimeField(_("started"), default=clock.now, editable=False)
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
        permissions = [("review_claim", "May review claims")]
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
            models.Index(fields=["turn", "-id"], name="claim_by_turn", condition=~Q(turn="")),
            # The partner's start page: whose turn it is, and until when.
            models.Index(
                fields=["partner", "turn", "due_at", "id"],
                name="claim_open_turns",
                condition=~Q(turn=""),
            ),
        ]

    def __str__(self):
        return f"{self.reference} {self.name}".strip()

    def get_absolute_url(self):
        return reverse("associations:claim", args=[self.reference])

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
        return self.status in (Status.EDITING, Status.SUBMITTED, Status.ACTION_REQUIRED)

    @property
    def is_revenue(self) -> bool:
        return self.activity == Activity.REVENUE


class Contact(models.Model):
    """A person named on a claim. Customers have no account; this is how they are reached."""

    claim = models.ForeignKey(
        Claim, on_delete=models.CASCADE, related_name="contacts", db_index=False
    )
    role = models.CharField(_("role"), max_length=10, choices=ContactRole)
    name = PersonNameField(_("name"), max_length=150)
    title = NameField(_("job title"), max_length=150, blank=True)
    email = AddressField(_("email"))
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    confirmation = models.TextField(
        _("reviewer's confirmation"), blank=True, db_default="", editable=False
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["claim", "role"], name="contact_once_per_role")
        ]

    def __str__(self):
        return f"{self.name} <{self.email}>"
