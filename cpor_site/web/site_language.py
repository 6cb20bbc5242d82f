"""The language of a page: a cookie's, the person's own, or the browser's, and caches are told so."""

from django.middleware.locale import LocaleMiddleware
from django.utils.cache import patch_vary_headers


class SiteLanguageMiddleware(LocaleMiddleware):
    """Names the cookies in ``Vary``: Django reads a language from one, and names only ``Accept-Language``.

    Without it a shared cache would give everybody the page in the language of whoever asked first. What is
    for public caches (a stylesheet) is in no language.
    """

    def process_response(self, request, response):
        response = super().process_response(request, response)
        if "public" not in response.get("Cache-Control", ""):
            patch_vary_headers(response, ["Cookie"])
        return response
