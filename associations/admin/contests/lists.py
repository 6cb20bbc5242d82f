"""The list of mediation cases: what is open, oldest deadline first, in a fixed number of queries."""

from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from cpor_site.web.admin_lists import StaffChangeList
from partners.rules import mediates

from ...enums import DECIDABLE_CASES, CaseStatus
from ...models import CaseSide, Claim, MediationCase
from ..review.filters import ChoiceFilter
from ..review.queue import search_claims
from ..review.sla import Sla, SlaClock
from .words import describe_case

#: The choice of all cases that are not closed.
OPEN, ALL = "open", "all"


def shows_open(params) -> bool:
    """Does the list show what is open? Without a choice it does, but a search covers all cases."""
    return params.get("status", "") in ("", OPEN) and not (
        params.get("q") and not params.get("status")
    )


def order_for(params) -> list:
    """Return the order: oldest deadline first, then what has none; all cases newest first."""
    is_closed = params.get("status") in (ALL, CaseStatus.CLOSED)
    if is_closed or not (shows_open(params) or params.get("status")):
        return ["-id"]
    return [F("due_at").asc(nulls_last=True), "id"]


def search_cases(cases: QuerySet[MediationCase], words: str) -> QuerySet[MediationCase]:
    """Find cases whose sides' claims have this reference, customer or partner."""
    found = search_claims(Claim.objects.all(), words)
    sides = CaseSide.objects.filter(claim__in=found.order_by().values("pk"))
    return cases.filter(pk__in=sides.order_by().values("case"))


class CaseStatusFilter(ChoiceFilter):
    title, parameter_name = _("Status"), "status"

    def lookups(self, request, model_admin):
        return [(OPEN, _("Open")), (ALL, _("All")), *CaseStatus.choices]

    def queryset(self, request, queryset):
        if shows_open(request.GET):
            return queryset.open()
        return super().queryset(request, queryset)

    def narrow(self, cases, value, request):
        return cases if value == ALL else cases.filter(status=value)

    def select_options(self):
        chosen = self.value() or self._standing_choice
        return [(code, label, str(code) == chosen) for code, label in self.lookup_choices]

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self._standing_choice = OPEN if shows_open(request.GET) else ALL


class CaseSlaFilter(ChoiceFilter):
    """Whether staff are late with a decision."""

    title, parameter_name = _("Time limit"), "sla"

    def lookups(self, request, model_admin):
        return Sla.choices

    def narrow(self, cases, value, request):
        return cases.filter(SlaClock.read().span_of(value), status__in=DECIDABLE_CASES)


class CaseChangeList(StaffChangeList):
    """A page of cases with their sides, and where each stands."""

    def get_queryset(self, request, exclude_parameters=None):
        sides = Prefetch("sides", queryset=CaseSide.objects.select_related("partner"))
        return super().get_queryset(request, exclude_parameters).prefetch_related(sides)

    def get_results(self, request):
        super().get_results(request)
        clock, may_decide = SlaClock.read(), mediates(request.user)
        self.rows = [
            {"case": case, **describe_case(case, clock, mediates=may_decide)}
            for case in self.result_list
        ]
