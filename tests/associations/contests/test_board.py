"""The board of mediation cases in admin: who sees it, what is on it, at what cost [R19], [R33]."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from associations.customer import questions
from associations.enums import Actor, CaseChoice, CaseStatus
from associations.filing import comments
from associations.models import CaseQuestion, MediationCase
from partners.models import Membership
from partners.staff_groups import DATA_LOADER, PROGRAMME_MANAGER, REVIEWER, SUPPORT
from tests import cast

from .boards import LIST, name, sign_in, text_of
from .conftest import MINUTE


@pytest.fixture
def lead(contest):
    return sign_in(contest.lead)


def split_sides(page):
    """The HTML of each side."""
    parts = text_of(page).split('<article class="case-side')[1:]
    return [each.partition("</article>")[0] for each in parts]


def list_addresses(case):
    side = case.sides.first()
    return [
        case.get_admin_url(),
        name("history", case),
        name("decide", case),
        name("ask", case),
        name("comment", case, side.pk),
    ]


# --- Who may -------------------------------------------------------------------------------------


def make_insider(role, contest):
    """Someone with a stake: at a side, at a side that left, on the slot but no side yet; or a superuser."""
    if role == "newcomer":
        n = contest.add_partner()
        contest.submit(n)
        return cast.make_member(contest.partners[n], user=contest.lead)
    if role == "left":
        n = contest.add_partner()
        contest.submit(n)
        contest.settle()
        contest.case.sides.filter(partner=contest.partners[n]).update(left_at=contest.now)
        contest.claims[n].associations.update(status="excluded")
        return cast.make_member(contest.partners[n], user=contest.lead)
    root = cast.UserFactory(is_staff=True, is_superuser=True)
    user = root if role == "superuser" else contest.lead
    return cast.make_member(contest.partners[1], user=user)


@pytest.mark.parametrize("role", ["side", "left", "newcomer", "superuser"])
def test_a_member_of_a_side_finds_no_trace_of_the_case(heard, role):
    client = sign_in(make_insider(role, heard))
    case = heard.case

    for address in list_addresses(case):
        assert client.get(address).status_code == 404
    for slug, data in (("decide", {"winner": "none", "reason": "x"}), ("ask", {})):
        assert client.post(name(slug, case), {**data, "revision": 0}).status_code == 404
    page = client.get(LIST)
    assert page.context["cl"].result_count == 0
    assert str(case.tenant) not in text_of(page)
    assert "No cases are waiting for a decision" in text_of(client.get("/admin/"))
    assert MediationCase.objects.get(pk=case.pk).is_undecided


def test_a_member_of_a_side_sees_other_cases(heard):
    client = sign_in(make_insider("side", heard))
    other = cast.make_tenant("other.example", name="Fourth Coffee")
    for n in (cast.make_partner("Third"), cast.make_partner("Fourth")):
        _submit(heard, n, other)
    heard.settle()

    page = client.get(LIST)

    assert [row["case"].tenant for row in page.context["cl"].rows] == [other]


def _submit(contest, partner, tenant):
    admin = cast.make_member(partner)
    draft = cast.make_draft(partner, admin, tenant, codes=("teams",))
    return cast.walk(draft, "submitted", actor=admin, reviewer=contest.reviewer)


@pytest.mark.parametrize(
    ("group", "status"),
    [(REVIEWER, 200), (SUPPORT, 200), (PROGRAMME_MANAGER, 403), (DATA_LOADER, 403)],
)
def test_reading_takes_the_permission(heard, group, status):
    client = sign_in(cast.make_staff(group))

    for address in (LIST, heard.case.get_admin_url()):
        assert client.get(address).status_code == status
    assert ("Mediation" in text_of(client.get("/admin/"))) == (status == 200)


def test_strangers_and_partners_are_sent_away(heard):
    for client in (Client(), sign_in(heard.admins[0])):
        for address in (LIST, *list_addresses(heard.case)):
            for answer in (client.get(address), client.post(address)):
                assert answer.status_code == 302
                assert "/login/" in answer["Location"]


def test_cases_are_neither_added_nor_changed_nor_deleted(heard):
    client = sign_in(cast.UserFactory(is_staff=True, is_superuser=True))
    model = "admin:associations_mediationcase"

    assert client.post(reverse(f"{model}_add"), {}).status_code == 403
    assert client.post(reverse(f"{model}_delete", args=[heard.case.pk])).status_code == 403
    assert client.post(heard.case.get_admin_url(), {"status": "closed"}).status_code == 405
    assert heard.case.is_undecided


@pytest.mark.parametrize("group", [REVIEWER, SUPPORT])
def test_who_may_only_read_is_told_who_can_decide(heard, group):
    client = sign_in(cast.make_staff(group))

    page = text_of(client.get(heard.case.get_admin_url()))

    assert "ask someone in the group “Review lead”" in page
    assert 'id="decide"' not in page
    assert ("Send comment" in page) == (group is REVIEWER)
    for slug in ("decide", "ask"):
        answer = client.post(name(slug, heard.case), {"winner": "none", "reason": "Because."})
        assert answer.status_code == 403
        assert "ask someone in the group “Review lead”" in text_of(answer)
    assert heard.case.status == CaseStatus.DECIDING


# --- What is on it -------------------------------------------------------------------------------


def test_the_board_shows_each_side_with_all_that_is_its_own(heard, lead):
    side = heard.case.sides.first()
    side.statement, side.stated_at = "We trained 400 people.", heard.now
    side.save()
    comments.add_comment(
        heard.claims[1], actor=heard.admins[1], side=Actor.PARTNER, text="Ask Ana.", now=heard.now
    )

    page = lead.get(heard.case.get_admin_url())

    one, other = split_sides(page)
    for n, part in enumerate((one, other)):
        assert heard.partners[n].name in part
        assert heard.claims[n].reference in part
        assert heard.partners[1 - n].name not in part
        assert heard.claims[1 - n].reference not in part
        assert str(heard.claims[n].documents.get().key) in part
    assert "We trained 400 people." in one
    assert "No statement" in other
    assert "Ask Ana." in other


def test_the_head_says_where_the_case_stands_and_until_when(heard, lead):
    page = text_of(lead.get(heard.case.get_admin_url()))

    assert "Waiting for the decision" in page
    assert "until the end of" in page
    assert "(Los Angeles time)" in page
    assert "A review lead decides, or asks the customer first." in page
    assert "No one holds it yet" in page


def test_the_holder_is_marked_in_its_place(contest, lead):
    contest.make_official(0)
    contest.submit(1)
    contest.settle()

    one, other = split_sides(lead.get(contest.case.get_admin_url()))

    assert "Holds it since" in one
    assert "Holds it since" not in other
    assert "No statement yet" in other


def test_the_sides_keep_the_order_in_which_they_joined(contest, lead):
    for n in range(2):
        contest.submit(n)
    contest.settle()
    n = contest.add_partner()
    contest.now += MINUTE
    contest.submit(n)
    contest.settle()

    page = text_of(lead.get(contest.case.get_admin_url()))

    places = [page.index(f'-title">{each.name}</h3>') for each in contest.partners]
    assert places == sorted(places)


def test_each_sides_files_open_apart(heard, lead):
    old = heard.claims[0].documents.get()
    new = cast.add_document(heard.claims[0], heard.admins[0], name="newer.png")
    theirs = heard.claims[1].documents.get()
    image = cast.add_document(heard.claims[1], heard.admins[1], name="signed.docx")
    first, second = heard.case.sides.all()
    url = heard.case.get_admin_url()

    def shown(**query):
        sides = lead.get(url, query).context["sides"].all
        return [each.shown for each in sides]

    assert shown() == [new, image]
    one, other = f"document-{first.pk}", f"document-{second.pk}"
    assert shown(**{one: old.key}) == [old, image]
    assert shown(**{one: old.key, other: theirs.key}) == [old, theirs]
    assert shown(**{one: theirs.key, other: "nonsense"}) == [new, image]
    page = lead.get(url, {one: old.key})
    links = page.context["sides"].all[1].links[theirs.pk]
    assert f"{one}={old.key}" in links
    assert f"{other}={theirs.key}" in links


def test_the_history_tells_all_that_happened(heard, lead):
    questions.ask_customer(heard.case, actor=heard.lead, now=heard.now)
    asked = CaseQuestion.objects.first()
    heard.now += MINUTE
    questions.answer_question(asked.token, choice=CaseChoice.OPERATOR, at=heard.now)
    heard.pass_limit()
    heard.decide(0, "First words.")
    heard.now += MINUTE
    heard.dispute(1, "Read page 3.")
    heard.now += MINUTE
    heard.decide(1, "Last words.")

    page = lead.get(heard.case.get_admin_url())

    told = [(each.what, each.who) for each in page.context["history"]]
    first, second = (each.name for each in heard.partners)
    assert told == [
        (f"Decided for {second}", str(heard.lead)),
        ("Disputed the decision", second),
        (f"Decided for {first}", str(heard.lead)),
        ("Customer answered", asked.name),
        ("Customer asked", "Staff"),
        ("Asked for proof and a statement", "System"),
        ("Asked for proof and a statement", "System"),
        ("Mediation opened", "System"),
    ]
    for words in ("First words.", "Read page 3.", "Last words.", "The operator decides"):
        assert words in text_of(page)


def test_the_answer_that_counts_is_marked(heard, lead):
    Membership.objects.all().delete()
    tenant = heard.tenant
    tenant.registered_contacts.create(name="Rosa", email="rosa@elsewhere.example", language="en")
    questions.ask_customer(heard.case, actor=heard.lead, now=heard.now)
    carla, rosa = CaseQuestion.objects.order_by("pk")
    for asked, choice in ((carla, CaseChoice.NEITHER), (rosa, CaseChoice.OPERATOR)):
        heard.now += MINUTE
        questions.answer_question(asked.token, choice=choice, at=heard.now)

    page = text_of(lead.get(heard.case.get_admin_url()))

    panel = page.partition('id="customer"')[2].partition("</section>")[0]
    assert panel.count("Counts") == 1
    assert panel.index("The operator decides") < panel.index("Counts")
    assert panel.count("Queued") == 2
    assert carla.token not in page


def test_a_question_from_before_a_third_partner_joined_is_withdrawn(heard, lead):
    questions.ask_customer(heard.case, actor=heard.lead, now=heard.now)
    heard.now += MINUTE
    heard.submit(heard.add_partner())
    heard.settle()

    page = text_of(lead.get(heard.case.get_admin_url()))

    assert "Withdrawn, because another partner joined after it was sent" in page
    assert "Waiting for the statements" in page


def test_a_closed_case_is_read_only(heard, lead):
    heard.decide(0)
    heard.pass_limit()

    page = text_of(lead.get(heard.case.get_admin_url()))

    assert "Outcome: The decision was carried out" in page
    assert "Mediation closed" in page
    assert "Send comment" not in page
    assert 'id="decide"' not in page


# --- What it costs -------------------------------------------------------------------------------


def count_queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_board_costs_the_same_with_two_sides_and_with_three(contest, lead):
    def live_through(contest):
        """Everything that the board can show."""
        contest.make_official(0)
        for n in range(1, len(contest.partners)):
            contest.submit(n)
        contest.hear()
        questions.ask_customer(contest.case, actor=contest.lead, now=contest.now)
        asked = CaseQuestion.objects.order_by("-pk")[0]
        questions.answer_question(asked.token, choice=CaseChoice.OPERATOR, at=contest.now)
        contest.pass_limit()
        contest.decide(1)
        contest.now += MINUTE
        contest.dispute(0)
        contest.decide(1)
        return count_queries(lead, contest.case.get_admin_url())

    two = live_through(contest)

    assert live_through(type(contest)(partners=3, domain="other.example")) == two
    assert two <= 16
