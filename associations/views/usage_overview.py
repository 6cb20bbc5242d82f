"""The usage of all official products of a partner in one table, and its export [R36], [R37]."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cpor_site.web.addresses import read_search
from cpor_site.web.csv_files import stream_csv
from cpor_site.web.query_strings import change_query
from partners.access import member_of_partner
from partners.audit.access_record import record_access
from partners.enums import AccessKind

from ..claims.visible import associations_with_usage_visible_to, claims_visible_to
from ..forms.lists import CUSTOMER, LOCATION, PRODUCT, UsageFilterForm, read_usage_choices
from ..lists.listing import count_each
from ..lists.search import CUSTOMERS_CAP
from ..models import Association
from ..usage import overview
from ..usage.export import write_overview_csv

ALL, ATTENTION = "all", "attention"
#: Counting stops here; the page then says "100+". Whether a slot is held is looked up for each.
COUNT_CAP = 100


@dataclass(frozen=True)
class Filters:
    """What the reader may see, and what they chose of it."""

    form: UsageFilterForm
    chosen: dict
    reach: QuerySet[Association]
    customers: list[int]
    today: dt.date

    def filter(self, *, is_complete: bool = False) -> QuerySet[Association]:
        """Return what was chosen, whether or not it needs attention.

        With ``is_complete`` the search covers every customer, at the price of reading every product.
        """
        customers = None if is_complete else self.customers[:CUSTOMERS_CAP]
        return overview.filter_usage(self.reach, self.chosen, customers)

    def narrow(self, found: QuerySet[Association]) -> QuerySet[Association]:
        """Keep of ``found`` what needs attention, if only that is wanted."""
        if not self.chosen.get(ATTENTION):
            return found
        return overview.keep_needing_attention(found, today=self.today)


@never_cache
@member_of_partner
@require_safe
def usage_overview(request: HttpRequest) -> HttpResponse:
    """Show a page of the products, what needs attention first; each view is recorded [R40]."""
    filters = _read_filters(request)
    found = filters.filter()
    page, is_lost = _read_page(request, filters, filters.narrow(found))
    if is_lost:
        return redirect(request.path + change_query(request.GET, drop=("after", "before")))
    _record(request, AccessKind.USAGE_LISTED, filters, count=len(page.rows))
    context = {
        "form": filters.form,
        "chosen": filters.chosen,
        "page": page,
        "tabs": _make_tabs(request, filters, found),
        "is_filtered": bool(filters.chosen),
        "too_many_customers": len(filters.customers) > CUSTOMERS_CAP,
        "customers_cap": CUSTOMERS_CAP,
        "earlier_url": page.earlier
        and change_query(request.GET, drop=("after",), before=page.earlier),
        "later_url": page.later and change_query(request.GET, drop=("before",), after=page.later),
        "export_query": change_query(request.GET, drop=("after", "before")),
    }
    return render(request, "associations/usage_overview.html", context)


@never_cache
@member_of_partner
@require_safe
def overview_export(request: HttpRequest) -> HttpResponseBase:
    """Return what is filtered as a CSV file; the export is recorded [R40]."""
    filters = _read_filters(request)
    found = filters.narrow(filters.filter(is_complete=True))
    _record(request, AccessKind.USAGE_LIST_EXPORTED, filters, count=found.count())
    name = f"usage-{timezone.localdate():%Y-%m-%d}.csv"
    return stream_csv(name, write_overview_csv(found, today=filters.today))


def _read_filters(request) -> Filters:
    term = read_search(request.GET.get("q", ""))[:100]
    membership = request.membership
    claims = claims_visible_to(request.user, membership)
    choices = read_usage_choices(membership, term=term, reach=claims)
    form = UsageFilterForm(request.GET, choices=choices)
    visible = associations_with_usage_visible_to(request.user, membership)
    return Filters(
        form,
        form.read(),
        visible.select_related("claim__location"),
        [int(key) for key, _name in choices[CUSTOMER]],
        timezone.now().date(),
    )


def _read_page(request, filters: Filters, found: QuerySet[Association]):
    """Return the page that the address names, and whether its place no longer exists."""
    backwards = "before" in request.GET
    text = request.GET.get("before" if backwards else "after", "")
    cursor = overview.Cursor.parse(text) if text else None
    page = overview.read_page(
        found, reach=filters.reach, today=filters.today, cursor=cursor, backwards=backwards
    )
    return page, bool(text) and not page.rows


def _make_tabs(request, filters: Filters, found: QuerySet[Association]) -> list[dict]:
    """Return a tab for all and one for what needs attention, each with its count up to the cap."""
    urgent = overview.keep_needing_attention(found, today=filters.today)
    # In the order of an index: any other way, the first hundred may lie behind a million others.
    parts = {ALL: overview.sort_by_attention(found), ATTENTION: overview.sort_by_attention(urgent)}
    counts = count_each(parts, cap=COUNT_CAP)
    labels = {ALL: pgettext("products", "All"), ATTENTION: _("Needs attention")}
    current = ATTENTION if filters.chosen.get(ATTENTION) else ALL
    return [
        {
            "label": labels[name],
            "count": min(count, COUNT_CAP),
            "is_capped": count > COUNT_CAP,
            "is_current": name == current,
            "url": change_query(
                request.GET,
                drop=("after", "before"),
                attention="yes" if name == ATTENTION else "",
            ),
        }
        for name, count in counts.items()
    ]


def _record(request, kind: AccessKind, filters: Filters, *, count: int) -> None:
    """Write one row with the filter and the number of products, but no figures [R40]."""
    words = ngettext("%(count)d product", "%(count)d products", count) % {"count": count}
    form, chosen = filters.form, filters.chosen
    names = [
        dict(form.fields[each].choices)[chosen[each]]  # type: ignore[attr-defined]  # of a ChoiceField
        for each in (PRODUCT, LOCATION)
        if each in chosen
    ]
    term = [f"“{chosen['q']}”"] if "q" in chosen else []
    urgent = [_("needs attention")] if ATTENTION in chosen else []
    record_access(
        kind,
        user=request.user,
        partner=request.membership.partner,
        subject=" · ".join([words, *term, *names, *urgent]),
    )
