"""Many drafts at once: choose, confirm once, and see what became of each [R47]."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from partners.access import incentives_admin_required, member_of_partner

from ...claims import visible
from ...filing import at_once
from ...filing.at_once import MANY_MAX, Outcome
from ...forms.filing.review import SubmitManyForm
from ...models import Claim


@member_of_partner
@require_safe
def draft_list(request) -> HttpResponse:
    """Show the newest drafts with what they lack, to choose some of them."""
    context = {"drafts": at_once.list_drafts(_drafts(request)), "most": MANY_MAX}
    return render(request, "associations/drafts/list.html", context)


@incentives_admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request) -> HttpResponse:
    """Ask for the acknowledgements once for all chosen drafts, then submit each [R41], [R47]."""
    drafts = _find_chosen(request)
    if not drafts:
        return redirect("associations:drafts", request.membership.partner.key)
    form = SubmitManyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        outcomes = at_once.submit_many(
            drafts,
            actor=request.user,
            now=timezone.now(),
            revisions=_read_numbers(request, "revision"),
        )
        return _show_outcomes(request, outcomes, "associations/drafts/submitted.html")
    context = {"drafts": drafts, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "associations/drafts/submit.html", context, status=status)


@member_of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request) -> HttpResponse:
    """Ask once, then discard each of the chosen drafts."""
    drafts = _find_chosen(request)
    if not drafts:
        return redirect("associations:drafts", request.membership.partner.key)
    if request.method == "POST":
        outcomes = at_once.discard_many(
            drafts,
            actor=request.user,
            revisions=_read_numbers(request, "revision"),
            known_files=_read_numbers(request, "files"),
        )
        return _show_outcomes(request, outcomes, "associations/drafts/discarded.html")
    return render(request, "associations/drafts/discard.html", {"drafts": drafts})


def _drafts(request: HttpRequest):
    membership = request.membership  # type: ignore[attr-defined]  # set by the decorators
    return visible.claims_visible_to(request.user, membership)


def _find_chosen(request: HttpRequest) -> Sequence[Claim]:
    """Return the chosen drafts that the person may see.

    Once the page is sent, also what is no draft any more: a colleague may have submitted it, and the
    person is told.
    """
    is_sent = request.method == "POST"
    data = request.POST if is_sent else request.GET
    chosen = _drafts(request).filter(reference__in=data.getlist("claim")[:MANY_MAX])
    return at_once.list_chosen(chosen) if is_sent else at_once.list_drafts(chosen)


def _read_numbers(request: HttpRequest, name: str) -> dict[str, int]:
    """Return what the page showed of each draft, by reference: fields named ``revision-K7QF2``."""
    numbers = {}
    for field, value in request.POST.items():
        kind, _dash, reference = field.partition("-")
        if kind == name and str(value).isdecimal():
            numbers[reference] = int(str(value)[:9])
    return numbers


def _show_outcomes(request: HttpRequest, outcomes: list[Outcome], template: str) -> HttpResponse:
    context = {
        "done": [each.claim for each in outcomes if not each.problem],
        "failed": [each for each in outcomes if each.problem],
        "gone": len(set(request.POST.getlist("claim")[:MANY_MAX])) - len(outcomes),
    }
    return render(request, template, context)
