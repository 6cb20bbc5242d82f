"""Ways in: open invitations, second factors, files that were asked for, and the record of who used which."""

import re
from typing import TYPE_CHECKING

from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from associations.enums import ImportKind, RowOutcome
from associations.lists import export_files
from associations.models import Association, ImportFile
from associations.usage.reading import record_look
from notifications.models import Message
from notifications.words.rendering import render
from partners.enums import AccessKind, Role
from partners.models import AccessRecord, Invitation
from partners.people import invitations
from partners.people.seats import Seat
from tests import cast

if TYPE_CHECKING:
    from .world import World

IN_MAIL = re.compile(r"/invitations/([^/\s]+)/")
#: Room → who invites there.
HOSTS = {"in": "admin", "out": "admin", "rival": "rival"}
#: Room → who asked for a file of its claims.
EXPORTERS = {"in": "user-in", "out": "adm-out", "rival": "rival"}


def open_doors(world: "World") -> None:
    for room, host in HOSTS.items():
        _invite(world, room, host=world.people[host])
        _record_look(world, room, user=world.people[host])
        _export(world, room, user=world.people[EXPORTERS[room]])
    _give_factors(world)
    _import_files(world)
    newcomer = cast.make_partner("newcomer")
    world.values |= {
        "newcomer": str(newcomer.pk),
        "accessrecord": str(AccessRecord.objects.order_by("pk").first().pk),
        "invitation": str(Invitation.objects.order_by("pk").first().pk),
    }


def _invite(world: "World", room: str, *, host) -> None:
    """An invitation to the room's location, whose link is in the mail alone."""
    owner = "rival" if room == "rival" else "ours"
    seat = Seat(Role.INCENTIVES_USER, frozenset([int(world.values[f"{room}-location"])]))
    email = f"guest-{room}@{owner}-guests.example"
    world.markers.plant(owner, "person", email)
    invitation = invitations.invite_member(
        world.partners[owner], seat, email=email, language="en", actor=host
    )
    mail = render(Message.objects.get(to_address=email))
    world.values |= {
        f"{room}-invitation": str(invitation.key),
        f"{room}-invitation-token": IN_MAIL.search(mail.text)[1],
    }
    world.markers.plant(owner, "secret", Invitation.objects.get(pk=invitation.pk).key_digest)


def _record_look(world: "World", room: str, *, user) -> None:
    held = Association.objects.get(reference=world.values[f"{room}-official-product"])
    record_look(held, user=user, kind=AccessKind.USAGE_EXPORTED)


def _import_files(world: "World") -> None:
    """A file of claims by one person of each partner, and a file of customers by staff; all checked."""
    for room, actor in {"in": "user-in", "rival": "rival"}.items():
        owner = "rival" if room == "rival" else "ours"
        mine = _keep_file(
            world.people[actor], ImportKind.CLAIMS, room, partner=world.partners[owner]
        )
        world.values[f"{room}-import"] = str(mine.key)
    customers = _keep_file(world.people["manage"], ImportKind.CUSTOMERS, "in")
    world.values["customers-import"] = str(customers.pk)


def _keep_file(person, kind: ImportKind, room: str, **fields) -> ImportFile:
    """A checked file, one of whose rows names a customer of the room."""
    from .world import ROOMS  # which imports this module

    word = ROOMS[room]
    file = ImportFile.objects.create(
        kind=kind,
        name=f"{kind}.csv",
        file=SimpleUploadedFile("x.csv", b"x"),
        size=100_000,
        loaded_by=person,
        state=ImportFile.State.CHECKED,
        rows_done=2,
        rows_new=1,
        rows_bad=1,
        **fields,
    )
    file.rows.create(line=2, outcome=RowOutcome.NEW, title=f"{word}-customer")
    file.rows.create(line=3, reason="missing-value", column="name", cells=[f"{word}-customer"])
    return file


def _export(world: "World", room: str, *, user) -> None:
    """A file of the claims list, for the person who asked alone."""
    export = export_files.request_export(
        user.memberships.get(), chosen={}, language="en", now=timezone.now()
    )
    export_files.write_export(export.pk)
    world.values[f"{room}-export"] = str(export.key)


def _give_factors(world: "World") -> None:
    """An app and a passkey for a member of a partner; no one may read their secrets."""
    person = world.people["user-in"]
    world.markers.plant("ours", "secret", cast.give_totp(person))
    passkey = WebAuthn.add(person, "Phone", _make_passkey()).instance
    world.values |= {"passkey": str(passkey.pk), "authenticator": str(passkey.pk)}


def _make_passkey() -> dict:
    """What a browser sends when a passkey is set up, as far as it is kept."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    attested = AttestedCredentialData.create(bytes(16), b"passkey-of-matrix", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    facts = AuthenticatorData.create(bytes(32), flags, 0, attested)
    client = CollectedClientData.create("webauthn.create", b"challenge", "http://testserver")
    answer = AuthenticatorAttestationResponse(
        client_data=client, attestation_object=AttestationObject.create("none", facts, {})
    )
    return dict(RegistrationResponse(raw_id=b"passkey-of-matrix", response=answer))
