import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cpor_site.web.mailboxes import read_mailbox

from .enums import NOT_SENT, LookAtKind, State
from .kinds import list_kinds


class Message(models.Model):
    """One outbox row: one email to one address, written in the caller's transaction.

    Rows are added by ``outbox.enqueue`` or by set-based SQL: ``key``, ``kind``, ``to_address``,
    ``to_name``, ``language`` and ``context`` are enough, the database fills in the rest. After
    that, only ``leases`` and ``outcomes`` write to a row.
    """

    key = models.CharField(
        _("key"),
        max_length=120,
        help_text=_("Identifies the email; the same key is never queued twice."),
    )
    kind = models.CharField(_("kind"), max_length=60, choices=list_kinds)
    to_address = models.EmailField(_("to"))
    to_name = models.CharField(_("name"), max_length=150, blank=True, db_default="")
    language = models.CharField(_("language"), max_length=10)
    context = models.JSONField(_("values"))
    state = models.CharField(
        _("state"), max_length=10, choices=State, db_default=State.QUEUED, editable=False
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0, editable=False)
    # Not all attempts: a server that refuses us, however often, must not use up an email's attempts.
    counted_attempts = models.PositiveSmallIntegerField(
        _("attempts counted before giving up"), db_default=0, editable=False
    )
    refused_since = models.DateTimeField(
        _("refused for a reason on our side since"), null=True, editable=False
    )
    next_attempt_at = models.DateTimeField(_("next attempt"), db_default=Now(), editable=False)
    leased_until = models.DateTimeField(_("leased until"), null=True, editable=False)
    sent_at = models.DateTimeField(_("accepted by the mail server"), null=True, editable=False)
    provider_id = models.CharField(
        _("mail service's id"), max_length=255, blank=True, db_default="", editable=False
    )
    answer = models.TextField(_("mail server's answer"), blank=True, db_default="", editable=False)
    last_error = models.TextField(_("last error"), blank=True, db_default="", editable=False)
    created_at = models.DateTimeField(_("queued"), db_default=Now(), editable=False)
    emptied_at = models.DateTimeField(_("values removed"), null=True, editable=False)

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        ordering = ["-id"]
        permissions = [
            ("mark_bounced", _("Can mark an email as bounced")),
            ("retry_message", _("Can retry an email now")),
        ]
        constraints = [
            # Not unique=True: that would add an index for LIKE, which every outcome would update.
            models.UniqueConstraint(fields=["key"], name="message_key_once")
        ]
        indexes = [
            # leases.lease_due
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state=State.QUEUED),
                name="message_due",
            ),
            # leases.rescue_stuck
            models.Index(
                fields=["leased_until"], condition=Q(state=State.IN_FLIGHT), name="message_leased"
            ),
            # sending_state: is any still refused for a reason on our side?
            models.Index(
                fields=["refused_since"],
                condition=Q(refused_since__isnull=False),
                name="message_refused",
            ),
            # bounces.find_message
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="message_provider"
            ),
            # The staff's list. The usual state (sent) needs no index, so finalising does not pay for one.
            models.Index(fields=["kind", "-id"], name="message_by_kind"),
            models.Index(fields=["language", "-id"], name="message_by_language"),
            models.Index(
                fields=["state", "-id"], condition=Q(state__in=NOT_SENT), name="message_not_sent"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} → {self.to_address}"

    @property
    def message_id(self) -> str:
        """Return the Message-ID header: the same for each attempt, so that a repeat can be recognised."""
        return f"<{self.key_digest}.{self.pk}@{read_mailbox(settings.DEFAULT_FROM_EMAIL).domain}>"

    @property
    def key_digest(self) -> str:
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]


class LookAtEntry(models.Model):
    """Something staff must look at [R59]: what, since when, where, and who closed it.

    Only ``to_look_at`` writes it. At most one entry of a kind and key is open.
    """

    kind = models.CharField(_("what happened"), max_length=30, choices=LookAtKind)
    key = models.CharField(max_length=200, editable=False)
    subject = models.CharField(_("about"), max_length=300)
    detail = models.TextField(_("details"), blank=True)
    link = models.CharField(max_length=300, blank=True, editable=False)
    since = models.DateTimeField(_("since"))
    last_seen_at = models.DateTimeField(_("last seen"))
    times = models.PositiveIntegerField(_("times"), default=1)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("closed by"),
        help_text=_("Empty if the cause went away by itself."),
    )

    class Meta:
        verbose_name = _("entry to look at")
        verbose_name_plural = _("to look at")
        ordering = ["-since", "-id"]
        permissions = [("close_lookatentry", _("Can close an entry to look at"))]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(closed_at__isnull=True),
                name="look_at_open_once",
            )
        ]
        indexes = [
            # to_look_at.list_open
            models.Index(
                fields=["-since", "-id"], condition=Q(closed_at__isnull=True), name="look_at_open"
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.subject}"
