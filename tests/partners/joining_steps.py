"""Steps that tests of members and invitations share."""

from allauth.account.models import EmailAddress

from notifications.models import Message
from partners.enums import Role
from partners.models import Membership
from partners.people.invitations import invite_member
from partners.people.seats import Seat

USER, ADMIN = Role.INCENTIVES_USER, Role.INCENTIVES_ADMIN
PASSWORD = "a long enough passphrase"


def invite(partner, actor, *, email="nora@contoso.example", seat=None, language="en"):
    return invite_member(partner, seat or Seat(USER), email=email, language=language, actor=actor)


def link_of(invitation):
    """The path of the newest link, as its mail has it."""
    mails = Message.objects.filter(kind="member_invited", to_address=invitation.email)
    url = mails.order_by("-pk").first().context["url"]
    return "/invitations/" + url.split("/invitations/")[1]


def is_confirmed(person):
    """Did the person open a link that was sent to their address?"""
    address = person.email.lower()
    return EmailAddress.objects.filter(user=person, email=address, verified=True).exists()


def membership_of(person, partner):
    return Membership.objects.filter(user=person, partner=partner).first()


def chosen(*locations, role=USER):
    return Seat(role, frozenset(each.pk for each in locations))


def join_form(**more):
    return {
        "full_name": "Nora New",
        "language": "en",
        "password": PASSWORD,
        "password_again": PASSWORD,
        **more,
    }
