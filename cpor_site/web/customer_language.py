"""The language of customers' pages, chosen only by the address: no cookie, no account [R22]."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation


def read_language(request: HttpRequest, *, otherwise: str) -> str:
    """Return the language that ``?lang=`` asks for, or ``otherwise``."""
    asked = request.GET.get("lang", "").lower()
    return asked if asked in dict(settings.LANGUAGES) else otherwise


def list_other_languages() -> list[str]:
    """Return the codes of the languages to switch to."""
    present = translation.get_language()
    return [code for code, _name in settings.LANGUAGES if code != present]


def render_for_customer(request: HttpRequest, template: str, **values) -> HttpResponse:
    """Render a page for customers that does not belong to a link, in the reader's language [R28]."""
    language = read_language(request, otherwise=request.LANGUAGE_CODE)
    with translation.override(language):
        context = {"other_languages": list_other_languages(), **values}
        response = render(request, template, context)
    response.headers["Content-Language"] = language
    return response
