"""Addresses of a partner's members and its access record, and of joining a partner."""

from django.urls import path

from cpor_site.web.link_tokens import link_paths

from .views import audit
from .views.old_addresses import lead_to_partner
from .views.people import invitations, members
from .views.people.joining import join
from .views.time_zone import time_zone

app_name = "partners"
urlpatterns = [
    path("p/<slug:partner_key>/members/", members.member_list, name="members"),
    path("p/<slug:partner_key>/members/leave/", members.leave, name="leave"),
    path("p/<slug:partner_key>/members/invite/", invitations.invite, name="member-invite"),
    path(
        "p/<slug:partner_key>/members/invited/<uuid:key>/resend/",
        invitations.resend,
        name="invitation-resend",
    ),
    path(
        "p/<slug:partner_key>/members/invited/<uuid:key>/revoke/",
        invitations.revoke,
        name="invitation-revoke",
    ),
    path("p/<slug:partner_key>/members/<uuid:key>/", members.member, name="member"),
    path("p/<slug:partner_key>/members/<uuid:key>/remove/", members.remove, name="member-remove"),
    path("p/<slug:partner_key>/access/", audit.access, name="access"),
    *link_paths("invitations/<link_token:token>", join, name="invitation"),
    path("accounts/time-zone/", time_zone, name="time-zone"),
    # From before addresses named the partner.
    path("partners/members/", lead_to_partner, {"to": "partners:members"}),
    path("partners/members/leave/", lead_to_partner, {"to": "partners:leave"}),
    path("partners/members/invite/", lead_to_partner, {"to": "partners:member-invite"}),
    path("partners/access/", lead_to_partner, {"to": "partners:access"}),
    *(
        path(f"partners/members/{rest}/", lead_to_partner, {"to": f"partners:{name}"})
        for name, rest in (
            ("member", "<uuid:key>"),
            ("member-remove", "<uuid:key>/remove"),
            ("invitation-revoke", "invited/<uuid:key>/revoke"),
        )
    ),
]
