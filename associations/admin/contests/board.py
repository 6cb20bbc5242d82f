"""Mediation cases in admin: their list, and the board on which one is heard and decided [R33], [R35].

Cases are never edited here: only ``contests`` writes them. Members of a partner that is a side, or stands
on the slot, find no trace of a case [R19].
"""

from functools import partial

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cpor_site.web.admin_site import ReadOnlyAdmin
from partners.rules import reads_cases

from ...contests.rivals import cases_visible_to
from ...customer.questions import NoOneToAsk, list_people
from ...models import MediationCase
from .acts import AskAct, CommentAct, DecideAct
from .lists import CaseChangeList, CaseSlaFilter, CaseStatusFilter, order_for, search_cases
from .page import explain_closed, gather_board, may_comment
from .sides import find_side
from .words import READER_WORDS

TEMPLATES = "admin/associations/mediationcase"


@admin.register(MediationCase)
class MediationCaseAdmin(ReadOnlyAdmin):
    list_display = ("product",)  # the template lays out the list
    list_filter = (CaseStatusFilter, CaseSlaFilter)
    list_select_related = ("product", "tenant")
    list_per_page = 50
    list_max_show_all = 0
    search_fields = ("slot_key",)  # enables the search box; search_cases does the search
    search_help_text = gettext_lazy(
        "Claim reference, customer, domain, Tenant ID, partner or Partner ID"
    )

    # --- Who may ----------------------------------------------------------------------------------

    def has_module_permission(self, request):
        return reads_cases(request.user)

    def has_view_permission(self, request, obj=None):
        return reads_cases(request.user)

    # --- The list ---------------------------------------------------------------------------------

    def get_queryset(self, request):
        return cases_visible_to(request.user, now=timezone.now())

    def get_ordering(self, request):
        return order_for(request.GET)

    def get_search_results(self, request, queryset, search_term):
        return search_cases(queryset, search_term) if search_term else queryset, False

    def get_changelist(self, request, **kwargs):
        return CaseChangeList

    def changelist_view(self, request, extra_context=None):
        context = {"title": _("Mediation"), "is_nav_sidebar_enabled": False}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    # --- The board --------------------------------------------------------------------------------

    def get_urls(self):
        guard = self.admin_site.admin_view
        name = "associations_mediationcase"
        return [
            path("<int:pk>/decide/", guard(self.decide_view), name=f"{name}_decide"),
            path("<int:pk>/ask/", guard(self.ask_view), name=f"{name}_ask"),
            path(
                "<int:pk>/sides/<int:side_pk>/comment/",
                guard(self.comment_view),
                name=f"{name}_comment",
            ),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show the board; the acts have their own addresses."""
        case = self._find_case(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._show(request, case)

    def history_view(self, request, object_id, extra_context=None):
        case = self._find_case(request, object_id)
        return redirect(f"{case.get_admin_url()}#history")

    def decide_view(self, request, pk: int) -> HttpResponse:
        """Decide the case (POST); the form is on the board."""
        case = self._find_case(request, pk)
        if request.method != "POST":
            return redirect(f"{case.get_admin_url()}#decide")
        if words := explain_closed(request.user):
            return self._show(request, case, problem=str(words), status=403)
        return DecideAct(request, case, **self._make_ways(request, pk, self._show)).take()

    def ask_view(self, request, pk: int) -> HttpResponse:
        """Say who would be asked (GET), or ask them and return to the board (POST)."""
        case = self._find_case(request, pk)
        if words := explain_closed(request.user):
            return self._show(request, case, problem=str(words), status=403)
        act = AskAct(request, case, **self._make_ways(request, pk, self._show_ask))
        return act.take() if request.method == "POST" else act.open()

    def comment_view(self, request, pk: int, side_pk: int) -> HttpResponse:
        """Comment to one side (POST); the form is on the board."""
        case = self._find_case(request, pk)
        side = find_side(case, side_pk)
        if side is None:
            raise Http404
        if request.method != "POST":
            return redirect(f"{case.get_admin_url()}#side-{side.pk}")
        if not may_comment(request.user):
            return self._show(request, case, problem=str(READER_WORDS), status=403)
        return CommentAct(request, case, side, **self._make_ways(request, pk, self._show)).take()

    def _make_ways(self, request, pk: int, show) -> dict:
        return {"find": partial(self._look_up, request, pk), "show": partial(show, request)}

    def _look_up(self, request, pk) -> MediationCase | None:
        """Return a case that the user may see now."""
        related = ("product", "tenant", "subscription", "winner", "decided_by")
        rows = self.get_queryset(request).select_related(*related)
        return rows.filter(pk=pk).first() if str(pk).isdecimal() else None

    def _find_case(self, request, pk) -> MediationCase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        case = self._look_up(request, pk)
        if case is None:
            raise Http404
        return case

    def _show(self, request, case, *, problem="", status=200, **forms) -> HttpResponse:
        """Render the board, with a form that was sent and a problem, if any."""
        return self.render_page(
            request,
            f"{TEMPLATES}/board.html",
            **gather_board(case, request, **forms),
            title=str(case),
            is_nav_sidebar_enabled=False,
            problem=problem,
            status=status,
        )

    def _show_ask(self, request, case, form, *, problem="", status=200) -> HttpResponse:
        sides = case.sides.filter(left_at=None).select_related("claim__tenant")
        people = list_people(case, list(sides))
        return self.render_page(
            request,
            f"{TEMPLATES}/ask.html",
            title=_("Ask the customer"),
            is_nav_sidebar_enabled=False,
            case=case,
            form=form,
            people=people,
            is_askable=case.is_askable and bool(people),
            no_one=NoOneToAsk.words if not people else "",
            problem=problem,
            status=status,
        )
