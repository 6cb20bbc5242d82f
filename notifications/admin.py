"""The outbox for staff: what was sent, what was not and why; nothing can be edited."""

import re

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cpor_site.web.addresses import read_search
from cpor_site.web.admin_search import how_to_compare, split_words
from cpor_site.web.admin_site import ReadOnlyAdmin

from . import (
    look_at_admin,  # noqa: F401 - registers its page
    outcomes,
    sending_state,
)
from .enums import SETTLED, WAITING, State
from .models import Message
from .outbox import deliver_on_commit
from .signals import ActRefused, message_handling
from .words import rendering

#: The email's own inline styles and nothing else: no scripts, images, forms or navigation.
PREVIEW_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
LONGEST_REASON = 300
#: An email in one of these states can be retried immediately.
RETRIED = (State.FAILED, State.QUEUED)

#: A path segment this long is a secret token, as in a customer's link or a password reset. Only the
#: recipient may have it: staff who could copy it from here could act as that person.
KEY = re.compile(r"(https?://[^\s\"<>]*?/)[A-Za-z0-9_:-]{20,}(?=[/\s\"<?]|$)")
MASK = r"\1••••••"


class LanguageFilter(admin.SimpleListFilter):
    """Filter by the site's languages; finding those in use would read every email."""

    title, parameter_name = _("language"), "language"

    def lookups(self, request, model_admin):
        return settings.LANGUAGES

    def queryset(self, request, queryset):
        known = self.value() in dict(settings.LANGUAGES)
        return queryset.filter(language=self.value()) if known else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind_in_words", "to_address", "state", "attempts", "last_error"]
    list_display_links = ["kind_in_words"]
    list_filter = ["state", "kind", LanguageFilter, "created_at"]
    search_fields = ["=key", "to_address", "to_name"]
    search_help_text = _("Address or name, or the whole key")
    # No context: the rendered email has the values, without the tokens of its links.
    fields = readonly_fields = (
        "kind_in_words",
        "to_address",
        "to_name",
        "language",
        "state",
        "attempts",
        "refused_since",
        "last_error",
        "created_at",
        "sent_at",
        "provider_id",
        "answer",
        "key",
        "emptied_at",
    )
    ordering = ["-id"]
    actions = ["try_again_now"]

    def has_mark_bounced_permission(self, request):
        return request.user.has_perm("notifications.mark_bounced")

    def has_retry_permission(self, request):
        return request.user.has_perm("notifications.retry_message")

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/preview/", view(self.preview_view), name="message-preview"),
            path("<int:pk>/retry/", view(self.retry_view), name="message-retry"),
            path("<int:pk>/bounced/", view(self.bounced_view), name="message-bounced"),
        ]
        return own + super().get_urls()

    def get_search_results(self, request, queryset, search_term):
        """Search settled and waiting emails separately: the trigram index leaves out waiting ones."""
        for word in split_words(read_search(search_term)):
            found, how = Q(key=word), how_to_compare(word)
            for column in ("to_address", "to_name"):
                # Written out, since the planner uses a partial index only for conditions of this form.
                part = {f"{column}__{how}": word}
                found |= Q(**part, state__in=SETTLED)
                for state in WAITING:
                    found |= Q(**part, state=state)
            queryset = queryset.filter(found)
        return queryset, False

    @admin.display(description=_("kind"), ordering="kind")
    def kind_in_words(self, message):
        """Return the kind's name, or its code (not a dash) if it has none."""
        return message.get_kind_display()

    @admin.action(description=_("Try again now"), permissions=["retry"])
    def try_again_now(self, request, queryset):
        """Retry the selected emails; list those that this person may not handle, and leave them alone."""
        waiting = queryset.filter(state__in=RETRIED)
        refusals = {message: find_refusal(message, user=request.user) for message in waiting}
        for message, refusal in refusals.items():
            if refusal:
                self.message_user(request, f"{message}: {refusal}", messages.ERROR)
        number = _retry_all([each for each, refusal in refusals.items() if not refusal])
        words = ngettext(
            "%(number)d email will be retried now.",
            "%(number)d emails will be retried now.",
            number,
        )
        self.message_user(request, words % {"number": number})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        message = self.get_object(request, object_id)
        extra = self._describe(request, message) if message else {}
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def _describe(self, request, message):
        rendered, fault = _render_or_fault(message)
        may_act = not find_refusal(message, user=request.user)
        can_retry = message.state in RETRIED and message.emptied_at is None
        return {
            "rendered": rendered,
            "rendering_fault": fault,
            "can_retry": can_retry and may_act and self.has_retry_permission(request),
            "can_mark_bounced": (message.state == State.SENT or outcomes.is_kept_back(message))
            and may_act
            and self.has_mark_bounced_permission(request),
        }

    def preview_view(self, request, pk):
        """Return only the HTML part, for the sandboxed frame on the email's page."""
        message = self._get_visible(request, pk)
        rendered, _fault = _render_or_fault(message)
        response = HttpResponse(rendered.html if rendered else "")
        response.headers["Content-Security-Policy"] = PREVIEW_POLICY
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    def retry_view(self, request, pk):
        """Ask for confirmation, then queue the email to be tried immediately."""
        message = self._get_visible(request, pk)
        self._require(self.has_retry_permission(request))
        self._require_no_refusal(request, message)
        if request.method != "POST":
            return self._confirm(request, message, title=_("Try this email again now?"))
        if _retry_all(Message.objects.filter(pk=pk)):
            self.message_user(request, _("The email will be retried now."))
        else:
            words = _("Nothing was changed: only a failed or queued email can be retried.")
            self.message_user(request, words, messages.WARNING)
        return self._back_to(message)

    def bounced_view(self, request, pk):
        """Ask for the reason, then mark a sent email as bounced [R21]."""
        message = self._get_visible(request, pk)
        self._require(self.has_mark_bounced_permission(request))
        self._require_no_refusal(request, message)
        if request.method != "POST":
            title = _("Mark this email as bounced?")
            return self._confirm(request, message, title=title, wants_reason=True)
        self._mark_bounced(request, message)
        return self._back_to(message)

    def _mark_bounced(self, request, message):
        reason = " ".join(request.POST.get("reason", "").split())
        told = reason[:LONGEST_REASON] or gettext("marked as bounced by staff")
        try:
            is_new = outcomes.mark_bounced(message, reason=told)
        except outcomes.NotSentYetError:
            is_new = False
        if is_new:
            self.log_change(request, message, f"bounced: {told}")
            self.message_user(request, _("The email has been marked as bounced."))
            if told != reason and reason:
                cut = gettext("The reason was too long and has been shortened to: “%(reason)s”")
                self.message_user(request, cut % {"reason": told}, messages.WARNING)
        else:
            words = _("Nothing was changed: only a sent email can bounce.")
            self.message_user(request, words, messages.WARNING)

    def _get_visible(self, request, pk):
        self._require(self.has_view_permission(request))
        return get_object_or_404(Message, pk=pk)

    def _require(self, is_allowed):
        if not is_allowed:
            raise PermissionDenied

    def _require_no_refusal(self, request, message):
        """Answer 403 with the reason of the app that knows what the email is about [R19]."""
        if refusal := find_refusal(message, user=request.user):
            raise PermissionDenied(refusal)

    def _confirm(self, request, message, *, title, wants_reason=False):
        return self.render_page(
            request,
            "admin/notifications/message/confirm.html",
            title=title,
            message=message,
            wants_reason=wants_reason,
            longest_reason=LONGEST_REASON,
        )

    def _back_to(self, message):
        return HttpResponseRedirect(
            reverse("admin:notifications_message_change", args=[message.pk])
        )


def hide_keys(rendered: rendering.Rendered) -> rendering.Rendered:
    """Return an email's text without the tokens of its links."""
    parts = (rendered.subject, rendered.text, rendered.html)
    return rendering.Rendered(*(KEY.sub(MASK, part) for part in parts))


def _render_or_fault(message):
    """Return the rendered email and "", or None and what is wrong: staff see the row in any case."""
    if message.emptied_at is not None:
        return None, gettext("Its values have been removed because it was settled long ago.")
    try:
        return hide_keys(rendering.render(message)), ""
    except Exception as error:  # noqa: BLE001 - a template may raise anything
        return None, f"{type(error).__name__}: {error}"


def find_refusal(message: Message, *, user) -> str:
    """Return why ``user`` must not act on this email, or "" if they may."""
    try:
        message_handling.send(sender=Message, message=message, user=user)
    except ActRefused as refusal:
        return str(refusal)
    return ""


@transaction.atomic
def _retry_all(rows) -> int:
    now = timezone.now()
    number = sum(outcomes.retry_now(message, now=now) for message in rows)
    if number:
        sending_state.try_at_once(now=now)
        deliver_on_commit()
    return number
