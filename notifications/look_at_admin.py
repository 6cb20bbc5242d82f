"""The list *To look at* in admin: open entries first, each with its link and a button to close it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cpor_site.web.admin_site import ReadOnlyAdmin

from . import to_look_at
from .models import LookAtEntry

CHANGE_LIST = "admin:notifications_lookatentry_changelist"


class OpenFilter(admin.SimpleListFilter):
    """Show open entries unless closed ones or all are requested."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("closed", _("Closed")), ("all", _("All"))]

    def choices(self, changelist):
        """Name what is shown without a choice: open entries, not all."""
        unfiltered, *others = super().choices(changelist)
        return [{**unfiltered, "display": _("Open")}, *others]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() != "closed")


@admin.register(LookAtEntry)
class LookAtAdmin(ReadOnlyAdmin):
    list_display = ["subject", "kind", "since", "times", "closed_by"]
    list_filter = [OpenFilter, "kind"]
    list_select_related = ["closed_by"]
    search_fields = ["subject"]
    fields = readonly_fields = (
        "kind",
        "about",
        "detail",
        "since",
        "last_seen_at",
        "times",
        "closed_at",
        "closed_by",
    )
    actions = ["close_selected"]

    def get_queryset(self, request):
        return to_look_at.list_visible(request.user)

    def get_urls(self):
        close = self.admin_site.admin_view(require_POST(self.close_view))
        return [path("<int:pk>/close/", close, name="look-at-close"), *super().get_urls()]

    def has_close_permission(self, request):
        return request.user.has_perm("notifications.close_lookatentry")

    @admin.display(description=_("about"))
    def about(self, entry):
        """Return what the entry is about, as a link if that has a page."""
        if not entry.link:
            return entry.subject
        return format_html('<a href="{}">{}</a>', entry.link, entry.subject)

    @admin.action(description=_("Close the selected entries"), permissions=["close"])
    def close_selected(self, request, queryset):
        number = to_look_at.close(queryset, actor=request.user)
        words = ngettext("%(number)d entry closed.", "%(number)d entries closed.", number)
        self.message_user(request, words % {"number": number})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        entry = self.get_object(request, object_id)
        can_close = entry is not None and not entry.closed_at and self.has_close_permission(request)
        extra = {"can_close": can_close, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    def close_view(self, request, pk):
        """Close one entry; closing it a second time changes nothing."""
        if not self.has_close_permission(request):
            raise PermissionDenied
        entry = get_object_or_404(self.get_queryset(request), pk=pk)
        to_look_at.close(LookAtEntry.objects.filter(pk=entry.pk), actor=request.user)
        self.message_user(request, _("The entry has been closed."))
        return HttpResponseRedirect(reverse(CHANGE_LIST))
