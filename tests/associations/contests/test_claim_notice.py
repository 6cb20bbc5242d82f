"""The notice of a mediation on a claim's page in admin: for staff who may see the case alone [R19]."""

import pytest
from django.urls import reverse

from associations.filing import submission
from tests import cast

from .boards import sign_in
from .conftest import Contest

pytestmark = pytest.mark.django_db
NOTICE = "Open the mediation"


@pytest.fixture
def one_left():
    """A case of three partners, of whom the first has withdrawn its claim."""
    contest = Contest(partners=3)
    for n in range(3):
        contest.submit(n)
    contest.settle()
    who = contest.admins[0]
    submission.withdraw_claim(contest.read(0), actor=who, reason="-", now=contest.now)
    contest.settle()
    assert contest.case.sides.exclude(left_at=None).get().partner == contest.partners[0]
    return contest


@pytest.mark.parametrize("is_member_of_the_side_that_left", [False, True])
def test_a_former_sides_member_finds_no_trace_of_the_case(
    one_left, is_member_of_the_side_that_left
):
    reviewer = cast.make_reviewer()
    if is_member_of_the_side_that_left:
        cast.make_member(one_left.partners[0], user=reviewer)
    client = sign_in(reviewer)

    page = client.get(reverse("admin:associations_claim_change", args=[one_left.claims[1].pk]))

    assert (NOTICE in page.text) is not is_member_of_the_side_that_left
    board = client.get(one_left.case.get_admin_url())
    assert board.status_code == (404 if is_member_of_the_side_that_left else 200)
