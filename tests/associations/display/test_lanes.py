"""With whom a claim is: one lane for each status and circumstance, for Python and for queries alike [R6]."""

import datetime as dt

import pytest
from django.utils import translation

from associations.display.lanes import (
    Lane,
    describe_lane,
    find_lane,
    in_lane,
    name_lane,
    split_lane,
)
from associations.display.sentences import describe_short, describe_stand
from associations.enums import Actor, RejectionReason, Status
from associations.models import Claim
from tests import cast

pytestmark = pytest.mark.django_db
DUE = dt.datetime(2026, 12, 5, 3, tzinfo=dt.UTC)  # the end of Fri 4 Dec in São Paulo
NOW = dt.datetime(2026, 11, 30, 15, tzinfo=dt.UTC)  # the Monday before
CLOCK = {"due_at": DUE, "due_time_zone": "America/Sao_Paulo"}
DAY = "Fri 4 Dec"
UNTIL = "until the end of Fri 4 Dec 2026 (São Paulo time)"

#: Name → what is stored, the lane, what is said in short and in an email to the partner.
CASES = {
    "a draft": ({"status": Status.EDITING}, Lane.PARTNER, "", "With you"),
    "submitted": (
        {"status": Status.SUBMITTED, "turn": Actor.STAFF, **CLOCK},
        Lane.REVIEWERS,
        f"{DAY} · 4 business days left",
        f"With the reviewers · {UNTIL}",
    ),
    "under review": (
        {"status": Status.UNDER_REVIEW, "turn": Actor.STAFF, **CLOCK},
        Lane.REVIEWERS,
        f"{DAY} · 4 business days left",
        f"With the reviewers · {UNTIL}",
    ),
    "asked about": (
        {"status": Status.ACTION_REQUIRED, "turn": Actor.PARTNER, **CLOCK},
        Lane.PARTNER,
        f"{DAY} · 4 business days left",
        f"With you · {UNTIL}",
    ),
    "asked about, not answered": (
        {
            "status": Status.ACTION_REQUIRED,
            "turn": Actor.PARTNER,
            **CLOCK,
            "due_at": DUE - dt.timedelta(days=7),
        },
        Lane.PARTNER,
        "Fri 27 Nov · deadline passed",
        "With you · until the end of Fri 27 Nov 2026 (São Paulo time)",
    ),
    "approved": (
        {"status": Status.APPROVED, "turn": Actor.CUSTOMER, **CLOCK},
        Lane.CUSTOMER,
        f"{DAY} · 4 business days left",
        f"With the customer · {UNTIL}",
    ),
    "approved, notice on its way": (
        {"status": Status.APPROVED, "turn": Actor.CUSTOMER},
        Lane.CUSTOMER,
        "Notice on its way",
        "With the customer · Notice on its way",
    ),
    "approved, notice failed": (
        {"status": Status.APPROVED, "turn": Actor.PARTNER},
        Lane.PARTNER,
        "Notice not delivered",
        "With you · Notice not delivered",
    ),
    "approved, contact unconfirmed": (
        {"status": Status.APPROVED, "turn": Actor.STAFF},
        Lane.REVIEWERS,
        "Contact being confirmed",
        "With the reviewers · Contact being confirmed",
    ),
    "set aside": (
        {
            "status": Status.APPROVED,
            "turn": Actor.CUSTOMER,
            "is_parked": True,
            **CLOCK,
            "due_at": DUE - dt.timedelta(days=7),
        },
        Lane.REVIEWERS,
        "Being checked",
        "With the reviewers · Being checked",
    ),
    "official": ({"status": Status.OFFICIAL}, Lane.OFFICIAL, "", "Official"),
    "rejected": (
        {"status": Status.REJECTED, "turn": Actor.PARTNER, **CLOCK},
        Lane.CLOSED,
        f"dispute until {DAY}",
        "Closed · can be disputed until the end of Fri 4 Dec 2026 (São Paulo time)",
    ),
    "rejected, too late to dispute": (
        {
            "status": Status.REJECTED,
            "turn": Actor.PARTNER,
            **CLOCK,
            "due_at": DUE - dt.timedelta(days=7),
        },
        Lane.CLOSED,
        "",
        "Closed",
    ),
    "withdrawn": (
        {"status": Status.REJECTED, "rejection_reason": RejectionReason.PARTNER_REQUEST},
        Lane.CLOSED,
        "",
        "Closed",
    ),
    "disputed": (
        {"status": Status.DISPUTE, "turn": Actor.STAFF, **CLOCK},
        Lane.REVIEWERS,
        f"{DAY} · 4 business days left",
        f"With the reviewers · {UNTIL}",
    ),
    "rejected final": ({"status": Status.REJECTED_FINAL}, Lane.CLOSED, "", "Closed"),
    "ended": ({"status": Status.ENDED}, Lane.CLOSED, "", "Closed"),
}


@pytest.fixture
def store(partner, admin):
    """``store(name)`` makes a claim with what the case stores."""

    def make(name):
        draft = cast.make_draft(partner, admin, cast.make_tenant(f"{len(name)}.example"))
        Claim.objects.filter(pk=draft.pk).update(**CASES[name][0])
        return Claim.objects.get(pk=draft.pk)

    return make


def test_every_status_has_a_case():
    assert {values["status"] for values, *_rest in CASES.values()} == set(Status)


@pytest.mark.parametrize("name", CASES)
def test_a_claim_is_in_one_lane(store, name):
    claim = store(name)

    assert find_lane(claim) == CASES[name][1]
    assert [lane for lane in Lane if Claim.objects.filter(in_lane(lane)).exists()] == [
        find_lane(claim)
    ]


@pytest.mark.parametrize("name", CASES)
def test_the_parts_of_a_lane_exclude_each_other(store, name):
    lane = find_lane(store(name))

    assert [Claim.objects.filter(part).count() for part in split_lane(lane)].count(1) == 1


@pytest.mark.parametrize("name", CASES)
def test_it_says_until_when_in_short_and_in_emails(store, name):
    claim, (_values, _lane, short, stand) = store(name), CASES[name]

    assert describe_short(claim, now=NOW) == short
    assert describe_stand(claim, reader=Actor.PARTNER, at=NOW) == stand


def test_a_reader_calls_their_own_lane_you():
    named = {reader: name_lane(Lane.PARTNER, reader=reader) for reader in Actor}
    staff = name_lane(Lane.REVIEWERS, reader=Actor.STAFF)

    assert named == {**dict.fromkeys(Actor, "Partner"), Actor.PARTNER: "You"}
    assert staff == "You"
    assert describe_lane(Lane.REVIEWERS, reader=Actor.STAFF) == "With you"
    assert describe_lane(Lane.PARTNER, reader=Actor.STAFF) == "With the partner"


def test_the_short_day_reads_as_the_language_writes_it(store):
    claim = store("submitted")

    with translation.override("pt-br"):
        assert describe_short(claim, now=NOW).startswith("sex., 4 de dez. · ")
