from django.conf import settings
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from .current import find_current_membership


class CurrentMembershipMiddleware:
    """Puts ``request.membership`` there: for which partner the person works now, or None [R41].

    It is read at each request, so that removing someone ends their access at the next one.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.membership = SimpleLazyObject(lambda: find_current_membership(request))
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
