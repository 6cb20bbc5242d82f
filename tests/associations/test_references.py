"""A reference that is taken is drawn again; only the constraint that failed says so."""

import uuid

import pytest
from django.db import IntegrityError
from django.utils import timezone

from associations import references
from associations.filing import drafts
from associations.models import Association, Claim
from tests import cast

pytestmark = pytest.mark.django_db


def draw(monkeypatch, *drawn):
    """Let chance give these characters, reference by reference."""
    rest = iter("".join(drawn))
    monkeypatch.setattr(references.secrets, "choice", lambda _alphabet: next(rest))


def start(partner, admin, key=None):
    return drafts.start_claim(
        partner=partner,
        location=partner.locations.get(),
        actor=admin,
        filing_key=key,
        now=timezone.now(),
    )


def test_a_taken_reference_of_a_claim_is_drawn_again(partner, admin, monkeypatch):
    taken = start(partner, admin).reference
    draw(monkeypatch, taken, taken, "BCDFGH")

    claim = start(partner, admin)

    assert claim.reference == "BCDFGH"
    assert Claim.objects.count() == 2
    assert claim.events.count() == 1


def test_the_page_of_a_new_claim_draws_again(client, partner, admin, tenant, monkeypatch):
    taken = start(partner, admin).reference
    client.force_login(admin)
    fields = {
        "filing_key": str(uuid.uuid4()),
        "action": "continue",
        "location": partner.locations.get().pk,
        "customer_domain": tenant.domains.get().domain,
        "tenant_id": str(tenant.tenant_id),
    }
    draw(monkeypatch, *[taken] * 6, "BCDFGH")  # the page itself draws for a claim it never saves

    answer = client.post(f"{cast.HERE}claims/new/", fields)

    assert answer.url == "/claims/BCDFGH/edit/work/"


def test_the_same_form_still_gives_the_same_draft(partner, admin):
    key = uuid.uuid4()

    assert start(partner, admin, key) == start(partner, admin, key)
    assert Claim.objects.count() == 1


def test_a_taken_reference_of_a_product_is_drawn_again(draft, admin, monkeypatch):
    taken = draft.associations.first().reference
    draw(monkeypatch, taken, "BCDFGHJK")
    picks = [drafts.Pick(cast.product(code)) for code in ("teams", "exchange-online", "intune")]

    drafts.choose_products(draft, picks, actor=admin, now=timezone.now())

    assert draft.associations.get(product__code="intune").reference == "BCDFGHJK"


def test_another_constraint_is_not_taken_for_a_reference(draft, monkeypatch):
    first = draft.associations.first()
    same = {name: getattr(first, name) for name in ("claim", "partner", "tenant", "product")}
    tries = []
    monkeypatch.setattr(references.secrets, "choice", lambda choices: tries.append(1) or choices[0])

    with pytest.raises(IntegrityError):
        references.create_drawn(
            Association, "association_reference_once", **same, slot_key=first.slot_key
        )

    assert len(tries) == references.ASSOCIATION_LENGTH  # drawn once, and not again


def test_where_chance_is_broken_it_ends(partner, admin, monkeypatch):
    monkeypatch.setattr(references.secrets, "choice", lambda _alphabet: "B")
    start(partner, admin)

    with pytest.raises(IntegrityError):
        start(partner, admin)
