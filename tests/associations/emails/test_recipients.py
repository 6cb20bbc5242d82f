"""Who gets the mails about a claim when people go: members, accounts, reviewers [R18], [R42]."""

import pytest
from django.utils import timezone

from associations import emails
from associations.enums import Actor, Status
from associations.filing.comments import add_comment
from associations.finalisation import sweep
from notifications.models import Message
from partners.enums import Role
from partners.models import Membership
from partners.people.members import leave_partner, remove_member
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(partner):
    """The contact of every claim here: not the only one who may act."""
    return cast.make_member(partner, email="clara@contoso.example", full_name="Clara Colleague")


@pytest.fixture
def claim(partner, admin, colleague, tenant, reviewer):
    """A claim whose window is open, with the colleague as its partner contact."""
    draft = cast.make_draft(partner, colleague, tenant)
    claim = cast.walk(draft, Status.APPROVED, actor=colleague, reviewer=reviewer)
    Message.objects.all().delete()
    return claim


def seat_of(person, partner):
    return Membership.objects.get(user=person, partner=partner)


def tell(claim):
    emails.claim_approved(claim, products=["Teams"], words="")


#: How a claim's partner comes to be told: by the ORM, and by set-based SQL.
WAYS = {
    "one by one": tell,
    "many at once": lambda claim: sweep.finalise_due(at=cast.over(claim)),
}


def told():
    return sorted(Message.objects.values_list("to_address", flat=True))


def test_a_member_who_may_see_the_claim_is_told(claim, colleague):
    tell(claim)

    assert told() == [colleague.email]
    assert Message.objects.get().key == f"claim-approved:{claim.pk}:{claim.history_length}"


@pytest.mark.parametrize("goes", ["removed", "left", "closed", "elsewhere"])
def test_who_lost_access_is_told_nothing_and_each_admin_once(
    claim, partner, admin, colleague, goes
):
    second = cast.make_member(partner, language="pt-br")
    nowhere_near = cast.make_member(partner, locations=[cast.LocationFactory(partner=partner)])
    cast.make_member(partner, Role.INCENTIVES_USER)
    seat = seat_of(colleague, partner)
    if goes == "removed":
        remove_member(seat, actor=admin)
    elif goes == "left":
        leave_partner(seat)
    elif goes == "closed":
        colleague.is_active = False
        colleague.save()
    else:
        seat.has_all_locations = False
        seat.save()
    Message.objects.all().delete()

    tell(claim)
    tell(claim)

    assert told() == sorted([admin.email, second.email])
    assert nowhere_near.email not in told()
    assert Message.objects.get(to_address=second.email).language == "pt-br"


@pytest.mark.parametrize("way", WAYS)
def test_what_one_sees_at_another_partner_counts_for_nothing_here(
    claim, partner, admin, colleague, way
):
    cast.make_member(cast.make_partner("Litware"), user=colleague)
    remove_member(seat_of(colleague, partner), actor=admin)
    Message.objects.all().delete()

    WAYS[way](claim)

    assert told() == [admin.email]


@pytest.mark.parametrize("way", WAYS)
def test_nor_does_what_one_may_not_see_there(partner, admin, tenant, reviewer, way):
    litware = cast.make_partner("Litware")
    person = cast.make_member(litware, locations=[])
    cast.make_member(partner, user=person)
    draft = cast.make_draft(partner, person, tenant)
    claim = cast.walk(draft, Status.APPROVED, actor=person, reviewer=reviewer)
    Message.objects.all().delete()

    WAYS[way](claim)

    assert told() == [person.email]


def test_capitals_hide_no_one(claim, partner, admin, colleague):
    claim.contacts.filter(role="partner").update(email="Clara@Contoso.EXAMPLE")
    remove_member(seat_of(colleague, partner), actor=admin)
    Message.objects.all().delete()

    tell(claim)

    assert told() == [admin.email]


def test_who_came_back_is_told_again(claim, partner, admin, colleague):
    remove_member(seat_of(colleague, partner), actor=admin)
    cast.make_member(partner, Role.INCENTIVES_USER, user=colleague)
    Message.objects.all().delete()

    tell(claim)

    assert told() == [colleague.email]


@pytest.mark.parametrize("has_account", [True, False])
def test_an_address_that_was_never_a_members_stays_no_matter_who_has_it(claim, has_account):
    """Who gets the mail must not tell whether someone elsewhere has an account."""
    address = "claims@shared.example"
    claim.contacts.filter(role="partner").update(email=address)
    if has_account:
        cast.make_member(cast.make_partner("Litware"), email=address)

    tell(claim)

    assert told() == [address]


def test_where_no_one_may_act_no_one_is_told(claim, partner, admin, colleague, caplog):
    leave_partner(seat_of(colleague, partner))
    Membership.objects.filter(partner=partner).delete()
    Message.objects.all().delete()

    tell(claim)

    assert told() == []
    assert "no one to tell" in caplog.text


@pytest.mark.parametrize("goes", ["removed", "closed", "elsewhere"])
def test_finalisation_tells_the_admins_instead_of_who_lost_access(
    claim, partner, admin, colleague, goes
):
    seat = seat_of(colleague, partner)
    if goes == "removed":
        remove_member(seat, actor=admin)
    elif goes == "closed":
        type(colleague).objects.filter(pk=colleague.pk).update(is_active=False)
    else:
        seat.has_all_locations = False
        seat.save()
    Message.objects.all().delete()

    outcomes = [sweep.finalise_due(at=cast.over(claim)).official for _ in range(2)]

    claim.refresh_from_db()
    assert (outcomes, claim.status) == ([1, 0], Status.OFFICIAL)
    assert told() == [admin.email]
    assert Message.objects.get().kind == "claim_official"


def test_a_contact_for_chosen_locations_slows_no_finalisation_down(
    claim, partner, colleague, monkeypatch
):
    seat = seat_of(colleague, partner)
    seat.has_all_locations = False
    seat.save()
    seat.locations.add(claim.location)
    alone = []
    monkeypatch.setattr(sweep, "settle_alone", lambda *args: alone.append(args))

    sweep.finalise_due(at=cast.over(claim))

    assert (alone, told()) == ([], [colleague.email])


def test_finalisation_tells_an_address_that_was_never_a_members(claim):
    outsider = cast.make_member(cast.make_partner("Litware"))
    claim.contacts.filter(role="partner").update(email=outsider.email)

    sweep.finalise_due(at=cast.over(claim))

    assert told() == [outsider.email]
    assert Message.objects.get().key == f"claim-official:{claim.pk}"


@pytest.mark.parametrize("goes", ["closed", "no longer staff", "no longer reviewer", "member"])
def test_a_reviewer_who_may_not_review_it_any_more_is_told_nothing(
    claim, partner, admin, reviewer, settings, goes
):
    if goes == "closed":
        reviewer.is_active = False
    elif goes == "no longer staff":
        reviewer.is_staff = False
    elif goes == "no longer reviewer":
        reviewer.groups.clear()
    else:
        cast.make_member(partner, user=reviewer)
    reviewer.save()
    claim.refresh_from_db()

    add_comment(
        claim, actor=admin, side=Actor.PARTNER, text="Is anything missing?", now=timezone.now()
    )

    assert told() == [settings.OPERATOR_SUPPORT_EMAIL]


def test_a_reviewer_who_has_it_in_hand_is_told(claim, admin, reviewer):
    add_comment(
        claim, actor=admin, side=Actor.PARTNER, text="Is anything missing?", now=timezone.now()
    )

    assert told() == [reviewer.email]


def test_a_person_without_a_name_and_with_a_long_address_is_told(claim, partner, colleague):
    """Their address stands for the name elsewhere, and is longer than a name can be."""
    labels = ".".join(["d" * 59] * 3)
    address = f"{'a' * 64}@{labels}.example"
    reviewer = cast.make_reviewer(email=address, full_name="")
    claim.assigned_to = reviewer
    claim.save()

    add_comment(
        claim, actor=colleague, side=Actor.PARTNER, text="Is this enough?", now=timezone.now()
    )

    sent = Message.objects.get()
    assert (sent.to_address, sent.to_name) == (address, "")
    sent.full_clean(exclude=["context", "kind"])
