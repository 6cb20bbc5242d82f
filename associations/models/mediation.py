import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import AddressField, PersonNameField
from notifications.models import Message
from partners.enums import Language
from partners.models import Partner

from ..enums import (
    DECIDABLE_CASES,
    UNDECIDED_CASES,
    Actor,
    CaseChoice,
    CaseOutcome,
    CaseStatus,
)
from .catalogue import Product
from .claim import Claim
from .comment import WORDS_MAX
from .notice import make_token
from .tenant import Subscription, Tenant

#: Characters of a side's statement [R33].
STATEMENT_MAX = 300


class CaseQuerySet(models.QuerySet["MediationCase"]):
    def open(self):
        return self.filter(closed_at=None)


class MediationCase(models.Model):
    """A slot that more than one partner holds or claims, until one of them has it [R33]–[R35].

    Only ``contests`` writes it. At most one case of a slot is open. ``due_at`` is the stored end (exclusive,
    UTC) of the limit that runs now. ``winner`` is the partner that the decision names, None until it is
    made and where it names no one.
    """

    slot_key = models.CharField(max_length=120)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product")
    )
    subscription = models.ForeignKey(
        Subscription,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("subscription"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=CaseStatus, default=CaseStatus.HEARING
    )
    revision = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(_("opened"))
    window_opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("deadline"), null=True)
    #: The start of the limit of which people were reminded last.
    reminded_of = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(_("customer asked"), null=True)
    asked_until = models.DateTimeField(null=True)

    winner = models.ForeignKey(
        Partner,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided for"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decider = models.CharField(max_length=10, choices=Actor, blank=True)
    reason = models.TextField(_("reason"), max_length=WORDS_MAX, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=CaseOutcome, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("mediation case")
        verbose_name_plural = _("mediation cases")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("mediate", _("May decide mediation cases"))]
        constraints = [
            models.UniqueConstraint(
                fields=["slot_key"], condition=Q(closed_at=None), name="case_one_open_per_slot"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(closed_at=None), name="case_open_by_deadline"
            )
        ]

    def __str__(self):
        return f"{self.product}, {self.tenant}"

    def get_admin_url(self) -> str:
        """Return the address of its board."""
        return reverse("admin:associations_mediationcase_change", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_before_due(self, *, at: dt.datetime) -> bool:
        """Does a limit run at the instant ``at``? Its end is exclusive."""
        return self.due_at is not None and at < self.due_at

    def takes_statements(self, *, at: dt.datetime) -> bool:
        """Can sides give their statements, or change them, at the instant ``at`` [R33]?"""
        return self.status == CaseStatus.HEARING and self.is_before_due(at=at)

    @property
    def is_askable(self) -> bool:
        """Can the customer be asked: does the first decision wait, and was it not asked before [R33]?"""
        return self.status == CaseStatus.DECIDING and self.asked_at is None

    @property
    def is_undecided(self) -> bool:
        return self.status in UNDECIDED_CASES

    @property
    def is_decidable(self) -> bool:
        return self.status in DECIDABLE_CASES


class CaseSide(models.Model):
    """A partner in a mediation case: its statement, and its dispute of the decision [R33], [R35].

    ``claim`` is the one through which it is reached. ``left_at`` is set while nothing of the partner
    stands on the slot.
    """

    case = models.ForeignKey(
        MediationCase, on_delete=models.CASCADE, related_name="sides", db_index=False
    )
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="case_sides")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    statement = models.CharField(_("statement"), max_length=STATEMENT_MAX, blank=True)
    stated_at = models.DateTimeField(null=True)
    disputed_at = models.DateTimeField(null=True)
    dispute = models.TextField(_("dispute"), max_length=WORDS_MAX, blank=True)

    class Meta:
        ordering = ["joined_at", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "partner"], name="case_side_once_per_partner")
        ]

    def __str__(self):
        return str(self.partner)


class CaseQuestion(models.Model):
    """The question to one contact of the customer: with which partner do you work [R33]?"""

    case = models.ForeignKey(MediationCase, on_delete=models.CASCADE, related_name="questions")
    name = PersonNameField(_("name"), max_length=150)
    email = AddressField(_("email"))
    language = models.CharField(_("language"), max_length=10, choices=Language)
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    message = models.OneToOneField(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        default_permissions = ()

    def __str__(self):
        return f"{self.name} <{self.email}>"

    @property
    def is_current(self) -> bool:
        """Does an answer to it count? Not once another partner joined, whom it does not name."""
        asked_at = self.case.asked_at
        return asked_at is not None and self.created_at >= asked_at


class CaseAnswer(models.Model):
    """An answer to a question; append-only, and the newest one of a case counts [R33]."""

    question = models.ForeignKey(CaseQuestion, on_delete=models.CASCADE, related_name="answers")
    choice = models.CharField(max_length=10, choices=CaseChoice)
    partner = models.ForeignKey(Partner, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self):
        return self.choice
