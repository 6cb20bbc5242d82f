"""Who speaks for the customer: registered contacts, and the reviewer's word where there is none [R57]."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.claims.lifecycle import LifecycleError
from associations.customer import notice_outcomes, notices, optout, registered
from associations.enums import AssociationStatus, EventKind, NoticeStatus, Status
from associations.finalisation import bulk, sweep
from associations.models import Claim, Contact, RegisteredContact
from associations.review import decisions
from notifications.enums import LookAtKind
from notifications.models import LookAtEntry, Message
from notifications.words.rendering import Rendered, render
from partners.staff_groups import (
    DATA_LOADER,
    PROGRAMME_MANAGER,
    REVIEWER,
    SUPPORT,
    make_staff_groups,
)
from tests import cast

pytestmark = pytest.mark.django_db
WORDS = Rendered("Subject", "Text", "<p>HTML</p>")
CALLED = "Called the switchboard of Fabrikam; Carla is their CIO."


@pytest.fixture
def rosa(tenant):
    return tenant.registered_contacts.create(
        name="Rosa Registrada", email="rosa@fabrikam.example", language="pt-br"
    )


def notice_to(claim, role):
    return notices.in_force(claim).get(role=role)


def open_entries(kind=LookAtKind.CONTACT_BOUNCED):
    return LookAtEntry.objects.filter(kind=kind, closed_at=None)


def sign_in(person):
    client = Client()
    client.force_login(person)
    return client


class TestNotice:
    def test_it_also_goes_to_one_registered_contact(self, rosa, tenant, approve):
        tenant.registered_contacts.create(name="Second", email="second@fabrikam.example")

        claim = approve()

        mails = Message.objects.filter(kind="customer_notice")
        assert {each.to_address for each in mails} == {
            "carla@fabrikam.example",
            "rosa@fabrikam.example",
        }
        assert notice_to(claim, "registered").language == "pt-br"

    def test_one_who_could_be_reached_comes_first(self, rosa, tenant, approve):
        RegisteredContact.objects.update(is_undelivered=True)
        tenant.registered_contacts.create(name="Second", email="second@fabrikam.example")

        assert notice_to(approve(), "registered").email == "second@fabrikam.example"

    def test_a_named_contact_who_is_registered_gets_one_notice(self, tenant, approve):
        tenant.registered_contacts.create(name="Carla", email="CARLA@fabrikam.example")

        assert [each.role for each in approve().notices.all()] == ["customer"]

    def test_it_says_why_they_are_written_to(self, rosa, approve):
        approve()

        mail = Message.objects.get(to_address=rosa.email)
        words = " ".join(render(mail).text.split())
        assert "está registrado como contato de Fabrikam" in words
        assert "indicou você como contato" not in words

    def test_its_link_has_the_same_rights(self, rosa, approve):
        claim = approve()
        cast.deliver_notices(claim)
        products = list(claim.associations.values_list("reference", flat=True))

        optout.opt_out(notice_to(claim, "registered").token, products, at=timezone.now())

        assert set(claim.associations.values_list("status", flat=True)) == {
            AssociationStatus.OPTED_OUT
        }
        assert Message.objects.get(kind="customer_opted_out").to_address == rosa.email

    def test_a_corrected_contact_brings_them_a_new_notice_too(self, rosa, approve, admin):
        claim = approve()
        old = notice_to(claim, "registered")
        notice_outcomes.record_failed(
            notice_to(claim, "customer").pk, failure="550", now=timezone.now()
        )

        cast.correct_contact(claim, admin)

        assert notice_to(claim, "registered").pk != old.pk
        assert optout.find_link(old.token, at=timezone.now()) is None

    def test_the_partner_does_not_learn_their_address(self, rosa, approve, admin):
        claim = approve()
        cast.deliver_notices(claim)
        products = list(claim.associations.values_list("reference", flat=True))
        optout.opt_out(notice_to(claim, "registered").token, products[:1], at=timezone.now())
        notice_outcomes.record_failed(
            notice_to(claim, "registered").pk, failure="550 rosa@ unknown", now=timezone.now()
        )

        page = sign_in(admin).get(claim.get_absolute_url()).text

        assert "carla@fabrikam.example" in page
        assert rosa.email not in page
        assert "The notice did not reach the customer" not in page


class TestClock:
    """Their notice neither opens the window nor stops it, and holds nothing up."""

    @pytest.fixture
    def claim(self, rosa, approve):
        return approve()

    def test_theirs_alone_opens_no_window(self, claim):
        notice_outcomes.record_sent(notice_to(claim, "registered").pk, WORDS, now=timezone.now())

        claim.refresh_from_db()
        assert claim.due_at is None

    def test_the_window_opens_without_theirs(self, claim):
        notice_outcomes.record_sent(notice_to(claim, "customer").pk, WORDS, now=timezone.now())

        claim.refresh_from_db()
        assert claim.due_at is not None

    @pytest.mark.parametrize("is_sent_first", [True, False])
    def test_a_bounce_is_for_staff_and_stops_nothing(self, claim, rosa, is_sent_first):
        notice_outcomes.record_sent(notice_to(claim, "customer").pk, WORDS, now=timezone.now())
        if is_sent_first:
            notice_outcomes.record_sent(
                notice_to(claim, "registered").pk, WORDS, now=timezone.now()
            )
        claim.refresh_from_db()
        due_at = claim.due_at

        notice_outcomes.record_failed(
            notice_to(claim, "registered").pk, failure="550 no such user", now=timezone.now()
        )

        claim.refresh_from_db()
        assert (claim.due_at, claim.turn) == (due_at, "customer")
        assert not Message.objects.filter(kind="notice_failed").exists()
        entry = open_entries().get()
        assert rosa.email in entry.subject
        assert "550 no such user" in entry.detail
        rosa.refresh_from_db()
        assert rosa.is_undelivered

    def test_a_bounce_says_nothing_of_the_customers_other_contacts(self, claim, rosa):
        other = RegisteredContact.objects.create(
            tenant=claim.tenant, name="Olga", email="olga@fabrikam.example"
        )

        notice_outcomes.record_failed(
            notice_to(claim, "registered").pk, failure="550 no such user", now=timezone.now()
        )

        other.refresh_from_db()
        assert not other.is_undelivered

    def test_an_acceptance_closes_the_matter(self, claim, rosa):
        notice = notice_to(claim, "registered")
        notice_outcomes.record_failed(notice.pk, failure="550", now=timezone.now())

        notice_outcomes.record_sent(notice.pk, WORDS, now=timezone.now())

        rosa.refresh_from_db()
        assert not rosa.is_undelivered
        assert not open_entries().exists()

    @pytest.mark.parametrize("state", NoticeStatus.values)
    @pytest.mark.parametrize("is_bulk", [True, False])
    def test_whatever_became_of_theirs_the_claim_becomes_official(self, claim, state, is_bulk):
        notice_outcomes.record_sent(notice_to(claim, "customer").pk, WORDS, now=timezone.now())
        claim.notices.filter(role="registered").update(status=state)
        claim.refresh_from_db()

        if is_bulk:
            hindered = bulk.make_official([claim.pk], at=claim.due_at)
            assert not hindered
        else:
            sweep.settle_alone(claim.pk, cast.over(claim), sweep.Outcome())

        claim.refresh_from_db()
        assert claim.status == Status.OFFICIAL

    @pytest.mark.parametrize("state", ["queued", "failed", "replaced"])
    @pytest.mark.parametrize("is_bulk", [True, False])
    def test_theirs_does_not_stand_in_for_the_named_contacts(self, claim, state, is_bulk):
        cast.deliver_notices(claim)
        claim.notices.filter(role="customer").update(status=state)

        if is_bulk:
            assert bulk.make_official([claim.pk], at=claim.due_at) == {claim.pk}
        else:
            sweep.settle_alone(claim.pk, cast.over(claim), sweep.Outcome())

        claim.refresh_from_db()
        assert claim.status == Status.APPROVED

    def test_there_is_nothing_for_the_partner_to_correct(self, claim, admin):
        notice_outcomes.record_failed(
            notice_to(claim, "registered").pk, failure="550", now=timezone.now()
        )

        with pytest.raises(LifecycleError):
            cast.correct_contact(claim, admin)


class TestConfirmation:
    @pytest.fixture
    def outside(self, draft, admin, reviewer):
        """A claim under review whose contact is outside the customer's domains."""
        draft.contacts.filter(role="customer").update(email="carla@webmail.example")
        return cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

    def test_without_it_nothing_is_approved(self, outside, reviewer):
        for words in ("", "  \n"):
            with pytest.raises(LifecycleError, match=r"carla@webmail\.example"):
                decisions.approve_claim(
                    outside, actor=reviewer, confirmation=words, now=timezone.now()
                )

        outside.refresh_from_db()
        assert outside.status == Status.UNDER_REVIEW
        assert not outside.notices.exists()

    def test_it_is_kept_and_stands_in_the_history(self, outside, reviewer):
        decisions.approve_claim(outside, actor=reviewer, confirmation=CALLED, now=timezone.now())

        assert outside.contacts.get(role="customer").confirmation == CALLED
        event = outside.events.get(kind=EventKind.CONTACT_CONFIRMED)
        assert (event.reason, event.actor_id) == (CALLED, reviewer.pk)
        assert event.subject_names == ["Carla Cliente <carla@webmail.example>"]

    def test_its_words_are_not_the_partners_to_read(self, outside, reviewer, admin):
        decisions.approve_claim(outside, actor=reviewer, confirmation=CALLED, now=timezone.now())

        assert CALLED not in sign_in(admin).get(outside.get_absolute_url()).text
        page = sign_in(reviewer).get(reverse("admin:associations_claim_change", args=[outside.pk]))
        assert CALLED in page.text

    def test_a_registered_contact_makes_it_needless(self, outside, reviewer, rosa):
        assert (
            decisions.approve_claim(outside, actor=reviewer, now=timezone.now()).status
            == Status.APPROVED
        )

    def test_one_who_could_not_be_reached_does_not(self, outside, reviewer, rosa):
        RegisteredContact.objects.update(is_undelivered=True)

        with pytest.raises(LifecycleError):
            decisions.approve_claim(outside, actor=reviewer, now=timezone.now())

    def test_a_contact_at_the_customers_domain_needs_none(self, draft, admin, reviewer):
        claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

        assert registered.list_unconfirmed(claim) == []
        assert (
            decisions.approve_claim(claim, actor=reviewer, now=timezone.now()).status
            == Status.APPROVED
        )

    def test_the_technical_contact_counts_too(self, partner, admin, tenant, reviewer):
        draft = cast.make_draft(partner, admin, tenant, codes=("sales",))
        draft.contacts.filter(role="technical").update(email="tadeu@webmail.example")
        claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

        with pytest.raises(LifecycleError, match=r"tadeu@webmail\.example"):
            decisions.approve_claim(claim, actor=reviewer, now=timezone.now())

    def test_the_form_asks_for_it_and_keeps_what_was_typed(self, outside, reviewer):
        client = sign_in(reviewer)
        address = reverse("admin:associations_claim_approve", args=[outside.pk])
        data = {
            "revision": outside.revision,
            "keep": list(outside.associations.values_list("pk", flat=True)),
            "words": "All is there.",
        }

        refused = client.post(address, data)
        approved = client.post(address, data | {"confirmation": CALLED})

        assert refused.status_code == 400
        assert "Say how you know that this person can decide for the customer." in refused.text
        assert "carla@webmail.example" in refused.text
        assert "All is there." in refused.text
        assert approved.status_code == 302
        assert Claim.objects.get(pk=outside.pk).status == Status.APPROVED

    def test_the_form_asks_nothing_where_no_one_is_to_be_confirmed(self, draft, admin, reviewer):
        claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)

        page = sign_in(reviewer).get(reverse("admin:associations_claim_approve", args=[claim.pk]))

        assert "confirmation" not in page.context_data["form"].fields

    @pytest.mark.parametrize(
        ("decision", "confirmation", "status"),
        [
            ("accept", "", Status.DISPUTE),
            ("accept", CALLED, Status.APPROVED),
            ("turn-down", "", Status.REJECTED_FINAL),
        ],
    )
    def test_accepting_a_dispute_asks_for_it_too(
        self, draft, admin, reviewer, decision, confirmation, status
    ):
        Contact.objects.filter(claim=draft, role="customer").update(email="c@webmail.example")
        claim = cast.walk(draft, Status.DISPUTE, actor=admin, reviewer=reviewer)

        answer = sign_in(reviewer).post(
            reverse("admin:associations_claim_decide", args=[claim.pk]),
            {
                "revision": claim.revision,
                "decision": decision,
                "keep": list(claim.associations.values_list("pk", flat=True)),
                "confirmation": confirmation,
                "words": "Page 2 says so.",
            },
        )

        claim.refresh_from_db()
        assert claim.status == status
        assert answer.status_code == (400 if status == Status.DISPUTE else 302)


class TestStaffPages:
    def test_programme_managers_keep_them_others_read(self):
        make_staff_groups()  # a test that committed may have emptied the tables
        codes = {
            group.name: set(
                Group.objects.get(name=group.name)
                .permissions.filter(content_type__model="registeredcontact")
                .values_list("codename", flat=True)
            )
            for group in (PROGRAMME_MANAGER, REVIEWER, SUPPORT, DATA_LOADER)
        }

        view, every = {"view_registeredcontact"}, {"view", "add", "change", "delete"}
        assert codes[PROGRAMME_MANAGER.name] == {f"{each}_registeredcontact" for each in every}
        assert codes[REVIEWER.name] == codes[SUPPORT.name] == view
        assert codes[DATA_LOADER.name] == set()

    def test_a_new_address_clears_the_mark_and_the_matter(self, rosa, approve):
        manager = cast.make_staff(PROGRAMME_MANAGER)
        claim = approve()
        notice_outcomes.record_failed(
            notice_to(claim, "registered").pk, failure="550", now=timezone.now()
        )

        answer = sign_in(manager).post(
            reverse("admin:associations_registeredcontact_change", args=[rosa.pk]),
            {"name": rosa.name, "title": "", "email": "r@fabrikam.example", "language": "en"},
        )

        assert answer.status_code == 302
        rosa.refresh_from_db()
        assert (rosa.email, rosa.is_undelivered) == ("r@fabrikam.example", False)
        assert not open_entries().exists()

    def test_the_same_person_is_registered_once(self, rosa, tenant):
        answer = sign_in(cast.make_staff(PROGRAMME_MANAGER)).post(
            reverse("admin:associations_registeredcontact_add"),
            {"tenant": tenant.pk, "name": "R", "email": "ROSA@fabrikam.example", "language": "en"},
        )

        assert "This person is already registered for the customer." in answer.text
        assert RegisteredContact.objects.count() == 1

    def test_the_customers_page_names_them(self, rosa, tenant):
        page = sign_in(cast.make_staff(PROGRAMME_MANAGER)).get(
            reverse("admin:associations_tenant_change", args=[tenant.pk])
        )

        assert "rosa@fabrikam.example" in page.text
        assert f"registeredcontact/add/?tenant={tenant.pk}" in page.text
