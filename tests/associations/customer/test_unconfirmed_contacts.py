"""A contact corrected after approval: who is outside the customer's domains is confirmed first [R57]."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations import tasks
from associations.claims.lifecycle import LifecycleError, StaleClaim
from associations.customer import notice_outcomes, notices, optout
from associations.enums import Actor, EventKind, NoticeStatus
from associations.filing import submission
from associations.models import Claim, RegisteredContact
from associations.review import decisions
from notifications import to_look_at
from notifications.enums import LookAtKind
from notifications.models import LookAtEntry, Message
from partners.models import User
from partners.staff_groups import PROGRAMME_MANAGER
from tests import cast

pytestmark = pytest.mark.django_db
CALLED = "Called the switchboard of Fabrikam; Clara is their CFO."
OUTSIDE, INSIDE = "clara@webmail.example", "clara@fabrikam.example"


def correct(claim, admin, *, email=OUTSIDE, role="customer", name="Clara"):
    return cast.correct_contact(claim, admin, role=role, name=name, email=email)


def open_entries():
    return LookAtEntry.objects.filter(kind=LookAtKind.CONTACT_UNCONFIRMED, closed_at=None)


def notices_to(email):
    return Message.objects.filter(kind="customer_notice", to_address=email)


def sign_in(person):
    client = Client()
    client.force_login(person)
    return client


def confirm_page(claim):
    return reverse("admin:associations_claim_confirm", args=[claim.pk])


@pytest.fixture
def failed(approve):
    claim = approve()
    cast.deliver_notices(claim)
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550 no such user", now=timezone.now()
    )
    return Claim.objects.get(pk=claim.pk)


@pytest.fixture
def waiting(failed, admin):
    correct(failed, admin)
    return Claim.objects.get(pk=failed.pk)


class TestWaiting:
    def test_the_contact_is_kept_and_no_notice_goes_out(self, failed, admin):
        old = failed.notices.get()

        correct(failed, admin)

        failed.refresh_from_db()
        assert failed.contacts.get(role="customer").email == OUTSIDE
        assert (failed.turn, failed.due_at) == (Actor.STAFF, None)
        assert not notices.in_force(failed).exists()
        assert not notices_to(OUTSIDE).exists()
        assert optout.find_link(old.token, at=timezone.now()) is None

    def test_no_late_word_on_an_old_notice_opens_a_window(self, waiting):
        old = waiting.notices.get()

        notice_outcomes.record_sent(
            old.pk, cast.Rendered("Subject", "Text", "<p>HTML</p>"), now=timezone.now()
        )
        notice_outcomes.record_failed(old.pk, failure="550", is_retry=True, now=timezone.now())

        waiting.refresh_from_db()
        assert (waiting.turn, waiting.due_at) == (Actor.STAFF, None)

    def test_who_reviews_finds_it_to_look_at(self, waiting, reviewer):
        entry = open_entries().get()

        assert (entry.subject, entry.key) == (waiting.reference, waiting.reference)
        assert OUTSIDE in entry.detail
        assert entry.link == confirm_page(waiting)
        assert entry in to_look_at.list_visible(reviewer)
        assert entry not in to_look_at.list_visible(cast.make_staff(PROGRAMME_MANAGER))

    @pytest.mark.parametrize("is_reached", [True, False])
    def test_only_a_registered_contact_that_can_be_reached_makes_it_needless(
        self, failed, admin, tenant, is_reached
    ):
        tenant.registered_contacts.create(
            name="Rosa", email="rosa@fabrikam.example", is_undelivered=not is_reached
        )

        correct(failed, admin)

        assert notices_to(OUTSIDE).exists() is is_reached
        assert open_entries().exists() is not is_reached

    def test_an_earlier_confirmation_is_of_another_person(self, failed, admin):
        failed.contacts.filter(role="customer").update(confirmation=CALLED)

        correct(failed, admin)

        assert not notices_to(OUTSIDE).exists()

    def test_the_other_contact_counts_too(self, approve, admin):
        claim = approve(codes=("sales",))
        claim.contacts.filter(role="technical").update(email="tadeu@webmail.example")
        notice_outcomes.record_failed(
            notices.in_force(claim).get(role="customer").pk, failure="550", now=timezone.now()
        )

        correct(claim, admin, email=INSIDE)

        assert not notices_to(INSIDE).exists()
        assert "tadeu@webmail.example" in open_entries().get().detail

    def test_the_partners_page_says_who_is_waited_for(self, waiting, admin):
        client = sign_in(admin)

        page = client.get(waiting.get_absolute_url()).text
        overview = client.get(waiting.partner.get_absolute_url()).text

        assert "The reviewers must confirm the contact" in page
        assert "With the reviewers" in page
        assert reverse("associations:claim-contact", args=[waiting.reference, "customer"]) in page
        assert "The notice did not reach the customer" not in overview

    def test_correcting_by_the_page_says_what_follows(self, failed, admin):
        address = reverse("associations:claim-contact", args=[failed.reference, "customer"])
        data = {"name": "Clara", "title": "CFO", "email": OUTSIDE, "language": "en"}

        page = sign_in(admin).post(address, data, follow=True).text

        assert f"{OUTSIDE} has been saved. The reviewers must confirm this person before" in page
        assert "is on its way" not in page


class TestConfirmation:
    def test_it_lets_the_notice_go_out_and_is_kept(self, waiting, reviewer):
        page = sign_in(reviewer)
        data = {"revision": waiting.revision, "confirmation": CALLED}

        assert page.get(confirm_page(waiting)).status_code == 200
        assert page.post(confirm_page(waiting), data).status_code == 302
        assert page.post(confirm_page(waiting), data).status_code == 302  # a second click
        other = {**data, "confirmation": "I have met them."}
        assert page.post(confirm_page(waiting), other).status_code == 409

        waiting.refresh_from_db()
        assert waiting.turn == Actor.CUSTOMER
        assert notices_to(OUTSIDE).count() == 1
        assert waiting.contacts.get(role="customer").confirmation == CALLED
        event = waiting.events.get(kind=EventKind.CONTACT_CONFIRMED)
        assert (event.reason, event.actor_id) == (CALLED, reviewer.pk)
        assert not open_entries().exists()
        cast.deliver_notices(waiting)
        waiting.refresh_from_db()
        assert waiting.due_at is not None

    @pytest.mark.parametrize("words", ["", " \n"])
    def test_it_needs_words(self, waiting, reviewer, words):
        with pytest.raises(LifecycleError, match=r"clara@webmail\.example"):
            decisions.confirm_contact(
                waiting, actor=reviewer, confirmation=words, now=timezone.now()
            )
        data = {"revision": waiting.revision, "confirmation": words}
        assert sign_in(reviewer).post(confirm_page(waiting), data).status_code == 400

        assert not notices_to(OUTSIDE).exists()

    def test_it_is_of_the_person_whom_the_page_showed(self, waiting, admin, reviewer):
        correct(waiting, admin, email="claus@webmail.example", name="Claus")

        with pytest.raises(StaleClaim):
            decisions.confirm_contact(
                waiting,
                actor=reviewer,
                confirmation=CALLED,
                revision=waiting.revision,
                now=timezone.now(),
            )

        assert not notices_to("claus@webmail.example").exists()

    def test_it_is_done_once(self, waiting, reviewer):
        decisions.confirm_contact(waiting, actor=reviewer, confirmation=CALLED, now=timezone.now())

        with pytest.raises(LifecycleError):
            decisions.confirm_contact(
                waiting, actor=reviewer, confirmation=CALLED, now=timezone.now()
            )

        assert notices_to(OUTSIDE).count() == 1

    def test_no_member_of_the_partner_may(self, waiting, partner):
        insider = cast.make_reviewer()
        cast.make_member(partner, user=insider)

        with pytest.raises(decisions.ReviewerHasStake):
            decisions.confirm_contact(
                waiting, actor=insider, confirmation=CALLED, now=timezone.now()
            )
        data = {"revision": waiting.revision, "confirmation": CALLED}
        answer = sign_in(User.objects.get(pk=insider.pk)).post(confirm_page(waiting), data)

        assert answer.status_code == 403
        assert open_entries().exists()

    def test_who_only_reads_claims_may_not(self, waiting):
        reader = cast.make_staff()
        reader.user_permissions.add(Permission.objects.get(codename="view_claim"))

        assert sign_in(reader).get(confirm_page(waiting)).status_code == 403

    def test_it_is_offered_only_where_it_is_waited_for(self, failed, reviewer):
        claim_page = reverse("admin:associations_claim_change", args=[failed.pk])

        assert confirm_page(failed) not in sign_in(reviewer).get(claim_page).text
        assert sign_in(reviewer).get(confirm_page(failed)).status_code == 409


class TestOtherEnds:
    def test_another_correction_to_an_inside_address(self, waiting, admin):
        correct(waiting, admin, email=INSIDE)

        waiting.refresh_from_db()
        assert waiting.turn == Actor.CUSTOMER
        assert notices_to(INSIDE).count() == 1
        assert not open_entries().exists()

    def test_withdrawal(self, waiting, admin):
        submission.withdraw_claim(waiting, actor=admin, reason="Not ours.", now=timezone.now())

        assert not open_entries().exists()
        tasks.send_notices_that_waited()
        assert not notices_to(OUTSIDE).exists()

    def test_a_registered_contact_that_can_be_reached(self, waiting, tenant):
        tenant.registered_contacts.create(name="Rosa", email="rosa@fabrikam.example")

        tasks.send_notices_that_waited()
        tasks.send_notices_that_waited()

        waiting.refresh_from_db()
        assert waiting.turn == Actor.CUSTOMER
        assert notices_to(OUTSIDE).count() == notices_to("rosa@fabrikam.example").count() == 1
        assert not open_entries().exists()

    def test_a_domain_that_was_verified(self, waiting, tenant):
        tenant.domains.create(domain="webmail.example")

        tasks.send_notices_that_waited()

        assert notices_to(OUTSIDE).count() == 1

    def test_nothing_else(self, waiting, tenant):
        RegisteredContact.objects.create(
            tenant=tenant, name="Rosa", email="rosa@fabrikam.example", is_undelivered=True
        )

        tasks.send_notices_that_waited()

        assert not notices_to(OUTSIDE).exists()
        assert open_entries().get().times == 1
        assert set(waiting.notices.values_list("status", flat=True)) == {NoticeStatus.REPLACED}

    def test_a_fault_in_one_claim_stops_no_other(self, waiting, tenant, monkeypatch):
        tenant.registered_contacts.create(name="Rosa", email="rosa@fabrikam.example")
        monkeypatch.setattr(notices, "send_notices", lambda claim, **_now: 1 / 0)

        tasks.send_notices_that_waited()  # logs it

        assert open_entries().exists()
