"""The claims list and its export."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cpor_site.web.addresses import read_search
from cpor_site.web.csv_files import stream_csv
from cpor_site.web.query_strings import change_query
from partners.access import member_of_partner
from partners.audit.access_record import record_access
from partners.enums import AccessKind

from ...claims import visible
from ...contests import own_cases
from ...enums import Status
from ...forms.lists import (
    CLAIM,
    COLUMNS,
    CUSTOMER,
    ClaimFilterForm,
    ColumnsForm,
    read_choices,
)
from ...lists import listing, search
from ...lists.columns import FITTING, Column, choose_columns
from ...lists.export import write_claims_csv
from ...lists.listing import COUNT_CAP, Cursor
from ...models import Association

#: Products named in a row of the list; the template cuts there as well.
PRODUCTS_SHOWN = 3
#: Filters that are folded away until one of them is used.
FOLDED_FILTERS = ("lane", "program", "location", "product", "deadline")
#: What the address says about how the claims are shown, not which.
LOOKS = ("sort", COLUMNS)


@member_of_partner
@require_safe
def claim_list(request) -> HttpResponse:
    """The partner's claims, a page at a time [R46]."""
    form, chosen, reach, claims, too_many = read_filters(request)
    counts = listing.count_by_status(claims)
    if chosen.get("status"):
        claims = claims.filter(status=chosen["status"])
    page, is_lost = _read_page(request, claims, reach=reach, sort=chosen["sort"])
    if is_lost:
        return redirect(request.path + change_query(request.GET, drop=("after", "before")))
    context = {
        "form": form,
        "chosen": chosen,
        "page": page,
        "tabs": _make_tabs(request, counts, chosen),
        "is_filtered": any(value for name, value in chosen.items() if name not in LOOKS),
        "filters_open": any(chosen.get(name) for name in FOLDED_FILTERS),
        **too_many,
        **_describe_columns(request, chosen),
        "newer_url": page.newer and change_query(request.GET, drop=("after",), before=page.newer),
        "older_url": page.older and change_query(request.GET, drop=("before",), after=page.older),
        "export_query": change_query(request.GET, drop=("after", "before", *LOOKS)),
    }
    return render(request, "associations/claim_list.html", context)


@member_of_partner
@require_safe
def export(request) -> HttpResponseBase:
    """Return all filtered claims that the person may see, as a CSV file.

    Unlike on the page, a search covers every customer: the file is read claim by claim in any case. The
    file has all columns, whichever the page shows.
    """
    _form, chosen, reach, _claims, _too_many = read_filters(request)
    claims = listing.filter_claims(reach, chosen, customers=None, now=timezone.now())
    if chosen.get("status"):
        claims = claims.filter(status=chosen["status"])
    record_access(AccessKind.CLAIMS_EXPORTED, user=request.user, partner=request.membership.partner)
    name = f"claims-{timezone.localdate():%Y-%m-%d}.csv"
    return stream_csv(name, write_claims_csv(claims))


def read_filters(request):
    """Return the form, its values, all claims the person may see, the filtered ones, and whether the
    search matches more customers or claims than it considers.
    """
    term = read_search(request.GET.get("q", ""))[:100]
    reach = visible.claims_visible_to(request.user, request.membership)
    choices = read_choices(request.membership, term=term, reach=reach)
    form = ClaimFilterForm(request.GET, choices=choices)
    chosen = form.read()
    customers = [int(key) for key, _name in choices[CUSTOMER]]
    by_words = sorted((int(key) for key, _text in choices[CLAIM]), reverse=True)
    claims = listing.filter_claims(
        reach,
        chosen,
        customers[: search.CUSTOMERS_CAP],
        by_words=by_words[: search.CLAIMS_CAP],
        now=timezone.now(),
    )
    too_many = {
        "too_many_customers": len(customers) > search.CUSTOMERS_CAP,
        "customers_cap": search.CUSTOMERS_CAP,
        "too_many_claims": len(by_words) > search.CLAIMS_CAP,
        "claims_cap": search.CLAIMS_CAP,
    }
    return form, chosen, reach, claims, too_many


def _read_page(request, claims, *, reach, sort):
    """Return the page that the address names, and whether its place in the list no longer exists."""
    backwards = "before" in request.GET
    text = request.GET.get("before" if backwards else "after", "")
    cursor = Cursor.parse(text) if text else None
    products = Prefetch("associations", Association.objects.select_related("product"))
    rows = claims.select_related("tenant", "location").prefetch_related(products)
    page = listing.read_page(rows, reach=reach, sort=sort, cursor=cursor, backwards=backwards)
    marks = own_cases.mark_contested(page.rows, now=timezone.now())
    for claim in page.rows:
        claim.contest = marks.get(claim.pk)  # type: ignore[attr-defined]  # for the page
        count = len(claim.associations.all())
        claim.more_products = count - PRODUCTS_SHOWN  # type: ignore[attr-defined]  # for the page
    return page, bool(text) and not page.rows


def _describe_columns(request, chosen: dict) -> dict:
    """Return the columns to show, the form that chooses others, and what it must not lose."""
    columns = choose_columns(chosen.get(COLUMNS, ()))
    others = [(name, values) for name, values in request.GET.lists() if name != COLUMNS]
    return {
        "columns": columns,
        "columns_form": ColumnsForm(shown=columns),
        "has_location_column": Column.LOCATION in columns,
        "has_many_columns": len(columns) > FITTING,
        "rest_of_address": [(name, each) for name, values in others for each in values if each],
        "cleared_query": change_query(request.GET, drop=tuple(name for name, _values in others)),
    }


def _make_tabs(request, counts: dict[str, int], chosen: dict) -> list[dict]:
    """Return a tab for all and one for each status, each with its count up to the cap."""
    codes = ["", *Status.values]
    counts = {"": sum(counts.values()), **counts}
    return [
        {
            "code": code,
            "label": Status(code).label if code else "",
            "count": min(counts[code], COUNT_CAP),
            "is_capped": counts[code] > COUNT_CAP,
            "is_current": chosen.get("status", "") == code,
            "url": change_query(request.GET, drop=("after", "before"), status=code),
        }
        for code in codes
        if not code or counts[code] or chosen.get("status") == code
    ]
