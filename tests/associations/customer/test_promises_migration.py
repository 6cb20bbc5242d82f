"""Rows of the version before: what their notices promised, and the values that their emails now print."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from associations.enums import Status
from associations.models import CustomerNotice
from associations.review import decisions
from notifications.models import Message
from notifications.words.rendering import render
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("associations", "0009_registered_contacts_and_answers")]
AFTER = [("associations", "0010_promises_of_sent_notices")]
NEW = ("asker", "location", "why_you")


def test_open_windows_and_queued_emails_are_read_again():
    partner = cast.make_partner()
    actor, reviewer, tenant = cast.make_member(partner), cast.make_reviewer(), cast.make_tenant()
    claim = cast.walk(
        cast.make_draft(partner, actor, tenant), Status.APPROVED, actor=actor, reviewer=reviewer
    )
    other = cast.make_draft(partner, actor, cast.make_tenant("other.example"))
    waiting = cast.walk(other, Status.UNDER_REVIEW, actor=actor, reviewer=reviewer)
    decisions.approve_claim(waiting, actor=reviewer, now=timezone.now())
    CustomerNotice.objects.update(promised_until=None, promised_time_zone="")
    message = Message.objects.filter(kind="customer_notice").first()
    message.context = {k: v for k, v in message.context.items() if k not in NEW}
    message.save()
    MigrationExecutor(connection).migrate(BEFORE)

    MigrationExecutor(connection).migrate(AFTER)

    promises = CustomerNotice.objects.values_list("promised_until", "promised_time_zone")
    assert promises.get(claim=claim) == (claim.due_at, claim.due_time_zone)
    assert promises.get(claim=waiting) == (None, "")
    message.refresh_from_db()
    assert {message.context[name] for name in NEW} == {""}
    assert render(message).text
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    for each in (claim, waiting):
        notice = each.notices.get()
        assert notice.message.key == f"customer-notice:{notice.pk}"
