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

from associations.models import Claim
from notifications.bounces import find_message
from partners.models import User

from . import facts, mailbox, proof
from .customers import CUSTOMERS
from .people import PASSWORD, PEOPLE, describe_person

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
    known = facts.read()
    response = render(
        request,
        "demo/tour.html",
        {
            "claim": find_closing_claim(),
            "people": [describe_person(each) for each in PEOPLE],
            "password": PASSWORD,
            "customers": CUSTOMERS.values(),
            "tour_customer": CUSTOMERS[TOUR_CUSTOMER],
            "address": known["address"],
        },
    )
    return keep_language(request, response)


def keep_language(request, response):
    """Keep a browser that asked for a language other than English in it, whichever person signs in.

    In English each person's own language is shown: in the tour, Beatriz should appear in hers.
    """
    chosen = get_language()
    if chosen != settings.LANGUAGE_CODE and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, samesite="Lax")
    return response


def find_closing_claim() -> Claim:
    return get_object_or_404(
        Claim.objects.select_related("partner", "tenant"), reference=facts.read()["closing_claim"]
    )


@require_safe
@never_cache
def closing(_request):
    """Return the state of the claim to watch, for the countdown."""
    claim = find_closing_claim()
    left = claim.due_at - timezone.now() if claim.due_at else dt.timedelta()
    return JsonResponse(
        {
            "status": claim.status,
            "words": claim.get_status_display(),
            "seconds_left": max(0, round(left.total_seconds())),
        }
    )


@require_POST
def sign_in(request):
    """Sign in as one of the demo's people and no one else, with pages in their language."""
    email = request.POST.get("email", "")
    if email not in {each.email for each in PEOPLE}:
        raise Http404
    user = get_object_or_404(User, email=email)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    UserSession.objects.create_from_request(request)  # for the person's list of sessions
    response = redirect("home")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
    return response


@require_safe
def proof_file(_request):
    """Return a file of proof to upload in the tour."""
    customer = CUSTOMERS[TOUR_CUSTOMER]
    lines = proof.write_statement(
        partner="Contoso Consulting",
        customer=customer.name,
        domain=customer.domain,
        tenant_id=customer.tenant_id,
        products=["Teams", "Exchange Online"],
        day=timezone.now(),
    )
    response = HttpResponse(proof.make_pdf(lines), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="statement-of-work.pdf"'
    return response


@require_safe
@never_cache
def mail(request):
    """List every email that the mail server accepted, newest first."""
    pages = Paginator(mailbox.names(), MAILS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    mails = [(each, find_kind(each)) for each in map(mailbox.read_head, page)]
    return render(request, "demo/mail.html", {"mails": mails, "page": page})


def find_kind(mail: mailbox.Mail) -> str:
    """Return the kind of email in words; empty for one that is not from the outbox."""
    message = find_message(mail.message_id)
    return message.get_kind_display() if message else ""


@require_safe
@never_cache
def one_mail(request, name):
    """Show one email: text and HTML side by side."""
    return render(request, "demo/one_mail.html", {"mail": read_or_404(name)})


@require_safe
@csp_replace(MAIL_POLICY)  # type: ignore[arg-type]  # typed for views without an argument
@xframe_options_sameorigin
def mail_html(_request, name):
    """Return the HTML part as its reader sees it, confined to a frame; its links open in a new tab."""
    html = read_or_404(name).html
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


def read_or_404(name: str) -> mailbox.Mail:
    found = mailbox.read(name)
    if found is None:
        raise Http404
    return found
