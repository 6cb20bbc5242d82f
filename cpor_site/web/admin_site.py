"""Django admin for staff: our title, our sign-in, our security headers."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_fields_from_path
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .addresses import read_search
from .admin_choices import ROW_NUMBER, CarefulChoices, ColumnField
from .admin_lists import NEWEST_FIRST, CappedPaginator, KeysetChangeList, StaffChangeList
from .admin_search import find_matching


class CporAdminConfig(AdminConfig):
    default_site = "cpor_site.web.admin_site.CporAdminSite"


class CporAdminSite(admin.AdminSite):
    index_title = _("Staff home")
    enable_nav_sidebar = True

    def register(self, model_or_iterable, admin_class=None, **options):
        """Apply ``StaffAdmin``'s limits to every page, including those that packages register."""
        admin_class = admin_class or admin.ModelAdmin
        if not issubclass(admin_class, StaffAdmin):
            admin_class = type(admin_class.__name__, (StaffAdmin, admin_class), {})
        super().register(model_or_iterable, admin_class, **options)

    def get_urls(self):
        """Leave out “view on site”: it would reveal any object's address to anyone who guesses its number."""
        every = super().get_urls()
        return [each for each in every if getattr(each, "name", "") != "view_on_site"]

    @property
    def site_header(self):  # type: ignore[override]  # never assigned; the setting is read late
        return _("%(operator)s – Partner of Record") % {"operator": settings.OPERATOR_NAME}

    @property
    def site_title(self):  # type: ignore[override]  # never assigned; the setting is read late
        return self.site_header

    def login(self, request, extra_context=None):
        """Redirect to the sign-in page; raise PermissionDenied (403) for signed-in people who are not staff.

        Django's own form is not processed: it asks for no second factor and counts no attempts.
        """
        # Not at the top: applications are still loading when this module is imported.
        from allauth.account.decorators import secure_admin_login  # noqa: PLC0415

        return secure_admin_login(lambda _request: redirect("admin:index"))(request)

    def password_change(self, request, extra_context=None):
        """Redirect to the only page for it, which notifies the person by email [R44]."""
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        """Redirect as well: nothing leads here any longer, but an old bookmark must not end in an error."""
        return redirect("admin:index")

    def logout(self, request, extra_context=None):
        """Sign out everywhere, and redirect to the only sign-in page."""
        from django.contrib.auth.views import LogoutView  # noqa: PLC0415 - as above

        return LogoutView.as_view(next_page="account_login")(request)


class StaffAdmin(CarefulChoices, admin.ModelAdmin):
    """The base of every page here: a list can be narrowed only by the filters that it offers.

    Django lets the address filter a list by any column and any relation of a row, shown or not. People who
    see a list could thus find out what they must not see, one yes or no at a time: the key in an email's
    link, a password hash, whether a customer has claims.

    A list costs the same however many rows it has (``admin_lists``, ``admin_search``).
    """

    view_on_site: Any = False  # what CporAdminSite.get_urls leaves out
    actions: Any = None  # a list acts on many rows only where a page says how
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count every row
    #: A short list can be sorted by its columns; a long one has the only order that an index supports.
    is_short_list = False

    def is_newest_first(self, request) -> bool:
        order = tuple(self.get_ordering(request) or self.opts.ordering or ())
        return order in NEWEST_FIRST and not self.is_short_list

    def changelist_view(self, request, extra_context=None):
        """Head a list by what it holds: Django's "Select entry to look at to view" reads badly."""
        context = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_changelist(self, request, **kwargs):
        return KeysetChangeList if self.is_newest_first(request) else StaffChangeList

    def get_sortable_by(self, request):
        return super().get_sortable_by(request) if self.is_short_list else ()

    def get_search_results(self, request, queryset, search_term):
        """Normalise the search term as stored values are; a page with its own search gets it too."""
        fields = self.get_search_fields(request)
        return find_matching(queryset, read_search(search_term), fields), False

    def render_page(self, request, template: str, *, status: int = 200, **context) -> HttpResponse:
        """Render a page of our own within admin; ``context`` has its title."""
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**shared, **context}, status=status)

    def get_object(self, request, object_id, from_field=None):
        """Find by the key if the address names an empty field; Django would look for a nameless field."""
        return super().get_object(request, object_id, from_field or None)

    def get_formsets_with_inlines(self, request, obj=None):
        """Give each field of a table a name; both classes exist only for this request."""
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            if isinstance(inline, admin.TabularInline):
                formset.form.bound_field_class = ColumnField
            yield formset, inline

    def response_action(self, request, queryset, *args, **kwargs):
        """Drop selected values that are not a row's number; Django crashes on them."""
        ticked = filter(ROW_NUMBER.fullmatch, request.POST.getlist(ACTION_CHECKBOX_NAME))
        form = request.POST.copy()
        form.setlist(ACTION_CHECKBOX_NAME, list(ticked))
        request.POST = form
        return super().response_action(request, queryset, *args, **kwargs)

    def lookup_allowed(self, lookup, value, request):
        """Refuse (400) any lookup that no filter of this page uses; search and ordering are not lookups."""
        filters = self.get_list_filter(request)
        return lookup in self._date_lookups() or any(
            lookup in self._list_parameters(each, request) for each in filters
        )

    def _date_lookups(self) -> set[str]:
        units = ("year", "month", "day") if self.date_hierarchy else ()
        return {f"{self.date_hierarchy}__{unit}" for unit in units}

    def _list_parameters(self, list_filter, request) -> list[str | None]:
        """List the parameters a filter understands: our own by name, a field's after creating it."""
        if isinstance(list_filter, type) and issubclass(list_filter, admin.SimpleListFilter):
            return [list_filter.parameter_name]
        is_pair = isinstance(list_filter, tuple | list)
        path, make = list_filter if is_pair else (list_filter, admin.FieldListFilter.create)
        field = get_fields_from_path(self.model, path)[-1]
        return make(field, request, {}, self.model, self, field_path=path).expected_parameters()


class ReadOnlyAdmin(StaffAdmin):
    """Records of what happened: viewed and acted on, never edited by hand."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
