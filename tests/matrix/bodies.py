"""What is sent where: forms that would do their work if the sender may.

An address that is not here gets an empty form: a refusal comes before the form is looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import Resolver404, ResolverMatch, resolve

from associations.enums import InformationReason, RejectionReason
from associations.models import Claim
from partners.enums import Role
from partners.models import Membership
from partners.people.seats import read_seat

from .table import Line
from .world import World

WORDS = "Words of the matrix."
PASSWORD = "correct horse 9 battery"


@dataclass(frozen=True)
class Asked:
    """A line of the table, at an address of this world, as one actor sends it."""

    world: World
    actor: str
    match: ResolverMatch

    @property
    def claim(self) -> Claim | None:
        wanted = str(self.match.kwargs.get("reference", self.match.kwargs.get("pk")))
        every = self.world.claims.values()
        return next((each for each in every if wanted in (each.reference, str(each.pk))), None)

    @property
    def revision(self) -> dict:
        return {"revision": self.claim.revision} if self.claim else {}

    @property
    def room(self) -> str:
        """A room of the partner whose page this is."""
        is_rival = self.match.kwargs.get("partner_key") == self.world.values["rival-key"]
        return "rival" if is_rival else "in"


def make_body(world: World, actor: str, line: Line) -> dict:
    """The form for one line of the table, as this actor's browser would send it."""
    try:
        match = resolve(line.address.format(**world.values).partition("?")[0])
    except Resolver404:
        return {}
    asked = Asked(world, actor, match)
    return _BODIES.get(match.view_name, _confirm)(asked)


def _confirm(asked: Asked) -> dict:
    """The one button of admin's pages that ask before they delete; nothing for all others."""
    return {"post": "yes"} if asked.match.view_name.endswith("_delete") else {}


def _words(asked: Asked) -> dict:
    return {"words": WORDS, "message": WORDS, **asked.revision}


def _discard(asked: Asked) -> dict:
    return {"known_files": asked.claim.documents.count() if asked.claim else 0, **asked.revision}


def _comment(asked: Asked) -> dict:
    return {"text": WORDS}


def _approve(asked: Asked) -> dict:
    products = asked.claim.associations.values_list("pk", flat=True)
    return {"keep": list(products), **_words(asked)}


def _request(asked: Asked) -> dict:
    return {"reasons": [InformationReason.POE_MISSING], **_words(asked)}


def _reject(asked: Asked) -> dict:
    return {"reason": RejectionReason.INSUFFICIENT_POE, **_words(asked)}


def _decide(asked: Asked) -> dict:
    return {"decision": "turn-down", **_words(asked)}


def _confirm_contact(asked: Asked) -> dict:
    return {"confirmation": WORDS, **asked.revision}


def _colleague(asked: Asked) -> dict:
    return {"to": asked.world.people["root"].pk, **asked.revision}


def _contact(asked: Asked) -> dict:
    email = f"better@{asked.claim.customer_domain}"
    return {"name": "Carla", "title": "CIO", "email": email, "language": "en", **asked.revision}


def _edit(asked: Asked) -> dict:
    return {"action": "leave", **asked.revision}


def _ask_for_customer(asked: Asked) -> dict:
    tenant_id = "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913"
    return {"organisation": "Lamna", "customer_domain": "lamna.example", "tenant_id": tenant_id}


def _refuse(asked: Asked) -> dict:
    token = asked.match.kwargs["token"]
    keys = [key for key, value in asked.world.values.items() if value == token]
    claim = asked.world.claims.get(keys[0].removesuffix("-token")) if keys else None
    products = claim.associations.values_list("reference", flat=True) if claim else []
    return {"action": "refuse", "products": list(products), "reason": WORDS}


def _state(asked: Asked) -> dict:
    return {"act": "state", "statement": WORDS, "seen": 0}


def _answer_question(asked: Asked) -> dict:
    return {"answer": "neither"}


def _decide_case(asked: Asked) -> dict:
    values = asked.world.values
    return {
        "winner": values["case-winner"],
        "reason": WORDS,
        "revision": values["case-revision"],
    }


def _ask_customer(asked: Asked) -> dict:
    return {"revision": asked.world.values["case-revision"]}


def _start(asked: Asked) -> dict:
    return {"action": "leave", "location": asked.world.values[f"{asked.room}-location"]}


def _again(asked: Asked) -> dict:
    return {"filing_key": "7c1d9a52-4b0e-4f8d-a3c6-5e2f1b7d8a90"}


def _invite(asked: Asked) -> dict:
    return {
        "email": f"guest-{asked.room}@fresh.example",
        "language": "en",
        "role": Role.INCENTIVES_USER,
        "reach": "chosen",
        "locations": [asked.world.values[f"{asked.room}-location"]],
    }


def _invite_first(asked: Asked) -> dict:
    return {"email": "first@newcomer.example", "language": "en"}


def _change_seat(asked: Asked) -> dict:
    """To a role without power, at the locations where it is held."""
    membership = Membership.objects.get(key=asked.match.kwargs["key"])
    places = [str(each.pk) for each in membership.locations.all()]
    reach = "chosen" if places else "all"
    role = {"role": Role.INCENTIVES_USER, "reach": reach, "locations": places}
    return {**role, "shown": read_seat(membership).code}


def _resend(asked: Asked) -> dict:
    return {"sendings": 1}


def _join(asked: Asked) -> dict:
    return {
        "full_name": "Gina Guest",
        "language": "en",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }


_BODIES: dict[str, Callable[[Asked], dict]] = {
    "associations:claim-comment": _comment,
    "associations:claim-answer": _words,
    "associations:claim-withdraw": _words,
    "associations:claim-dispute": _words,
    "associations:claim-discard": _discard,
    "associations:claim-contact": _contact,
    "associations:claim-page": _edit,
    "associations:claim-again": _again,
    "associations:claim-for-another": _again,
    "associations:customer-request": _ask_for_customer,
    "associations:opt-out": _refuse,
    "associations:claim-mediation": _state,
    "associations:case-question": _answer_question,
    "associations:claim-new": _start,
    "associations:claim-new-keyed": _start,
    "partners:member-invite": _invite,
    "partners:member": _change_seat,
    "partners:invitation-resend": _resend,
    "partners:invitation": _join,
    "admin:partners_partner_invite": _invite_first,
    "admin:associations_claim_begin": _words,
    "admin:associations_claim_approve": _approve,
    "admin:associations_claim_request": _request,
    "admin:associations_claim_reject": _reject,
    "admin:associations_claim_decide": _decide,
    "admin:associations_claim_assign": _words,
    "admin:associations_claim_confirm": _confirm_contact,
    "admin:associations_customerrequest_decline": _words,
    "admin:associations_claim_colleague": _colleague,
    "admin:associations_claim_comment": _comment,
    "admin:associations_claim_note": _comment,
    "admin:associations_mediationcase_decide": _decide_case,
    "admin:associations_mediationcase_ask": _ask_customer,
    "admin:associations_mediationcase_comment": _comment,
}
