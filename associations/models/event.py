import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cpor_site.web.instants import from_microseconds

from ..enums import Actor, EventKind, Status
from .claim import Claim

#: A claim gets these statuses by a decision: for or against it, the last one included.
DECIDED_STATUSES = (Status.APPROVED, Status.REJECTED, Status.REJECTED_FINAL)
#: What the figures of reviews count.
IS_DECISION_OR_OPT_OUT = Q(kind=EventKind.MOVED, to_status__in=DECIDED_STATUSES) | Q(
    kind=EventKind.OPTED_OUT
)


class EventQuerySet(models.QuerySet["Event"]):
    def decisions_or_opt_outs(self) -> "EventQuerySet":
        """Narrow to what the figures of reviews count, as the index ``event_decisions`` does."""
        return self.filter(IS_DECISION_OR_OPT_OUT)


class Event(models.Model):
    """A row of a claim's history: append-only, each hashed over the one before [R1], [R49].

    Only ``history`` writes it. The actor is stored as number and name, not as a reference, so that
    the row never changes.
    """

    claim = models.ForeignKey(
        Claim, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=EventKind)
    from_status = models.CharField(max_length=20, choices=Status, blank=True)
    to_status = models.CharField(max_length=20, choices=Status, blank=True)
    actor = models.CharField(max_length=10, choices=Actor)
    actor_id = models.BigIntegerField(default=0)
    actor_name = models.CharField(max_length=200, blank=True)
    at_microseconds = models.BigIntegerField()
    reason_code = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    subjects = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("history row")
        verbose_name_plural = _("history rows")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="event_once_per_number")
        ]
        indexes = [
            # The daily figures; it omits what finalising writes.
            models.Index(
                fields=["at_microseconds"],
                name="event_decisions",
                condition=IS_DECISION_OR_OPT_OUT,
            )
        ]

    def __str__(self):
        return f"{self.number} {self.get_kind_display()}"

    @property
    def at(self) -> dt.datetime:
        """Return when it happened, as an aware UTC instant."""
        return from_microseconds(self.at_microseconds)

    @property
    def subject_names(self) -> list[str]:
        """Return the names of the products (or files) that the row is about."""
        return [line for line in self.subjects.split("\n") if line]
