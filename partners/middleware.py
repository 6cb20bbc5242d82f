from django.conf import settings
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin

from .time_zones import ReaderZone, find_reader_zone


class ConfidentialPagesMiddleware(MiddlewareMixin):
    """Keep pages for signed-in people out of every cache: after signing out, Back shows none of them.

    A view's own header takes precedence. A response that did not read the session is the same for
    everyone, so it is left alone: customers and visitors cost no query here.
    """

    def process_response(self, request, response):
        is_free = not response.has_header("Cache-Control")
        if is_free and request.session.accessed and request.user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class PersonTimeZoneMiddleware:
    """Show instants in the reader's time zone; visitors see no instants but deadlines [R6]."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        # The zone is looked up when an instant is shown: a stylesheet reads no session.
        with timezone.override(ReaderZone(lambda: find_reader_zone(request))):
            return self.get_response(request)


class PersonLanguageMiddleware(MiddlewareMixin):
    """Show pages in the person's own language unless this browser chose another [R51].

    Visitors without a session, above all customers, cost no query here.
    """

    def process_request(self, request):
        cookies = request.COOKIES
        if settings.LANGUAGE_COOKIE_NAME in cookies or settings.SESSION_COOKIE_NAME not in cookies:
            return
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
