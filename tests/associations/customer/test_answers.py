"""One question with nothing chosen beforehand: that's right, I refuse, I'm not the right person [R22]."""

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.customer import answers, notice_outcomes, notices, optout
from associations.customer.delivered import is_delivered
from associations.enums import AssociationStatus, EventKind, NoticeStatus, Status
from associations.models import Claim, Event
from notifications.enums import LookAtKind
from notifications.models import LookAtEntry, Message
from notifications.words.rendering import Rendered, render
from tests import cast

pytestmark = pytest.mark.django_db
WORDS = Rendered("Subject", "Text", "<p>HTML</p>")


@pytest.fixture
def claim(approve):
    claim = approve()
    cast.deliver_notices(claim)
    return claim


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=True)


def notice_of(claim, role="customer"):
    return notices.in_force(claim).get(role=role)


def address_of(claim, role="customer"):
    return reverse("associations:opt-out", args=[notice_of(claim, role).token])


def references(claim):
    return list(claim.associations.order_by("pk").values_list("reference", flat=True))


def words_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)).replace("&#x27;", "'")


def form_as_it_came(answer):
    """What a browser sends for the page's form with nothing touched."""
    form = re.search(r"<form.*?</form>", answer.text, re.DOTALL)[0]
    data = {}
    for each in re.findall(r"<input[^>]*>", form):
        kind, name = (re.search(rf'{part}="([^"]*)"', each)[1] for part in ("type", "name"))
        if kind == "hidden" or " checked" in each:
            data[name] = re.search(r'value="([^"]*)"', each)[1]
    assert "textarea" in form
    return data | {"reason": ""}


@pytest.mark.parametrize("codes", [("teams",), ("teams", "exchange-online", "intune")])
@pytest.mark.parametrize("language", ["en", "pt-br"])
class TestNothingChosen:
    def test_a_form_sent_as_it_came_changes_nothing(self, visitor, approve, codes, language):
        claim = approve(codes=codes)
        cast.deliver_notices(claim)
        before = list(Event.objects.values()), list(claim.associations.values())
        address = f"{address_of(claim)}?lang={language}"

        page = visitor.get(address)
        answer = visitor.post(address, form_as_it_came(page))

        assert " checked" not in page.text
        assert answer.status_code == 422
        said = "Choose one of the answers." if language == "en" else "Escolha uma das respostas."
        assert said in words_of(answer)
        assert 'href="#id_action"' in answer.text
        assert 'id="id_action"' in answer.text
        assert (list(Event.objects.values()), list(claim.associations.values())) == before

    def test_what_is_asked_is_listed_as_text(self, visitor, approve, codes, language):
        claim = approve(codes=codes)

        page = visitor.get(f"{address_of(claim)}?lang={language}")

        listed = re.search(r'<ul class="decision-list asked-list">.*?</ul>', page.text, re.DOTALL)[
            0
        ]
        for each in claim.associations.select_related("product"):
            assert each.product.name in listed
        assert "<input" not in listed

    def test_who_asks_is_named(self, visitor, approve, codes, language):
        claim = approve(codes=codes)

        page = words_of(visitor.get(f"{address_of(claim)}?lang={language}"))
        mail = Message.objects.get(kind="customer_notice")

        country = "United States" if language == "en" else "Estados Unidos"
        assert "Paul Partner" in page
        assert "Contoso Consulting" in page
        assert f"{claim.location.name}, {country}" in page
        text = " ".join(render(mail).text.split())
        assert "Asked by: Paul Partner" in text
        assert f"Location: {claim.location.name}, United States" in text


@pytest.mark.parametrize("status", [Status.OFFICIAL])
def test_ending_is_chosen_by_hand_too(visitor, approve, status):
    claim = approve(codes=("teams",))
    cast.deliver_notices(claim)
    cast._finalise(claim, None, None)
    address = reverse("associations:opt-out-end", args=[notice_of(claim).token])

    page = visitor.get(address)
    answer = visitor.post(address_of(claim), form_as_it_came(page) | {"action": "end"})

    assert " checked" not in page.text
    assert answer.status_code == 422
    assert "Select at least one product." in words_of(answer)
    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL


class TestRight:
    def test_it_is_recorded_and_shortens_nothing(self, visitor, claim):
        due_at = claim.due_at

        answer = visitor.post(address_of(claim), {"action": "confirm"})
        page = visitor.get(answer.url)

        assert answer.status_code == 303
        event = claim.events.get(kind=EventKind.CONFIRMED)
        assert event.actor_name == "Carla Cliente <carla@fabrikam.example>"
        assert notice_of(claim).confirmed_at is not None
        claim.refresh_from_db()
        assert (claim.status, claim.due_at) == (Status.APPROVED, due_at)
        assert "Your answer is recorded" in words_of(page)
        assert " checked" not in page.text

    def test_a_second_click_records_it_once(self, visitor, claim):
        for _ in range(3):
            assert visitor.post(address_of(claim), {"action": "confirm"}).status_code == 303

        assert claim.events.filter(kind=EventKind.CONFIRMED).count() == 1

    def test_it_can_be_changed_until_the_deadline(self, visitor, claim):
        visitor.post(address_of(claim), {"action": "confirm"})

        with time_machine.travel(claim.due_at - dt.timedelta(seconds=1), tick=False):
            visitor.post(address_of(claim), {"action": "refuse", "products": references(claim)})

        assert set(claim.associations.values_list("status", flat=True)) == {
            AssociationStatus.OPTED_OUT
        }
        assert notice_of(claim).confirmed_at is None

    def test_after_the_deadline_it_is_too_late(self, visitor, claim):
        with time_machine.travel(cast.over(claim), tick=False):
            answer = visitor.post(address_of(claim), {"action": "confirm"})

        assert answer.status_code == 409
        assert not claim.events.filter(kind=EventKind.CONFIRMED).exists()

    def test_a_tick_beside_it_is_asked_about_and_not_dropped(self, visitor, claim):
        ticked = {"action": "confirm", "products": references(claim)[:1]}

        answer = visitor.post(address_of(claim), ticked)

        assert answer.status_code == 422
        assert "Choose one or the other" in words_of(answer)
        assert f'value="{references(claim)[0]}" checked' in re.sub(r"\s+", " ", answer.text)
        assert not claim.events.filter(kind=EventKind.CONFIRMED).exists()


class TestRefuse:
    def test_all_of_it_by_one_tick(self, visitor, claim):
        answer = visitor.post(address_of(claim), {"action": "refuse", "products": ["all"]})

        assert answer.status_code == 303
        assert set(claim.associations.values_list("status", flat=True)) == {
            AssociationStatus.OPTED_OUT
        }

    def test_a_single_product_needs_no_tick(self, visitor, approve):
        claim = approve(codes=("teams",))

        page = visitor.get(address_of(claim))
        answer = visitor.post(address_of(claim), form_as_it_came(page) | {"action": "refuse"})

        assert answer.status_code == 303
        assert claim.associations.get().status == AssociationStatus.OPTED_OUT


class TestWrongPerson:
    def test_it_counts_as_an_undelivered_notice(self, visitor, claim, admin):
        answer = visitor.post(address_of(claim), {"action": "wrong-person"})

        assert answer.status_code == 303
        claim.refresh_from_db()
        assert (claim.status, claim.due_at, claim.turn) == (Status.APPROVED, None, "partner")
        assert notice_of(claim).status == NoticeStatus.FAILED
        assert not is_delivered(claim)
        mail = Message.objects.get(kind="notice_wrong_person")
        assert mail.to_address == admin.email
        assert "carla@fabrikam.example" in mail.context["contact"]
        entry = LookAtEntry.objects.get(kind=LookAtKind.WRONG_PERSON)
        assert entry.subject == claim.reference
        assert claim.events.filter(kind=EventKind.WRONG_PERSON).count() == 1

    def test_its_entry_for_staff_has_the_time_of_the_answer(self, claim):
        at = timezone.now() + dt.timedelta(hours=1)

        answers.decline_as_wrong_person(notice_of(claim).token, at=at)

        entry = LookAtEntry.objects.get(kind=LookAtKind.WRONG_PERSON)
        assert (entry.since, entry.last_seen_at) == (at, at)

    def test_its_link_then_decides_nothing(self, visitor, claim):
        address = address_of(claim)
        visitor.post(address, {"action": "wrong-person"})
        before = list(claim.associations.values()), list(Event.objects.values())

        page = visitor.get(address)
        acts = [
            visitor.post(address, {"action": action, "products": references(claim)})
            for action in ("refuse", "take-back", "end")
        ]
        again = visitor.post(address, {"action": "wrong-person"})
        confirmed = visitor.post(address, {"action": "confirm"})

        assert "Thank you for telling us" in words_of(page)
        assert "<form" not in page.text
        assert [each.status_code for each in acts] == [409, 409, 409]
        assert (again.status_code, confirmed.status_code) == (303, 409)
        assert (list(claim.associations.values()), list(Event.objects.values())) == before

    def test_a_better_contact_gets_a_full_new_window_and_closes_the_matter(
        self, visitor, claim, admin
    ):
        old = address_of(claim)
        visitor.post(old, {"action": "wrong-person"})

        page = Client()
        page.force_login(admin)
        assert (
            "told us that they are not the right person" in page.get(claim.get_absolute_url()).text
        )
        answer = page.post(
            reverse("associations:claim-contact", args=[claim.reference, "customer"]),
            {
                "name": "Clara",
                "title": "CFO",
                "email": "clara@fabrikam.example",
                "language": "en",
            },
        )
        assert answer.status_code == 302
        cast.deliver_notices(claim)

        claim.refresh_from_db()
        assert claim.due_at is not None
        assert visitor.get(old).status_code == 404
        assert not LookAtEntry.objects.filter(closed_at=None).exists()

    def test_after_the_deadline_it_is_too_late(self, visitor, claim):
        with time_machine.travel(cast.over(claim), tick=False):
            answer = visitor.post(address_of(claim), {"action": "wrong-person"})

        assert answer.status_code == 409
        assert notice_of(claim).status == NoticeStatus.SENT

    def test_what_was_refused_before_stays_refused(self, visitor, claim):
        visitor.post(address_of(claim), {"action": "refuse", "products": references(claim)[:1]})

        visitor.post(address_of(claim), {"action": "wrong-person"})

        assert claim.associations.filter(status=AssociationStatus.OPTED_OUT).count() == 1

    def test_a_registered_contact_stops_no_clock(self, visitor, tenant, approve):
        tenant.registered_contacts.create(name="Rosa", email="rosa@fabrikam.example")
        claim = approve()
        cast.deliver_notices(claim)

        answer = visitor.post(address_of(claim, "registered"), {"action": "wrong-person"})

        assert answer.status_code == 303
        due_at = claim.due_at
        claim.refresh_from_db()
        assert claim.due_at == due_at
        assert LookAtEntry.objects.filter(kind=LookAtKind.WRONG_PERSON).exists()
        assert not Message.objects.filter(kind="notice_wrong_person").exists()
        assert (
            optout.find_link(notice_of(claim, "registered").token, at=timezone.now()).stage
            == "given-up"
        )

    def test_who_is_quicker_than_the_mark_keeps_having_said_so(self, approve, visitor):
        claim = approve()
        visitor.post(address_of(claim), {"action": "wrong-person"})

        notice_outcomes.record_sent(notice_of(claim).pk, WORDS, now=timezone.now())

        claim.refresh_from_db()
        assert notice_of(claim).status == NoticeStatus.FAILED
        assert notice_of(claim).text == "Text"
        assert claim.due_at is None
