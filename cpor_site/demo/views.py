"""The demo's own pages: the tour, one-click sign-in, and every email that was sent."""

import datetime as dt

from allauth.usersessions.models import UserSession
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from associations.enums import ImportKind
from associations.importable import KINDS
from associations.imports.handing_back import send_table
from associations.models import Claim
from notifications.bounces import find_message
from partners.models import User

from . import facts, files, mailbox
from .customers import CUSTOMERS
from .people import PASSWORD, PEOPLE
from .proof import make_statement

MAILS_A_PAGE = 50
#: The customer for which the tour files a claim: nothing is claimed there yet.
TOUR_CUSTOMER = "southridge"

#: An email can show its own inline styles and images, and open links in a new tab; nothing else.
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


@require_safe
@never_cache
def tour(request):
    """Show what to try, in five steps, with the sign-ins and the claim whose review period ends."""
    shown = {
        "claim": find_closing_claim(),
        "people": PEOPLE,
        "password": PASSWORD,
        "customers": CUSTOMERS.values(),
        "tour_customer": CUSTOMERS[TOUR_CUSTOMER],
        "files": [(code, ImportKind(code).label) for code in KINDS],
    }
    response = render(request, "demo/tour.html", shown)
    # A browser that asked for another language keeps it, whichever person signs in. In English each
    # person's own language is shown: Beatriz should appear in hers.
    chosen = get_language()
    if chosen != settings.LANGUAGE_CODE and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, samesite="Lax")
    return response


def find_closing_claim() -> Claim:
    claims = Claim.objects.select_related("partner", "tenant")
    return get_object_or_404(claims, reference=facts.read()["closing_claim"])


@require_safe
@never_cache
def closing(_request):
    """Return the state of the claim to watch, for the countdown."""
    claim = find_closing_claim()
    left = claim.due_at - timezone.now() if claim.due_at else dt.timedelta()
    seconds = max(0, round(left.total_seconds()))
    words = claim.get_status_display()
    return JsonResponse({"status": claim.status, "words": words, "seconds_left": seconds})


@require_POST
def sign_in(request):
    """Sign in as one of the demo's people and no one else, with pages in their language."""
    known = User.objects.filter(email__in=[each.email for each in PEOPLE])
    user = get_object_or_404(known, email=request.POST.get("email", ""))
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    UserSession.objects.create_from_request(request)  # for the person's list of sessions
    response = redirect("home")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
    return response


@require_safe
def proof_file(_request):
    """Return a file of proof to upload in the tour."""
    partner, customer = "Contoso Consulting", CUSTOMERS[TOUR_CUSTOMER]
    statement = make_statement(partner, customer, ["Teams", "Exchange Online"], day=timezone.now())
    response = HttpResponse(statement, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="statement-of-work.pdf"'
    return response


@require_safe
@never_cache
def mail(request):
    """List every email that the mail server accepted, newest first."""
    pages = Paginator(mailbox.list_names(), MAILS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    mails = []
    for name in page:
        read = mailbox.read(name, headers_only=True)
        message = find_message(read.message_id)
        mails.append((read, message.get_kind_display() if message else ""))
    return render(request, "demo/mail.html", {"mails": mails, "page": page})


@require_safe
@never_cache
def one_mail(request, name):
    """Show one email: text and HTML side by side."""
    return render(request, "demo/one_mail.html", {"mail": mailbox.read(name)})


@require_safe
@csp_replace(MAIL_POLICY)  # type: ignore[arg-type]  # typed for views without an argument
@xframe_options_sameorigin
def mail_html(_request, name):
    """Return the HTML part as its reader sees it, confined to a frame; its links open in a new tab."""
    html = mailbox.read(name).html
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


@require_safe
def file_to_try(request, code: str, form: str):
    """Return a file to import in the demo: made up, with an error to read about."""
    if code not in KINDS:
        raise Http404
    rows = files.make_cells(code, today=timezone.localdate())
    return send_table(f"{code}.{form}", [each.name for each in KINDS[code].columns], [rows])
