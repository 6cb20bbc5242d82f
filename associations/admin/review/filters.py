"""The filters of the review queue, each a list of choices [R15]."""

from django.contrib.admin import SimpleListFilter
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from cpor_site.web.admin_choices import ROW_NUMBER
from partners.models import Program, User

from ...enums import STAFF_STATUSES, Activity, Actor, Status
from ...models import Claim, Tenant
from .queue import filter_contested, has_parked_products, is_default_view
from .sla import Sla, SlaClock

COUNTRIES_KEPT = 300  # seconds


class ChoiceFilter(SimpleListFilter):
    """A filter with one choice, or none (all); ``narrow`` applies it."""

    any_label = _("Any")

    def narrow(self, claims, value, request):
        """Return the ``claims`` that match the choice ``value``."""
        raise NotImplementedError

    def queryset(self, request, queryset):
        value = self.value()
        known = {str(code) for code, _label in self.lookup_choices}
        return self.narrow(queryset, value, request) if value in known else queryset

    def select_options(self):
        """Return (value, label, whether it is chosen) for the template."""
        chosen = self.value() or ""
        every = [("", self.any_label), *self.lookup_choices]
        return [(code, label, str(code) == chosen) for code, label in every]


class StatusFilter(ChoiceFilter):
    """Without a choice, the queue shows claims waiting for staff; a search covers all claims."""

    title, parameter_name = _("Status"), "status"
    any_label = _("Waiting for staff, or found by search")

    def lookups(self, request, model_admin):
        filed = [each for each in Status.choices if each[0] != Status.EDITING]
        return [("waiting", _("Waiting for staff")), ("all", _("All")), *filed]

    def queryset(self, request, queryset):
        if is_default_view(request.GET):
            return queryset.filter(status__in=STAFF_STATUSES)
        return super().queryset(request, queryset)

    def narrow(self, claims, value, request):
        if value == "all":
            return claims
        statuses = STAFF_STATUSES if value == "waiting" else (value,)
        return claims.filter(status__in=statuses)

    def select_options(self):
        chosen = self.value() or self._standing_choice
        return [(code, label, str(code) == chosen) for code, label in self.lookup_choices]

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self._standing_choice = "waiting" if is_default_view(request.GET) else "all"


class TurnFilter(ChoiceFilter):
    title, parameter_name = _("Waiting for"), "turn"

    def lookups(self, request, model_admin):
        return [each for each in Actor.choices if each[0] != Actor.SYSTEM]

    def narrow(self, claims, value, request):
        return claims.filter(turn=value)


class ProgramFilter(ChoiceFilter):
    title, parameter_name = _("Program"), "program"

    def lookups(self, request, model_admin):
        programs = list(Program.objects.all())
        self.keys = {each.code: each.pk for each in programs}
        named = [(each.code, each.name) for each in programs]
        return [*named, ("none", _("None (revenue association)"))]

    def narrow(self, claims, value, request):
        if value == "none":
            return claims.filter(activity=Activity.REVENUE)
        # By the program's key, for which the planner can estimate the number of claims.
        of_program = Claim.programs.through.objects.filter(program=self.keys[value])
        return claims.filter(pk__in=of_program.values("claim"))


class CountryFilter(ChoiceFilter):
    title, parameter_name = _("Customer's country"), "country"

    def lookups(self, request, model_admin):
        codes = cache.get_or_set("review-queue-countries", _find_countries, COUNTRIES_KEPT)
        return [(code, code) for code in codes or ()]

    def narrow(self, claims, value, request):
        return claims.filter(tenant__country=value)


def _find_countries() -> list[str]:
    return list(Tenant.objects.order_by("country").values_list("country", flat=True).distinct())


class ReviewerFilter(ChoiceFilter):
    title, parameter_name = _("Reviewer"), "reviewer"

    def lookups(self, request, model_admin):
        """Return the three choices, and the person that the ageing page's link names."""
        choices: list[tuple] = [
            ("me", _("Me")),
            ("nobody", _("No one")),
            ("others", _("Someone else")),
        ]
        asked = request.GET.get(self.parameter_name, "")
        if ROW_NUMBER.fullmatch(asked):
            person = User.objects.filter(pk=asked, is_staff=True).first()
            choices += [(asked, str(person))] if person else []
        return choices

    def narrow(self, claims, value, request):
        if value == "me":
            return claims.filter(assigned_to=request.user)
        if value == "nobody":
            return claims.filter(assigned_to=None)
        if value.isdecimal():
            return claims.filter(assigned_to=value)
        return claims.exclude(assigned_to=None).exclude(assigned_to=request.user)


class SlaFilter(ChoiceFilter):
    title, parameter_name = _("Time limit"), "sla"

    def lookups(self, request, model_admin):
        return Sla.choices

    def narrow(self, claims, value, request):
        return claims.filter(SlaClock.read().filter_for(value))


class CompetingFilter(ChoiceFilter):
    title, parameter_name = _("Competing"), "competing"

    def lookups(self, request, model_admin):
        return [("yes", _("Competing claims only"))]

    def narrow(self, claims, value, request):
        return filter_contested(claims)


class ParkedFilter(ChoiceFilter):
    title, parameter_name = _("On hold"), "parked"

    def lookups(self, request, model_admin):
        return [("yes", _("Claims on hold only"))]

    def narrow(self, claims, value, request):
        return claims.filter(has_parked_products())


QUEUE_FILTERS = (
    StatusFilter,
    SlaFilter,
    ReviewerFilter,
    TurnFilter,
    ProgramFilter,
    CountryFilter,
    CompetingFilter,
    ParkedFilter,
)
