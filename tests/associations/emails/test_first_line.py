"""The first line of an email about a claim: with whom it is, and until when [R6], [R20]."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from associations.customer import notice_outcomes, notices
from associations.emails import to_partner
from associations.enums import Actor, ClaimEmail, Status
from associations.filing import comments
from notifications.models import Message
from notifications.words.rendering import render
from tests import cast
from tests.associations.emails.test_mails import CUSTOMER_KINDS, KINDS, find_names

#: Emails that are about no claim or about several, and the one whose template says it.
WITHOUT = {
    ClaimEmail.CLAIMS_EXPORT_READY,
    ClaimEmail.CLAIM_OFFICIAL,
    ClaimEmail.CASE_TO_DECIDE,
    ClaimEmail.CASE_DISPUTED,
    ClaimEmail.CASE_LATE,
    *CUSTOMER_KINDS,
}


def first_line(kind, **filters):
    """Return the first line of the newest email of ``kind``, which the HTML has too."""
    mail = render(Message.objects.filter(kind=kind, **filters).latest("pk"))
    line = mail.text.split("\n\n")[0].replace("\n", " ")
    assert line in " ".join(mail.html.split())
    return line


@pytest.fixture
def at_status(partner, admin, reviewer):
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    return lambda status: cast.walk(draft, status, actor=admin, reviewer=reviewer)


@pytest.mark.parametrize("kind", KINDS)
def test_every_email_about_a_claim_to_partner_or_staff_has_it(kind):
    is_about_claim = kind in ClaimEmail.values and kind not in WITHOUT

    assert ("stand" in find_names(kind)) == is_about_claim


@pytest.mark.django_db
def test_it_names_the_lane_as_its_reader_knows_it(at_status, admin):
    with cast.at(cast.MONDAY):
        claim = at_status(Status.ACTION_REQUIRED)
        comments.add_comment(
            claim, actor=admin, side=Actor.PARTNER, text="Soon.", now=timezone.now()
        )
    until = "until the end of Mon 9 Mar 2026 (New York time)"

    assert first_line(ClaimEmail.CLAIM_ACTION_REQUIRED) == f"With you · {until}"
    assert first_line(ClaimEmail.COMMENT_FOR_STAFF) == f"With the partner · {until}"


@pytest.mark.django_db
def test_what_stops_a_claim_stands_there(at_status):
    claim = at_status(Status.APPROVED)

    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550", now=timezone.now()
    )

    assert first_line(ClaimEmail.NOTICE_FAILED) == "With you · Notice not delivered"
    assert first_line(ClaimEmail.CLAIM_APPROVED) == "With the customer · Notice on its way"


@pytest.mark.django_db
def test_a_rejection_says_until_when_it_can_be_disputed_while_it_can(at_status, reviewer):
    claim = at_status(Status.REJECTED)
    assert first_line(ClaimEmail.CLAIM_REJECTED).startswith(
        "Closed · can be disputed until the end"
    )

    comments.add_comment(claim, actor=reviewer, side=Actor.STAFF, text="Late.", now=claim.due_at)

    assert first_line(ClaimEmail.COMMENT_FOR_PARTNER) == "Closed"


@pytest.mark.django_db
def test_an_official_claim_is_official_whoever_queued_the_email(at_status):
    claim = at_status(Status.OFFICIAL)
    assert first_line(ClaimEmail.CLAIM_OFFICIAL) == "Official"

    to_partner.claim_official(claim, products=["Teams"])

    assert first_line(ClaimEmail.CLAIM_OFFICIAL) == "Official"


@pytest.mark.django_db(transaction=True)
def test_emails_of_the_version_before_are_sent_without_it(at_status):
    at_status(Status.SUBMITTED)
    message = Message.objects.filter(kind=ClaimEmail.CLAIM_SUBMITTED).get()
    del message.context["stand"]
    message.save()
    MigrationExecutor(connection).migrate([("associations", "0025_set_aside_by_partner")])

    MigrationExecutor(connection).migrate([("associations", "0026_first_lines_of_emails")])

    message.refresh_from_db()
    assert message.context["stand"] == ""
    assert render(message).text.startswith("Hello")
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
