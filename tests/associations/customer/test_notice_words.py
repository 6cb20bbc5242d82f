"""Whom a notice goes to, which products it names, and what it promises of the deadline [R20, R21]."""

import datetime as dt

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone, translation

from associations import emails
from associations.customer import notice_outcomes, notices, optout, registered
from associations.display.sentences import describe_data, describe_deadline
from associations.enums import ContactRole, EventKind, NoticeStatus, SolutionArea, Status
from associations.filing import drafts
from associations.models import Association, Claim, Contact
from notifications.delivery import deliver_due
from notifications.models import Message
from notifications.words.rendering import render
from tests import cast

pytestmark = pytest.mark.django_db
NOTICE = "customer_notice"
LATER = "the page behind the link always shows the current deadline"


def correct(claim, admin, **changes):
    cast.correct_contact(claim, admin, **changes)
    claim.refresh_from_db()


def text_of(message):
    return " ".join(render(message).text.split())


class TestReaders:
    @pytest.fixture
    def changed(self, partner, admin, tenant):
        """A draft for Business Applications that became one for Microsoft 365."""
        draft = cast.make_draft(partner, admin, tenant, codes=("sales",))
        drafts.save_facts(
            draft, actor=admin, solution_area=SolutionArea.MICROSOFT_365, now=timezone.now()
        )
        drafts.choose_products(
            draft, [drafts.Pick(cast.product("teams"))], actor=admin, now=timezone.now()
        )
        draft.refresh_from_db()
        return draft

    def test_a_changed_area_leaves_no_contact_behind(self, changed):
        assert set(changed.contacts.values_list("role", flat=True)) == {
            ContactRole.CUSTOMER,
            ContactRole.PARTNER,
        }

    def test_a_changed_activity_or_name_keeps_everybody(self, partner, admin, tenant):
        draft = cast.make_draft(partner, admin, tenant, codes=("sales",))

        drafts.save_facts(draft, actor=admin, activity="presales", name="Other", now=timezone.now())

        assert draft.contacts.count() == 3

    def test_one_left_behind_before_this_gets_no_notice(self, changed, admin, reviewer):
        Contact.objects.create(
            claim=changed, role=ContactRole.TECHNICAL, name="Tadeu", email="tadeu@fabrikam.example"
        )

        claim = cast.walk(changed, Status.APPROVED, actor=admin, reviewer=reviewer)

        mails = Message.objects.filter(kind=NOTICE)
        assert [mail.to_address for mail in mails] == ["carla@fabrikam.example"]
        assert [each.role for each in claim.notices.all()] == [ContactRole.CUSTOMER]
        assert claim.due_at is not None

    def test_a_notice_sent_to_one_before_this_keeps_no_window_shut(self, changed, admin, reviewer):
        """It bounced, and what the partner can do about it must end the matter."""
        claim = cast.walk(changed, Status.APPROVED, actor=admin, reviewer=reviewer)
        extra = {"role": ContactRole.TECHNICAL, "name": "T", "email": "tadeu@fabrikam.example"}
        claim.contacts.create(**extra)
        bounced = claim.notices.create(**extra, language="en", status=NoticeStatus.SENT)
        notice_outcomes.record_failed(bounced.pk, failure="550", now=timezone.now())

        correct(claim, admin, role="technical", email="tina@fabrikam.example")
        cast.deliver_notices(claim)

        assert [each.role for each in notices.in_force(claim)] == [ContactRole.CUSTOMER]
        assert claim.due_at is not None
        assert optout.find_link(bounced.token, at=timezone.now()) is None


class TestProducts:
    def test_a_new_notice_asks_only_about_what_was_not_refused(self, approve, admin):
        claim = approve()
        old = notices.in_force(claim).get()
        teams = claim.associations.get(product__code="teams")
        optout.opt_out(old.token, [teams.reference], at=timezone.now())
        notice_outcomes.record_failed(old.pk, failure="550", now=timezone.now())

        correct(claim, admin)

        mail = Message.objects.get(kind=NOTICE, to_address="clara@fabrikam.example")
        assert mail.context["products"] == "Exchange Online"
        assert "Teams" not in text_of(mail)

    def test_where_all_was_refused_the_products_are_named(self, approve, admin):
        claim = approve()
        old = notices.in_force(claim).get()
        optout.opt_out(
            old.token,
            list(claim.associations.values_list("reference", flat=True)),
            at=timezone.now(),
        )
        notice_outcomes.record_failed(old.pk, failure="550", now=timezone.now())

        correct(claim, admin)

        mail = Message.objects.get(kind=NOTICE, to_address="clara@fabrikam.example")
        assert mail.context["products"] == "Exchange Online and Teams"

    def test_the_data_it_names_is_of_the_same_products(self, approve):
        claim = approve(codes=("sales",))
        workload = Association.objects.create(
            claim=claim,
            partner=claim.partner,
            tenant=claim.tenant,
            product=cast.product("teams"),
            slot_key="workload:x:teams",
        )
        seen = describe_data(notices.list_products_asked_for(claim))
        assert "how many people use it" in seen
        optout.opt_out(
            notices.in_force(claim).first().token, [workload.reference], at=timezone.now()
        )

        seen = describe_data(notices.list_products_asked_for(claim))

        assert "how many people use it" not in seen
        assert "how many seats" in seen

    def test_the_customers_page_shows_both_apart(self, client, approve, admin):
        claim = approve()
        old = notices.in_force(claim).get()
        teams = claim.associations.get(product__code="teams")
        optout.opt_out(old.token, [teams.reference], at=timezone.now())
        notice_outcomes.record_failed(old.pk, failure="550", now=timezone.now())
        correct(claim, admin)

        page = client.get(f"/opt-out/{notices.in_force(claim).get().token}/").text

        refused = page.partition("What you refused")[2]
        assert "Teams" in refused
        assert "Exchange Online" not in refused


class TestLaterEnd:
    def test_two_readers_are_told_where_the_last_day_is_shown(self, approve):
        """One reads English, the other Portuguese."""
        claim = approve(codes=("sales",))

        mails = {mail.language: mail for mail in Message.objects.filter(kind=NOTICE)}

        assert mails.keys() == {"en", "pt-br"}
        for language, mail in mails.items():
            with translation.override(language):
                promised = emails.describe_promise(
                    claim, notices.find_prospect(claim, now=timezone.now()), may_end_later=True
                )
            words = promised["if_later"]
            assert words
            assert words in text_of(mail)
            assert words in " ".join(render(mail).html.split())

    def test_a_single_reader_is_not(self, approve):
        approve()

        mail = Message.objects.get(kind=NOTICE)

        assert mail.context["if_later"] == ""
        assert LATER not in text_of(mail)

    def test_one_person_with_two_roles_is_not(self, approve):
        claim = approve(codes=("sales",))
        customer = claim.contacts.get(role=ContactRole.CUSTOMER)
        claim.contacts.filter(role=ContactRole.TECHNICAL).update(email=customer.email.upper())

        assert not registered.has_several_readers(claim)

    @pytest.mark.django_db(transaction=True)
    def test_a_notice_that_was_queued_before_there_were_such_words_is_sent(
        self, approve, smtp_server
    ):
        with transaction.atomic():
            claim = approve()
            mail = Message.objects.get(kind=NOTICE)
            del mail.context["if_later"]
            mail.save()

        deliver_due()

        assert claim.notices.get().status == NoticeStatus.SENT
        assert (mail.to_address,) in {each.recipients for each in smtp_server.messages}

    @pytest.mark.django_db(transaction=True)
    def test_no_mail_names_a_day_after_the_true_one(self, approve, smtp_server):
        """The first is accepted on a Friday, the second on the Monday: both name a day that has come
        when the window ends, and the page names the true one."""
        friday = dt.datetime(2026, 3, 6, 18, 0, tzinfo=dt.UTC)
        with transaction.atomic():
            claim = approve(codes=("sales",))
        named = []
        for role, at in (("customer", friday), ("technical", friday + dt.timedelta(days=3))):
            notice = claim.notices.get(role=role)
            with time_machine.travel(at, tick=False):
                mine = Message.objects.filter(pk=notice.message_id)
                Message.objects.filter(kind=NOTICE).exclude(pk__in=mine).update(
                    next_attempt_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
                )
                mine.update(next_attempt_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
                deliver_due()
            named.append(claim.notices.get(role=role).text)

        due_at = Claim.objects.get(pk=claim.pk).due_at
        assert due_at == dt.datetime(2026, 3, 17, 3, 0, tzinfo=dt.UTC)  # Monday 16, 24:00
        for text, language, day in zip(named, ("en", "pt-br"), (3, 0), strict=True):
            with translation.override(language):
                end = due_at - dt.timedelta(days=day)
                promised = describe_deadline(end, "America/Sao_Paulo")
            assert promised in " ".join(text.split())
        assert LATER in " ".join(named[0].split())
        assert claim.events.filter(kind=EventKind.NOTICE_SENT).count() == 2
