"""Claims in admin: the review queue and the decision page (section 5).

Claims are never edited here: only the functions of ``review`` change their status, each at its own
address, which the admin site guards.
"""

from functools import partial

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from cpor_site.web.admin_site import ReadOnlyAdmin
from partners.rules import assigns_claims, is_reviewer, reads_cases, reads_claims, sees_ageing

from ...claims import visible
from ...forms.review import CommentForm, NoteForm
from ...models import Claim, CustomerNotice
from ...review import my_queue
from .actions import ACTIONS, BUTTONS, ReviewAction
from .acts import ReviewAct
from .ageing import show_ageing
from .assigning import assign_selected, list_choices, read_reviewer
from .decision import explain_closed, find_stake, gather_page, hide_key
from .desk import Desk, Preview
from .filters import QUEUE_FILTERS
from .going_on import lead_on
from .queue import QueueChangeList, order_for, search_claims

#: A customer's notice is shown as it was sent: with inline styles, but nothing that can act.
NOTICE_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = ("reference",)  # the template lays out the queue
    list_filter = QUEUE_FILTERS
    list_select_related = ("tenant", "partner", "location", "assigned_to")
    list_per_page = 50
    list_max_show_all = 0
    search_fields = ("reference",)  # enables the search box; search_claims does the search
    search_help_text = gettext_lazy("Reference, customer, domain, Tenant ID, partner or Partner ID")
    actions = ["assign_to_me", "assign_to_colleague"]

    # --- Who may ----------------------------------------------------------------------------------

    def has_module_permission(self, request):
        return reads_claims(request.user)

    def has_view_permission(self, request, obj=None):
        return reads_claims(request.user)

    def has_review_permission(self, request):
        return is_reviewer(request.user)

    def has_assign_permission(self, request):
        return assigns_claims(request.user)

    # --- The queue --------------------------------------------------------------------------------

    def get_queryset(self, request):
        return visible.claims_for_review().prefetch_related("programs")

    def get_ordering(self, request):
        return order_for(request.GET)

    def get_search_results(self, request, queryset, search_term):
        return search_claims(queryset, search_term), False

    def get_changelist(self, request, **kwargs):
        return QueueChangeList

    def changelist_view(self, request, extra_context=None):
        context = {
            "title": _("Review queue"),
            "is_nav_sidebar_enabled": False,
            "shows_ageing": sees_ageing(request.user),
            "shows_cases": reads_cases(request.user),
            "reviewers": list_choices() if assigns_claims(request.user) else None,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.action(description=gettext_lazy("Assign to me"), permissions=["review"])
    def assign_to_me(self, request, queryset):
        """Assign the selected claims to the user; name and skip those of the user's own partner [R19]."""
        assign_selected(request, queryset)

    @admin.action(description=gettext_lazy("Assign to a colleague"), permissions=["assign"])
    def assign_to_colleague(self, request, queryset):
        """Assign the selected claims to the chosen reviewer, likewise [R62]."""
        if to := read_reviewer(request):
            assign_selected(request, queryset, to=to)

    # --- The decision page ------------------------------------------------------------------------

    def get_urls(self):
        guard = self.admin_site.admin_view
        own = [
            path(
                f"<int:pk>/{action.slug}/",
                guard(partial(self.action_view, action=action)),
                name=action.url_name,
            )
            for action in ACTIONS
        ]
        notice = path(
            "<int:pk>/notices/<int:notice_pk>/",
            guard(xframe_options_sameorigin(self.notice_view)),
            name="associations_claim_notice",
        )
        ageing = path(
            "ageing/", guard(partial(show_ageing, self)), name="associations_claim_ageing"
        )
        ways = [
            path(
                f"<int:pk>/{name}/",
                guard(require_safe(partial(self.go_on_view, find=find))),
                name=f"associations_claim_{name}",
            )
            for name, find in (("next", my_queue.find_next), ("previous", my_queue.find_previous))
        ]
        return [*own, *ways, notice, ageing, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show the decision page; the actions have their own addresses."""
        claim = self._find_claim(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._show(request, claim)

    def history_view(self, request, object_id, extra_context=None):
        claim = self._find_claim(request, object_id)
        return HttpResponseRedirect(f"{claim.get_admin_url()}#history")

    def action_view(self, request, pk: int, *, action: ReviewAction):
        """Open the action's form beside the proof (GET), or act and return to the claim (POST)."""
        claim = self._find_claim(request, pk)
        if not action.asks and request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        stake = find_stake(request.user, claim, now=timezone.now())
        if problem := explain_closed(request.user, stake, rule=action.rule):
            return self._show(request, claim, problem=problem, status=403)
        act = ReviewAct(
            request,
            claim,
            action,
            find=partial(self._find_claim, request, pk),
            show=partial(self._show, request),
        )
        return act.take() if request.method == "POST" else act.open()

    def go_on_view(self, request, pk: int, *, find):
        """Redirect to the next or previous claim in the user's own queue [R64]."""
        return lead_on(request, self._find_claim(request, pk), find)

    def notice_view(self, request, pk: int, notice_pk: int):
        """Show a notice to the customer exactly as sent, except for the key of the link."""
        self._find_claim(request, pk)
        notice = CustomerNotice.objects.filter(claim=pk, pk=notice_pk).exclude(html="").first()
        if notice is None:
            raise Http404
        response = HttpResponse(hide_key(notice, notice.html))
        response.headers["Content-Security-Policy"] = NOTICE_POLICY
        return response

    def _find_claim(self, request, pk) -> Claim:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related(*self.list_select_related, "created_by")
        claim = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
        if claim is None:
            raise Http404
        return claim

    def _show(self, request, claim, *, action=None, form=None, problem="", status=200):
        """Render the decision page, with an action's form open and a problem shown, if any."""
        desk = Desk(claim, request)
        page = gather_page(desk, user=request.user)
        return self.render_page(
            request,
            "admin/associations/claim/decision.html",
            **page,
            title=claim.reference,
            is_nav_sidebar_enabled=False,
            buttons=[each for each in BUTTONS if each.rule in page["allowed"]],
            problem=problem,
            **_forms(action, form, page["allowed"]),
            preview=_preview(desk, action, form),
            status=status,
        )


def _forms(action: ReviewAction | None, form, allowed: set[str]) -> dict:
    """Return which form is open, whether it may still be sent, and the forms of comments and notes."""
    shown = action if action is not None and action.asks else None
    slug = action.slug if action is not None else ""
    return {
        "open_action": shown,
        "form": form if shown else None,
        "is_still_allowed": shown is not None and shown.rule in allowed,
        "comment_form": form if slug == "comment" else CommentForm(),
        "note_form": form if slug == "note" else NoteForm(),
    }


def _preview(desk: Desk, action: ReviewAction | None, form) -> Preview | None:
    is_decision = action is not None and action.decides and form is not None
    return desk.preview(form, now=timezone.now()) if is_decision else None
