"""The customer's pages: what they show, that only a POST acts, and what they never do [R22-R25]."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from associations.customer import notice_outcomes, notices, optout
from associations.enums import AssociationStatus, NoticeStatus, Status
from associations.filing.submission import withdraw_claim
from associations.finalisation import sweep
from associations.forms.customer import REASON_LIMIT
from associations.models import Association, Claim, CustomerNotice, Event, SlotHolding
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    """A browser's client: CSRF is checked as ever, and cookies are kept, if any are set."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def actor():
    return cast.make_member(cast.make_partner())


@pytest.fixture
def make_claim(actor):
    def make(status=Status.APPROVED, *, language="en", name="Fabrikam", **facts):
        partner = actor.memberships.get().partner
        domain = f"customer{Claim.objects.count()}.example"
        tenant = cast.make_tenant(domain, language=language, name=name)
        draft = cast.make_draft(partner, actor, tenant, **facts)
        return cast.walk(draft, status, actor=actor, reviewer=cast.make_reviewer())

    return make


def address_of(claim, name="opt-out"):
    token = notices.in_force(claim).first().token
    return reverse(f"associations:{name}", args=[token])


def references(claim):
    return list(claim.associations.order_by("pk").values_list("reference", flat=True))


def statuses(claim):
    return list(claim.associations.order_by("pk").values_list("status", flat=True))


def markup_of(response):
    """The page with its white space evened out: attributes may stand on lines of their own."""
    return re.sub(r"\s+", " ", response.content.decode())


def text_of(response):
    """The words of the page, without markup."""
    without_tags = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", without_tags)


def everything():
    """Every field of every row that a link could change."""
    models = (Claim, Association, Event, Message, CustomerNotice, SlotHolding)
    return {
        model.__name__: [
            {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
            for row in model.objects.order_by("pk")
        ]
        for model in models
    }


# --- looking -------------------------------------------------------------------------------------


def test_an_open_request_says_who_what_until_when_and_that_nothing_need_be_done(
    visitor, make_claim
):
    claim = make_claim()

    page = visitor.get(address_of(claim))

    words = text_of(page)
    assert page.status_code == 200
    assert "Contoso Consulting wants to be recorded as your partner" in words
    assert "says it helps Fabrikam use" in words
    assert "If you agree, you don't need to do anything." in words
    assert re.search(r"until the end of \w{3} \d+ \w{3} \d{4} \(São Paulo time\)", words)
    assert "how many people use it each month" in words
    assert "Names, emails, files, messages or anything else of yours." in words
    assert all(f'value="{each}"' in markup_of(page) for each in references(claim))
    assert b" checked" not in page.content  # nothing is chosen beforehand [R22]
    assert "partner-support@northwind.example" in words
    assert reverse("about-cpor") in page.content.decode()


def test_a_subscription_is_named_with_its_id_and_its_data(visitor, make_claim):
    claim = make_claim(codes=("sales",))

    page = visitor.get(address_of(claim) + "?lang=en")  # the technical contact reads Portuguese

    assert str(claim.associations.get().subscription.subscription_id) in text_of(page)
    assert "how many seats are sold, assigned and in use" in text_of(page)


def test_without_a_running_clock_the_page_says_so_and_still_lets_refuse(visitor, make_claim):
    claim = make_claim()
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550 no such user", now=timezone.now()
    )

    page = visitor.get(address_of(claim))
    visitor.post(address_of(claim), {"action": "refuse", "products": references(claim)})

    assert "Your time to refuse has not started yet" in text_of(page)
    assert set(statuses(claim)) == {AssociationStatus.OPTED_OUT}


def test_closing_offers_no_button(visitor, make_claim):
    claim = make_claim()

    with time_machine.travel(claim.due_at, tick=False):
        page = visitor.get(address_of(claim))

    assert "The time to refuse is over" in text_of(page)
    assert "Once it is recorded, you can end it here" in text_of(page)
    assert b"<form" not in page.content


@pytest.mark.parametrize("is_all", [True, False])
def test_closing_tells_who_refused_what_became_of_it(visitor, make_claim, is_all):
    claim = make_claim()
    chosen = references(claim) if is_all else references(claim)[:1]
    with time_machine.travel(claim.due_at - dt.timedelta(seconds=1), tick=False):
        visitor.post(address_of(claim), {"action": "refuse", "products": chosen})

    with time_machine.travel(claim.due_at, tick=False):
        page = visitor.get(address_of(claim) + "?done=refuse")

    words = text_of(page)
    assert "Your refusal is recorded" in words
    assert ("You refused Contoso Consulting as your partner" in words) == is_all
    assert ("It is now final. You don't need to do anything else." in words) == is_all
    assert ("What you did not refuse has not been recorded yet." in words) != is_all
    assert ("Once the rest is recorded, you can end it here" in words) != is_all
    assert "Once it is recorded" not in words
    assert b"<form" not in page.content


def test_official_leads_to_a_page_that_asks_before_ending(visitor, make_claim):
    claim = make_claim(Status.OFFICIAL)

    page = visitor.get(address_of(claim))
    asking = visitor.get(address_of(claim, "opt-out-end"))

    assert "is recorded as your partner" in text_of(page)
    assert b"<form" not in page.content
    assert address_of(claim, "opt-out-end") in page.content.decode()
    assert "lose access to data about the products you select" in text_of(asking)
    assert "You can't undo this here" in text_of(asking)
    assert b" checked" not in asking.content  # two products: the person chooses


def test_what_was_left_unticked_is_not_ticked_afterwards(visitor, make_claim):
    claim = make_claim()

    answer = visitor.post(
        address_of(claim), {"action": "refuse", "products": references(claim)[:1]}
    )

    page = visitor.get(answer.url)
    assert f'value="{references(claim)[1]}"' in markup_of(page)
    assert b" checked" not in page.content


def test_over_says_what_became_of_it(visitor, make_claim):
    ended = make_claim(Status.ENDED)
    refused = make_claim()
    optout.opt_out(notices.in_force(refused).get().token, references(refused), at=timezone.now())
    sweep.finalise_due(at=cast.over(refused))

    assert "is no longer your partner of record" in text_of(visitor.get(address_of(ended)))
    page = visitor.get(address_of(refused))
    assert "You refused Contoso Consulting as your partner" in text_of(page)
    assert b"<form" not in page.content


@pytest.mark.parametrize("status", [Status.APPROVED, Status.OFFICIAL, Status.ENDED])
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing_however_often(visitor, make_claim, status, method):
    claim = make_claim(status)
    before = everything()
    queries = ["", "?action=refuse", f"?action=end&products={references(claim)[0]}", "?done=refuse"]

    for name in ("opt-out", "opt-out-end"):
        for query in queries * 5:
            getattr(visitor, method)(address_of(claim, name) + query)

    assert everything() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(visitor, make_claim, method):
    claim = make_claim()
    before = everything()

    response = getattr(visitor, method)(address_of(claim))

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"
    assert everything() == before


def test_the_asking_page_takes_no_post(visitor, make_claim):
    claim = make_claim(Status.OFFICIAL)

    response = visitor.post(
        address_of(claim, "opt-out-end"), {"action": "end", "products": references(claim)}
    )

    assert response.status_code == 405
    assert set(statuses(claim)) == {AssociationStatus.OFFICIAL}


def test_the_asking_page_of_what_is_not_official_leads_back(visitor, make_claim):
    claim = make_claim()
    assert visitor.get(address_of(claim, "opt-out-end")).url == address_of(claim)


# --- deciding ------------------------------------------------------------------------------------


def test_refusing_a_part(visitor, make_claim):
    claim = make_claim()

    answer = visitor.post(
        address_of(claim),
        {"action": "refuse", "products": references(claim)[:1], "reason": "Unknown to us"},
    )
    page = visitor.get(answer.url)

    assert (answer.status_code, answer.url) == (303, address_of(claim) + "?done=refuse")
    assert statuses(claim) == [AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED]
    assert Event.objects.get(kind="opted-out").reason == "Unknown to us"
    assert "Your refusal is recorded" in text_of(page)
    assert "Take it back" in text_of(page)


def test_refusing_all_and_taking_one_back(visitor, make_claim):
    claim = make_claim()
    visitor.post(address_of(claim), {"action": "refuse", "products": references(claim)})
    assert "You refused Contoso Consulting" in text_of(visitor.get(address_of(claim)))

    answer = visitor.post(
        address_of(claim), {"action": "take-back", "products": references(claim)[1:]}
    )

    assert statuses(claim) == [AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED]
    assert "Refusal withdrawn" in text_of(visitor.get(answer.url))


def test_a_form_sent_twice_is_no_error_and_acts_once(visitor, make_claim):
    claim = make_claim()
    form = {"action": "refuse", "products": references(claim)}

    answers = [visitor.post(address_of(claim), form) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert Event.objects.filter(kind="opted-out").count() == 1
    assert Message.objects.filter(kind="customer_opted_out").count() == 1


def test_the_address_after_a_decision_is_not_believed(visitor, make_claim):
    claim = make_claim()
    for claimed in ("refuse", "take-back", "end", "<b>x</b>"):
        words = text_of(visitor.get(address_of(claim) + f"?done={claimed}"))
        assert "Your refusal is recorded" not in words
        assert "Record ended" not in words
        assert "<b>" not in words


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("refuse", "The time to refuse is over, so nothing was changed."),
        ("take-back", "The time to take a refusal back is over, so nothing was changed."),
    ],
)
def test_after_the_deadline_nothing_changes_and_the_page_says_why(
    visitor, make_claim, action, words
):
    claim = make_claim()
    before = everything()

    with time_machine.travel(cast.over(claim), tick=False):
        answer = visitor.post(
            address_of(claim), {"action": action, "products": references(claim), "reason": "Late"}
        )

    assert answer.status_code == 409
    assert words in text_of(answer)
    assert everything() == before


def test_what_arrives_an_instant_before_the_deadline_counts(visitor, make_claim):
    claim = make_claim()

    with time_machine.travel(claim.due_at - dt.timedelta(microseconds=1), tick=False):
        answer = visitor.post(
            address_of(claim), {"action": "refuse", "products": references(claim)}
        )

    assert answer.status_code == 303
    assert set(statuses(claim)) == {AssociationStatus.OPTED_OUT}


def test_the_time_of_arrival_counts_not_the_time_of_the_lock(visitor, make_claim, monkeypatch):
    claim = make_claim()
    arrival = claim.due_at - dt.timedelta(seconds=1)
    later = iter([arrival])  # the first look at the clock; all others come after the deadline
    after = claim.due_at + dt.timedelta(seconds=5)
    edge = SimpleNamespace(now=lambda: next(later, after))
    monkeypatch.setattr("associations.views.customer_links.timezone", edge)

    with time_machine.travel(after, tick=False):
        answer = visitor.post(
            address_of(claim), {"action": "refuse", "products": references(claim)}
        )

    assert answer.status_code == 303
    assert set(statuses(claim)) == {AssociationStatus.OPTED_OUT}


def test_ending_a_part_of_what_is_official(visitor, make_claim):
    claim = make_claim(Status.OFFICIAL)

    answer = visitor.post(
        address_of(claim),
        {"action": "end", "products": references(claim)[:1], "reason": "We changed partners"},
    )

    assert answer.status_code == 303
    assert statuses(claim) == [AssociationStatus.ENDED, AssociationStatus.OFFICIAL]
    assert SlotHolding.objects.filter(released_at=None).count() == 1
    assert "Record ended" in text_of(visitor.get(answer.url))


def test_ending_all_ends_the_claim(visitor, make_claim):
    claim = make_claim(Status.OFFICIAL)

    answer = visitor.post(address_of(claim), {"action": "end", "products": references(claim)})

    assert Claim.objects.get().status == Status.ENDED
    assert "is no longer your partner of record" in text_of(visitor.get(answer.url))


def test_what_is_not_official_cannot_be_ended(visitor, make_claim):
    claim = make_claim()
    before = everything()

    answer = visitor.post(address_of(claim), {"action": "end", "products": references(claim)})

    assert answer.status_code == 409
    assert everything() == before


# --- what is held back past the window ------------------------------------------------------------


@pytest.fixture
def make_parked(make_claim):
    """A function that makes a claim of which Teams, and with ``all_of_it`` all, is parked."""

    def make(*, all_of_it=True):
        claim = make_claim()
        wanted = claim.associations.all()
        rival = cast.make_partner("Litware")
        for each in wanted if all_of_it else wanted.filter(product__code="teams"):
            SlotHolding.objects.create(
                slot_key=each.slot_key, partner=rival, held_since=claim.due_at
            )
        sweep.finalise_due(at=cast.over(claim))
        return Claim.objects.get(pk=claim.pk)

    return make


def test_a_parked_request_says_where_it_stands_and_lets_refuse_for_good(visitor, make_parked):
    claim = make_parked()
    assert claim.status == Status.APPROVED

    with time_machine.travel(claim.due_at + dt.timedelta(days=2), tick=False):
        page = visitor.get(address_of(claim))
        answer = visitor.post(
            address_of(claim), {"action": "refuse", "products": references(claim)[:1]}
        )
        after = visitor.get(answer.url)

    words = text_of(page)
    assert "has to check something first" in words
    assert "The deadline to refuse was the end of" in words
    assert "you can't take it back here" in words
    assert "Take it back" not in words
    assert "Litware" not in words
    assert answer.status_code == 303
    assert "Your refusal is recorded" in text_of(after)
    assert "Take it back" not in text_of(after)
    assert statuses(claim) == [AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED]


def test_refusing_all_that_is_parked_ends_the_request(visitor, make_parked):
    claim = make_parked()

    with time_machine.travel(claim.due_at, tick=False):
        answer = visitor.post(
            address_of(claim), {"action": "refuse", "products": references(claim)}
        )
        page = visitor.get(answer.url)

    assert Claim.objects.get(pk=claim.pk).status == Status.REJECTED
    assert "Your refusal is recorded" in text_of(page)
    assert "You refused Contoso Consulting as your partner" in text_of(page)
    assert b"<form" not in page.content


def test_taking_back_what_is_parked_changes_nothing_and_the_page_says_why(visitor, make_parked):
    claim = make_parked()

    with time_machine.travel(claim.due_at, tick=False):
        visitor.post(address_of(claim), {"action": "refuse", "products": references(claim)[:1]})
        before = everything()
        answer = visitor.post(
            address_of(claim), {"action": "take-back", "products": references(claim)[:1]}
        )

    assert answer.status_code == 409
    assert "The time to take a refusal back is over" in text_of(answer)
    assert everything() == before


def test_an_official_request_lets_refuse_what_is_still_held_back(visitor, make_parked):
    claim = make_parked(all_of_it=False)
    held = claim.associations.get(product__code="teams")

    page = visitor.get(address_of(claim))
    answer = visitor.post(address_of(claim), {"action": "refuse", "products": [held.reference]})
    after = visitor.get(answer.url)

    assert "Not recorded yet" in text_of(page)
    assert page.content.decode().count('type="checkbox"') == 1
    held.refresh_from_db()
    assert held.status == AssociationStatus.OPTED_OUT
    assert "Your refusal is recorded" in text_of(after)
    assert b"<form" not in after.content
    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL


def test_a_parked_page_asks_the_database_no_more_than_an_open_one(
    visitor, make_claim, make_parked, django_assert_num_queries
):
    address, parked_address = address_of(make_claim(name="Adatum")), address_of(make_parked())

    for each in (address, parked_address):
        visitor.get(each)
        with django_assert_num_queries(3):
            visitor.get(each)


# --- mistakes ------------------------------------------------------------------------------------


def test_nothing_ticked_keeps_the_reason(visitor, make_claim):
    claim = make_claim()
    before = everything()

    answer = visitor.post(address_of(claim), {"action": "refuse", "reason": "Kept & safe"})

    assert answer.status_code == 422
    assert "Select at least one product." in text_of(answer)
    assert "Kept &amp; safe" in answer.content.decode()
    assert 'href="#div_id_products"' in answer.content.decode()
    assert 'id="div_id_products"' in answer.content.decode()
    assert answer.content.decode().count(" checked") == 1  # as it was sent: the answer, no product
    assert everything() == before


def test_nothing_ticked_on_the_asking_page_asks_again(visitor, make_claim):
    claim = make_claim(Status.OFFICIAL)

    answer = visitor.post(address_of(claim), {"action": "end", "reason": "Kept"})

    assert answer.status_code == 422
    assert "What do you want to end?" in text_of(answer)
    assert "Kept" in text_of(answer)


def test_a_reason_beyond_the_limit_is_refused_and_kept_whole(visitor, make_claim):
    claim = make_claim()
    before = everything()
    reason = "too long " * 1111  # 9,999 characters, 9,998 of them after trimming

    answer = visitor.post(
        address_of(claim),
        {"action": "refuse", "products": references(claim)[:1], "reason": reason},
    )

    assert answer.status_code == 422
    assert f"Your reason has 9998 characters. Shorten it to {REASON_LIMIT}." in text_of(answer)
    assert reason in answer.content.decode()
    assert answer.content.decode().count(" checked") == 2  # the answer and its one product
    assert everything() == before


def test_a_reason_at_the_limit_is_taken(visitor, make_claim):
    claim = make_claim()
    form = {"action": "refuse", "products": references(claim), "reason": "x" * REASON_LIMIT}

    assert visitor.post(address_of(claim), form).status_code == 303
    assert Event.objects.get(kind="opted-out").reason == "x" * REASON_LIMIT


def test_markup_in_a_reason_stays_text(visitor, make_claim):
    claim = make_claim()

    answer = visitor.post(
        address_of(claim), {"action": "refuse", "reason": "</textarea><script>alert(1)</script>"}
    )

    assert b"<script" not in answer.content
    assert "&lt;script&gt;" in answer.content.decode()


@pytest.mark.parametrize("action", ["", "approve", "refuse\u200b"])
def test_an_unknown_action_does_nothing(visitor, make_claim, action):
    claim = make_claim()
    before = everything()

    answer = visitor.post(address_of(claim), {"action": action, "products": references(claim)})

    assert answer.status_code == 422
    assert everything() == before


def test_products_of_another_claim_cannot_be_refused_with_this_link(visitor, make_claim):
    mine, other = make_claim(), make_claim()
    before = everything()

    answer = visitor.post(address_of(mine), {"action": "refuse", "products": references(other)})

    assert answer.status_code == 422
    assert everything() == before


# --- links that do not work -----------------------------------------------------------------------


def test_every_dead_link_looks_the_same_and_does_nothing(visitor, make_claim, actor):
    replaced, withdrawn, alive = make_claim(), make_claim(), make_claim()
    addresses = [address_of(replaced), address_of(withdrawn)]
    replaced.notices.update(status=NoticeStatus.REPLACED)
    withdraw_claim(withdrawn, actor=actor, reason="Filed by mistake", now=timezone.now())
    token = notices.in_force(alive).get().token
    tampered = [token[:-1] + ("A" if token[-1] != "A" else "B"), token + "x", token.swapcase()]
    strange = ["nothing-like-it", "%00%00%00%00%00%00%00%00", "é" * 20, "x" * 500, "'--;"]
    addresses += [f"/opt-out/{each}/" for each in tampered + strange]
    before = everything()

    answers = [visitor.get(each) for each in addresses]
    posted = [
        visitor.post(each, {"action": "refuse", "products": references(alive)})
        for each in addresses
    ]
    asked = [visitor.get(each + "end/") for each in addresses]

    assert {answer.status_code for answer in answers + posted + asked} == {404}
    assert len({answer.content for answer in answers + posted + asked}) == 1
    assert "This link doesn't work" in text_of(answers[0])
    for secret in ("Contoso", "Fabrikam", "Teams", replaced.reference):
        assert secret not in text_of(answers[0])
    assert everything() == before


def test_a_claim_withdrawn_while_the_page_is_read_leads_to_the_dead_end(
    visitor, make_claim, monkeypatch
):
    claim = make_claim()
    found = optout.find_link(notices.in_force(claim).get().token, at=timezone.now())
    claim.notices.update(status=NoticeStatus.REPLACED)
    answers = iter([found])
    real = optout.find_link
    monkeypatch.setattr(optout, "find_link", lambda *a, **k: next(answers, None) or real(*a, **k))

    answer = visitor.post(
        address_of_token(found), {"action": "refuse", "products": references(claim)}
    )

    assert answer.status_code == 404
    assert set(statuses(claim)) == {AssociationStatus.PROPOSED}


def address_of_token(link):
    return reverse("associations:opt-out", args=[link.notice.token])


# --- what these pages never do ---------------------------------------------------------------------


def all_answers(visitor, claim):
    yield visitor.get(address_of(claim))
    yield visitor.head(address_of(claim))
    yield visitor.post(address_of(claim), {"action": "refuse"})
    yield visitor.post(address_of(claim), {"action": "refuse", "products": references(claim)})
    yield visitor.get("/opt-out/nothing-like-it/")
    yield visitor.put(address_of(claim))


def test_no_cookie_is_ever_set(visitor, make_claim):
    for answer in all_answers(visitor, make_claim()):
        assert not answer.cookies
    assert not visitor.cookies


def test_headers_keep_the_address_from_leaking(visitor, make_claim):
    for answer in all_answers(visitor, make_claim()):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_no_script_and_nothing_from_elsewhere(visitor, make_claim):
    page = visitor.get(address_of(make_claim())).content.decode()

    assert "<script" not in page
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
    assert not re.search(r"\son\w+=|\sstyle=|<style", page)


def test_the_page_takes_the_same_queries_however_many_products(
    visitor, make_claim, django_assert_num_queries
):
    for codes in (("teams",), ("teams", "exchange-online", "intune")):
        address = address_of(make_claim(codes=codes))
        with django_assert_num_queries(3):
            visitor.get(address)


# --- languages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "query", "shown"),
    [
        ("en", "", "en"),
        ("pt-br", "", "pt-br"),
        ("en", "?lang=pt-br", "pt-br"),
        ("pt-br", "?lang=en", "en"),
        ("pt-br", "?lang=xx", "pt-br"),
        ("pt-br", "?lang=en-us%00", "pt-br"),
    ],
)
def test_the_language_is_the_contacts_and_can_be_switched(
    visitor, make_claim, language, query, shown
):
    claim = make_claim(language=language)

    page = visitor.get(address_of(claim) + query, headers={"accept-language": "de"})

    assert f'<html lang="{shown}"' in markup_of(page)
    assert page.headers["Content-Language"] == shown
    other = "en" if shown == "pt-br" else "pt-br"
    assert f'href="?lang={other}"' in page.content.decode()
    ends = {"en": "the end of", "pt-br": "o fim de"}[shown]
    zone = {"en": "São Paulo time", "pt-br": "horário de São Paulo"}[shown]
    assert re.search(rf"{ends} [^()]+ \({zone}\)", text_of(page))


def test_the_language_chosen_by_hand_outlives_the_post(visitor, make_claim):
    claim = make_claim()
    shown = markup_of(visitor.get(address_of(claim) + "?lang=pt-br"))

    action = re.search(r'<form[^>]* action="([^"]+)"', shown)[1]
    wrong = visitor.post(action, {"action": "refuse"})
    right = visitor.post(action, {"action": "refuse", "products": references(claim)})

    assert '<html lang="pt-br"' in wrong.content.decode()
    assert right.url == address_of(claim) + "?done=refuse&lang=pt-br"


def test_a_dead_link_speaks_the_browsers_language(visitor):
    page = visitor.get("/opt-out/nothing-like-it/", headers={"accept-language": "pt-BR,pt;q=0.9"})
    assert '<html lang="pt-br"' in page.content.decode()


def test_the_explanation_needs_no_cookie_and_switches_its_language(visitor):
    page = visitor.get(reverse("about-cpor") + "?lang=pt-br")

    assert '<html lang="pt-br"' in page.content.decode()
    assert not page.cookies
    english = text_of(visitor.get(reverse("about-cpor")))
    for promise in (
        "five business days",
        "you don't need to do anything",
        "end what is recorded at any time",
    ):
        assert promise in english


def test_names_are_escaped(visitor, make_claim):
    claim = make_claim(name="<i>Fabrikam</i> & Sons")

    page = visitor.get(address_of(claim)).content.decode()

    assert "&lt;i&gt;Fabrikam&lt;/i&gt; &amp; Sons" in page
    assert "<i>" not in page
