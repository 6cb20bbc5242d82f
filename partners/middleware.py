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
