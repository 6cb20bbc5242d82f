"""A contest: two partners, one customer, one workload."""

import datetime as dt

import pytest
from django.utils import timezone

from associations.contests import settling, sides, verdicts
from associations.filing import submission
from associations.finalisation import sweep
from associations.models import Claim, MediationCase
from associations.review import decisions
from partners.staff_groups import REVIEW_LEAD
from tests import cast

MINUTE = dt.timedelta(minutes=1)


class Contest:
    """Partners by number, their claims, and the acts of everyone at ``now``."""

    def __init__(self, codes=("teams",), partners=2, domain="fabrikam.example"):
        self.now = timezone.now()
        self.codes = codes
        self.tenant = cast.make_tenant(domain)
        self.reviewer = cast.make_reviewer()
        self.lead = cast.make_staff(REVIEW_LEAD)
        self.partners = [cast.make_partner(f"Partner Number {n}") for n in range(partners)]
        self.admins = [cast.make_member(each) for each in self.partners]
        self.claims = {}

    def add_partner(self):
        n = len(self.partners)
        self.partners.append(cast.make_partner(f"Partner Number {n}"))
        self.admins.append(cast.make_member(self.partners[n]))
        return n

    def draft(self, n, **facts):
        facts.setdefault("codes", self.codes)
        return cast.make_draft(self.partners[n], self.admins[n], self.tenant, **facts)

    def submit(self, n, **facts):
        claim = self.draft(n, **facts)
        submission.submit_claim(claim, actor=self.admins[n], now=self.now)
        self.claims[n] = claim
        return self.read(n)

    def read(self, n):
        self.claims[n] = Claim.objects.get(pk=self.claims[n].pk)
        return self.claims[n]

    def begin(self, n):
        decisions.begin_review(self.claims[n], actor=self.reviewer, now=self.now)
        return self.read(n)

    def approve(self, n, **more):
        decisions.approve_claim(self.claims[n], actor=self.reviewer, now=self.now, **more)
        cast.deliver_notices(self.claims[n])
        return self.read(n)

    def make_official(self, n):
        self.submit(n)
        self.begin(n)
        self.approve(n)
        self.now = cast.over(self.read(n)) + MINUTE
        sweep.finalise_due(at=self.now)
        return self.read(n)

    def settle(self):
        settling.settle_cases(now=self.now)
        return self.case

    @property
    def case(self):
        return MediationCase.objects.order_by("-pk").first()

    def pass_limit(self):
        """Let the case's limit pass."""
        self.now = cast.over(self.case.due_at) + MINUTE
        return self.settle()

    def hear(self):
        """Open the case, and let the time for statements pass."""
        self.settle()
        return self.pass_limit()

    def decide(self, n, reason="The newer proof names the customer's project."):
        verdicts.decide_case(
            self.case,
            actor=self.lead,
            winner=None if n is None else self.partners[n].pk,
            reason=reason,
            now=self.now,
        )
        return self.case

    def dispute(self, n, words="Our proof is newer."):
        sides.dispute_verdict(
            self.read(n), self.case, actor=self.admins[n], words=words, now=self.now
        )

    def finalise(self):
        sweep.finalise_due(at=self.now)
        sweep.look_again(at=self.now)
        self.settle()


@pytest.fixture
def contest(db):
    return Contest()


@pytest.fixture
def heard(contest):
    """A contest of two claims whose case waits for the decision."""
    contest.submit(0), contest.submit(1)
    contest.hear()
    return contest
