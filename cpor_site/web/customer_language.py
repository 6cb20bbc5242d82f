"""In which language a customer reads, chosen by the address alone: no cookie, no account [R22]."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation


def read_language(request: HttpRequest, *, otherwise: str) -> str:
    """The language asked for by ``?lang=``, or ``otherwise``."""
    asked = request.GET.get("lang", "").lower()
    return asked if asked in dict(settings.LANGUAGES) else otherwise


def list_other_languages() -> list[dict]:
    """The languages to switch to; each knows its name in its own words."""
    present = translation.get_language()
    codes = [code for code, _name in settings.LANGUAGES if code != present]
    return [translation.get_language_info(code) for code in codes]


def render_for_customer(request: HttpRequest, template: str, **values) -> HttpResponse:
    """Render a page for customers that is about no link, in the language of its reader [R28]."""
    language = read_language(request, otherwise=request.LANGUAGE_CODE)
    with translation.override(language):
        context = {"other_languages": list_other_languages(), **values}
        response = render(request, template, context)
    response.headers["Content-Language"] = language
    return response
