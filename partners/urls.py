"""Addresses of a partner's own pages; each room of views names its own."""

from .views import access, invitations, members, switch

app_name = "partners"
urlpatterns = [
    *switch.urlpatterns,
    *access.urlpatterns,
    *members.urlpatterns,
    *invitations.urlpatterns,
]
