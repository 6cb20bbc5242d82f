from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from .access import render_not_a_member, render_wrong_partner
from .current import NotAMember, WrongPartner, find_current_membership, require_right_partner
from .time_zones import ReaderZone, find_reader_zone


class CurrentMembershipMiddleware:
    """Puts ``request.membership`` there: for which partner the person works now, or None [R41].

    It is read at each request, so that removing someone ends their access at the next one. Forms
    that were opened for another partner are turned away before the view.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.membership = SimpleLazyObject(lambda: find_current_membership(request))
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Check the form's partner, unless the view must read the body itself, or has no session.

        Those are exempt from the check of the CSRF token here, and do both when they have the body.
        """
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        try:
            require_right_partner(request, view)
        except (WrongPartner, NotAMember) as error:
            return self.process_exception(request, error)
        return None

    def process_exception(self, request, error):
        if isinstance(error, WrongPartner):
            return render_wrong_partner(request, error.partner)
        if isinstance(error, NotAMember):
            return render_not_a_member(request)
        return None


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
