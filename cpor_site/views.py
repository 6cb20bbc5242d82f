"""Pages of the site itself: the plain explanation, the accent colour, the language."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from cpor_site.web.customer_language import render_for_customer

from .web.way_back import read_way_back


@require_safe
def about_cpor(request):
    """Explain CPOR to customers in plain words [R28]."""
    return render_for_customer(request, "about_cpor.html")


def not_here(_request, **_parts):
    """Answer 404 for pages of packages that this site does not offer."""
    raise Http404


@require_safe
@cache_control(max_age=3600, public=True)
def theme(request):
    """Return the operator's accent colour as a stylesheet: the security policy allows no inline styles."""
    css = f":root {{ --cpor-accent: {settings.OPERATOR_ACCENT_COLOUR}; }}\n"
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@require_POST
def choose_language(request):
    """Store a language in a cookie and, for emails, with the signed-in person [R51]."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(read_way_back(request, otherwise="/"))
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax"
        )
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response
