"""A person's open sessions: allauth's page, which always lists at least the current browser."""

from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView


class SessionsView(ListUserSessionsView):
    """List the current session as well, which may have begun before allauth recorded sessions."""

    def get(self, request, *args, **kwargs):
        if not UserSession.objects.filter(session_key=request.session.session_key).exists():
            UserSession.objects.create_from_request(request)
        return super().get(request, *args, **kwargs)
