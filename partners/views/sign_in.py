"""Where somebody is signed in: allauth's page, which always shows at least the browser it is read in."""

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView


class SessionsView(ListUserSessionsView):
    """Sessions are listed when they begin by a sign-in; this one may have begun before, or otherwise."""

    def get(self, request, *args, **kwargs):
        if not UserSession.objects.filter(session_key=request.session.session_key).exists():
            UserSession.objects.create_from_request(request)
        return super().get(request, *args, **kwargs)
