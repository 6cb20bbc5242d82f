"""One answer to where a claim stands: on its page, in lists, on its steps, and in whose lateness is red [R6]."""

import datetime as dt
import html
import re

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from associations.customer import notice_outcomes, notices
from associations.enums import Actor, Status
from associations.models import Claim
from notifications.words.rendering import Rendered
from tests import cast

pytestmark = pytest.mark.django_db
WORDS = Rendered("Subject", "Text", "<p>HTML</p>")


@pytest.fixture
def walk(partner, admin, reviewer):
    """``walk(status)`` makes a claim of a customer of its own."""
    numbers = iter(range(100))

    def make(status):
        draft = cast.make_draft(partner, admin, cast.make_tenant(f"w{next(numbers)}.example"))
        return cast.walk(draft, status, actor=admin, reviewer=reviewer)

    return make


def show(claim, tag):
    template = Template("{% load cpor %}" + tag)
    return template.render(Context({"claim": Claim.objects.get(pk=claim.pk)}))


def words_of(markup):
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def fail_notice(claim):
    notice = notices.in_force(claim).first()
    notice_outcomes.record_failed(notice.pk, failure="550 5.1.1 no such user", now=timezone.now())


def test_an_official_claim_leads_to_its_usage_first(client, walk, admin):
    claim = walk(Status.OFFICIAL)
    client.force_login(admin)

    page = client.get(claim.get_absolute_url()).content.decode()

    first = claim.associations.order_by("product__position").first()
    primary = re.findall(r'<a class="btn btn-primary" href="([^"]+)"', page)
    assert primary == [first.get_usage_url()]
    assert "See usage" in page


def test_a_notice_that_failed_shows_no_green_approved(client, walk, admin):
    claim = walk(Status.APPROVED)
    assert words_of(show(claim, "{% status_badge claim %}")) == "Approved"

    fail_notice(claim)

    badge = show(claim, "{% status_badge claim %}")
    assert words_of(badge) == "Notice not delivered"
    assert "status-approved" not in badge
    client.force_login(admin)
    listed = client.get(f"{cast.HERE}claims/").content.decode()
    assert "Notice not delivered" in listed
    assert 'status-approved">' not in listed.partition("<tbody>")[2]


def test_a_claim_that_was_set_aside_gives_one_answer(client, walk, admin):
    claim = walk(Status.APPROVED)
    notice_outcomes.record_sent(notices.in_force(claim).get().pk, WORDS, now=timezone.now())
    Claim.objects.filter(pk=claim.pk).update(is_parked=True)
    claim.associations.update(parked_reason="slot-held")
    claim.refresh_from_db()
    client.force_login(admin)

    with time_machine.travel(claim.due_at + dt.timedelta(days=1), tick=False):
        page = client.get(claim.get_absolute_url()).content.decode()
        deadline = words_of(show(claim, "{% deadline claim %}"))

    badges = re.findall(r'class="status-badge[^>]*>.*?<span>([^<]*)</span>', page, re.DOTALL)
    assert set(badges) == {"On hold"}
    assert html.unescape(deadline) == "being checked · waiting for the reviewers"
    assert "waiting for the customer" not in page


@pytest.mark.parametrize(("reader", "is_red"), [("partner", False), ("everyone", True)])
def test_late_reviewers_are_the_reviewers_lateness(walk, reader, is_red):
    claim = walk(Status.SUBMITTED)

    with time_machine.travel(claim.due_at + dt.timedelta(days=1), tick=False):
        shown = show(claim, f"{{% deadline claim '{reader}' %}}")

    assert ("is-late" in shown) == is_red


def test_a_partner_sees_their_own_lateness(walk):
    claim = walk(Status.ACTION_REQUIRED)

    with time_machine.travel(claim.due_at + dt.timedelta(days=1), tick=False):
        assert "is-late" in show(claim, "{% deadline claim %}")


def test_a_contact_that_waits_for_the_reviewers_says_so(walk):
    claim = walk(Status.APPROVED)
    Claim.objects.filter(pk=claim.pk).update(turn=Actor.STAFF, due_at=None)

    assert words_of(show(claim, "{% status_badge claim %}")) == "Contact being confirmed"
    with translation.override("pt-br"):
        assert words_of(show(claim, "{% status_badge claim %}")) == "Contato em confirmação"


def test_the_partners_own_place_does_not_read_as_the_customers(client, walk, admin):
    claim = walk(Status.SUBMITTED)
    client.force_login(admin)

    listed = client.get(f"{cast.HERE}claims/").content.decode()

    cell = re.search(r'<td data-label="Customer">(.*?)</td>', listed, re.DOTALL)[1]
    assert claim.location.name not in cell
    assert f"Location: {claim.location.name}" in " ".join(listed.split())
