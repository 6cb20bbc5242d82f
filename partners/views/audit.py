"""The access record of a partner, for its Incentives admins [R40]."""

import uuid
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ..access import incentives_admin_required
from ..audit.access_record import read_page, records_visible_to
from ..forms.audit import AccessFilterForm

#: The filter's field → the record's.
FILTERS = {"person": "user", "kind": "kind"}


@never_cache
@incentives_admin_required
@require_safe
def access(request) -> HttpResponse:
    """Who signed in, changed who may do what, or took something away; a page at a time."""
    form = AccessFilterForm(request.GET, partner_id=request.membership.partner_id)
    chosen = form.read()
    records = records_visible_to(request.membership).filter(
        **{FILTERS[name]: value for name, value in chosen.items()}
    )
    after, before = (_read_key(request, name) for name in ("after", "before"))
    page = read_page(records, after=after, before=before)
    if (after or before) and not page.rows:
        return redirect(f"{request.path}?{urlencode(chosen)}")
    context = {
        "form": form,
        "page": page,
        "is_filtered": bool(chosen),
        "newer_url": _address(chosen, before=page.newer),
        "older_url": _address(chosen, after=page.older),
    }
    return render(request, "partners/access.html", context)


def _read_key(request: HttpRequest, name: str) -> str:
    try:
        return str(uuid.UUID(request.GET.get(name, "")))
    except ValueError:
        return ""


def _address(chosen: dict[str, str], **place: str | None) -> str:
    return "?" + urlencode({**chosen, **{name: key for name, key in place.items() if key}})
