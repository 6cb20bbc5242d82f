"""One answer to where a claim stands: on its page, in lists, on its steps, and in whose lateness is red [R6]."""

import datetime as dt
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
MARK = "{% lane_mark claim whole=True %}"
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


def find_marks(page):
    """Return the words of all marks of lanes on a page."""
    marks = re.findall(r'class="lane-mark[^>]*>.*?<span>([^<]*)</span>', page.text, re.DOTALL)
    return set(marks)


def with_cell(listed):
    """Return the only cell of the list that says with whom a claim is."""
    (cell,) = re.findall(r'<td class="cell-with"[^>]*>(.*?)</td>', listed.text, re.DOTALL)
    return cell


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


def test_a_notice_that_failed_is_with_the_partner_everywhere(client, walk, admin):
    claim = walk(Status.APPROVED)
    assert words_of(show(claim, MARK)) == "With the customer"

    fail_notice(claim)

    mark = show(claim, MARK)
    assert words_of(mark) == "With you"
    assert "lane-yours" in mark
    client.force_login(admin)
    cell = with_cell(client.get(f"{cast.HERE}claims/"))
    assert words_of(cell) == "You Notice not delivered"
    assert find_marks(client.get(claim.get_absolute_url())) == {"With you", "Notice not delivered"}


def test_a_claim_that_was_set_aside_gives_one_answer(client, walk, admin):
    claim = walk(Status.APPROVED)
    notice_outcomes.record_sent(notices.in_force(claim).get().pk, WORDS, now=timezone.now())
    Claim.objects.filter(pk=claim.pk).update(is_parked=True)
    claim.associations.update(parked_reason="slot-held")
    claim.refresh_from_db()
    client.force_login(admin)

    with time_machine.travel(claim.due_at + dt.timedelta(days=1), tick=False):
        page = client.get(claim.get_absolute_url())
        listed = client.get(f"{cast.HERE}claims/")
        deadline = words_of(show(claim, "{% deadline claim %}"))

    assert find_marks(page) == {"With the reviewers", "Being checked"}
    assert [str(step.label) for step in page.context["steps"] if step.state == "current"] == [
        "Being checked"
    ]
    assert words_of(with_cell(listed)) == "Reviewers Being checked"
    assert deadline == "being checked"


@pytest.mark.parametrize(
    ("reader", "is_red"), [("partner", False), ("staff", True), ("everyone", False)]
)
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

    stand = "{% lane_mark claim %} {% stand_in_short claim %}"
    assert words_of(show(claim, stand)) == "Reviewers Contact being confirmed"
    with translation.override("pt-br"):
        assert words_of(show(claim, stand)) == "Analistas Contato em confirmação"


def test_the_partners_own_place_does_not_read_as_the_customers(client, walk, admin):
    claim = walk(Status.SUBMITTED)
    client.force_login(admin)

    listed = client.get(f"{cast.HERE}claims/").content.decode()

    cell = re.search(r'<td data-label="Customer">(.*?)</td>', listed, re.DOTALL)[1]
    assert claim.location.name not in cell
    assert f"Location: {claim.location.name}" in " ".join(listed.split())
