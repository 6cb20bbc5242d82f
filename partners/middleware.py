from django.conf import settings
from django.utils import timezone, translation

from .time_zones import ReaderZone, find_reader_zone


class ConfidentialPagesMiddleware:
    """Keeps what signed-in people see out of every cache: after signing out, Back shows none of it.

    A view's own word stands. Answers that looked at no session are nobody's in particular, and nothing
    is asked for their sake: customers and visitors cost no query here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_free = not response.has_header("Cache-Control")
        if is_free and request.session.accessed and request.user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class PersonTimeZoneMiddleware:
    """Shows instants in the zone of the person who reads them; visitors see none but deadlines [R6]."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        # Nobody is asked for before an instant is shown: a stylesheet looks at no session.
        with timezone.override(ReaderZone(lambda: find_reader_zone(request))):
            return self.get_response(request)


class PersonLanguageMiddleware:
    """Pages come in the person's own language unless this browser was told otherwise [R51].

    Visitors without a session, customers above all, cost no query here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        cookies = request.COOKIES
        if settings.LANGUAGE_COOKIE_NAME in cookies or settings.SESSION_COOKIE_NAME not in cookies:
            return self.get_response(request)
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
