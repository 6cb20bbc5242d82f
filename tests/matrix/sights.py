"""Who may see what of whom: the promise that the marker search holds every answer and mail to."""

import re

from django.conf import settings

from .markers import Sight
from .contests import DOMAIN
from .world import ROOMS, SHARED, World

PARTNER_FACTS = {"partner", "place", "person"}
CLAIM_FACTS = {"claim", "proof", "customer"}
ALL_OF_A_ROOM = {*CLAIM_FACTS, "draft", "figure"}
EVERYBODY = (*ROOMS, SHARED)


def _all(owners, kinds) -> set[Sight]:
    return {(owner, kind) for owner in owners for kind in kinds}


OURS = _all([SHARED], PARTNER_FACTS)
IN, OUT = _all(["in"], ALL_OF_A_ROOM), _all(["out"], ALL_OF_A_ROOM)
RIVAL = _all(["rival"], {*PARTNER_FACTS, *ALL_OF_A_ROOM})
STAFF_PEOPLE = _all(EVERYBODY, PARTNER_FACTS)

#: Column → (owner, kind) of what the actor may come across anywhere.
MAY_SEE: dict[str, set[Sight]] = {
    "anon": set(),
    "customer": set(),
    "former": set(),
    "one-fac": set(),
    "user-in": OURS | IN,
    "user-out": OURS | OUT,
    "adm-in": OURS | IN,
    "adm-out": OURS | OUT,
    "admin": OURS | IN | OUT,
    "both": OURS | IN | OUT | RIVAL,
    "rival": RIVAL,
    "review": _all(EVERYBODY, {*PARTNER_FACTS, *CLAIM_FACTS}),
    # Reads all claims for a living, and decides none of the partner they are a member of [R19].
    "insider": _all(EVERYBODY, {*PARTNER_FACTS, *CLAIM_FACTS}) | OURS | IN,
    "manage": _all(EVERYBODY, {*PARTNER_FACTS, "customer"}),
    "load": _all(EVERYBODY, {"customer"}),
    "support": _all(EVERYBODY, {*PARTNER_FACTS, *CLAIM_FACTS}),
    "root": _all(EVERYBODY, {*PARTNER_FACTS, *CLAIM_FACTS}),
}


def may_see(actor: str, sight: Sight, *, address: str = "") -> bool:
    """May the actor come across this, at an address that may itself be the authority for it?

    Without an address: anywhere.
    """
    seen = MAY_SEE.get(actor, set())
    if actor == "both" and address:
        seen = _of_one_partner(address)
    return sight in seen or sight in _open_by_link(address)


def _of_one_partner(address: str) -> set[Sight]:
    """What a member of both sees on a page: its own partner's, and both names, to switch by [R41]."""
    found = re.search(r"\{(in|out|ours|rival)-", address)
    names = {("rival", "partner"), (SHARED, "partner")}
    if found is None:
        return names
    return names | (RIVAL if found[1] == "rival" else OURS | IN | OUT)


def _open_by_link(address: str) -> set[Sight]:
    found = re.match(r"/(opt-out|invitations)/\{(\w+)-", address)
    if found is None:
        return set()
    kind, room = found.groups()
    return _of_claim(room) if kind == "opt-out" else _of_invitation(room)


def _of_claim(room: str) -> set[Sight]:
    """What the holder of a customer's link reads there: the claim, who asks, and the link itself."""
    owner = "rival" if room == "rival" else SHARED
    facts = _all([owner], PARTNER_FACTS) | _all([room], {"claim", "customer"})
    return facts | {(f"link {room}", "secret")}


def _of_invitation(room: str) -> set[Sight]:
    owner = "rival" if room == "rival" else SHARED
    return _all([owner], PARTNER_FACTS) | {(f"link {room}", "secret")}


def reader_of(world: World, address: str) -> str:
    """The column of whom a mail is for: staff, a member; a customer's contact reads what their link opens."""
    if address == settings.OPERATOR_SUPPORT_EMAIL:
        return "support"
    for actor, person in world.people.items():
        if person.email == address:
            return actor
    if address.endswith(f"@{DOMAIN}"):
        return "contact of a contest"
    guest = re.match(r"guest-(\w+)@", address)
    room = next((room for room, word in ROOMS.items() if f"@{word}-domain" in address), "")
    if guest:
        return f"guest of {guest[1]}"
    return f"contact of {room}" if room else "nobody"


MAY_SEE["contact of a contest"] = _all((SHARED, "rival"), {"partner"}) | _all(
    ("in", "rival"), {"claim"}
)
MAY_SEE |= {f"contact of {room}": _of_claim(room) for room in ROOMS}
MAY_SEE |= {f"guest of {room}": _of_invitation(room) for room in ROOMS}
