"""The language of a page, from a cookie, the person or the browser, and telling caches about it."""

from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers


class SiteLanguageMiddleware(LocaleMiddleware):
    """Adds the cookies to ``Vary``: Django reads the language from one, but adds only ``Accept-Language``.

    Without it a shared cache would serve everyone the page in the first visitor's language. What is meant
    for public caches (a stylesheet) has no language.
    """

    def process_response(self, request, response):
        response = super().process_response(request, response)
        if "public" not in response.get("Cache-Control", ""):
            patch_vary_headers(response, ["Cookie"])
        return response
