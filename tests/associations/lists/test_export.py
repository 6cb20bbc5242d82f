"""The claims list as CSV: what is filtered, in full, safe in a spreadsheet [R46]."""

import csv
import io
from collections import Counter

import pytest

from associations.enums import Status
from associations.lists import export, search
from associations.models import Claim
from cpor_site.web.csv_files import escape_formula
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db
LIST = f"{cast.HERE}claims/"
URL = f"{LIST}export.csv"


def read(response):
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_all_claims_come_buffer_by_buffer(client, partner, admin, monkeypatch):
    monkeypatch.setattr(export, "BUFFER", 2)
    drafts = [cast.make_draft(partner, admin, cast.make_tenant(f"{n}.example")) for n in range(5)]
    client.force_login(admin)

    response = client.get(URL)
    rows = read(response)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    assert [row["Reference"] for row in rows] == [each.reference for each in reversed(drafts)]
    assert rows[0]["Products"] in ("Teams, Exchange Online", "Exchange Online, Teams")
    assert rows[0]["Status"] == "Editing"


def test_only_what_is_filtered_is_there(client, partner, admin):
    kept = cast.make_draft(partner, admin, cast.make_tenant(name="Fabrikam"))
    cast.make_draft(partner, admin, cast.make_tenant("x.example", name="Xylo"))
    sent = cast.make_draft(partner, admin, cast.make_tenant("y.example", name="Fabric"))
    cast.walk(sent, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())
    client.force_login(admin)

    rows = read(client.get(URL, {"q": "fabri", "status": "editing"}))

    assert [row["Reference"] for row in rows] == [kept.reference]


def test_a_search_looks_at_more_customers_than_the_page_does(client, partner, admin, monkeypatch):
    monkeypatch.setattr(search, "CUSTOMERS_CAP", 1)
    for number in range(3):
        tenant = cast.make_tenant(f"group{number}.example", name=f"Fabrikam {number}")
        cast.make_draft(partner, admin, tenant)
    cast.make_draft(partner, admin, cast.make_tenant("x.example", name="Xylo"))
    client.force_login(admin)

    shown = client.get(LIST, {"q": "brik"}).context["page"].rows

    assert len(shown) == 1
    assert len(read(client.get(URL, {"q": "brik"}))) == 3
    assert len(read(client.get(URL, {"q": "group"}))) == 3
    assert len(read(client.get(URL, {"q": "x."}))) == 1
    assert read(client.get(URL, {"q": "ik"})) == []  # so short a term is how a name begins


@pytest.mark.parametrize(("language", "separator"), [("en", ","), ("pt-br", ";")])
def test_values_are_parted_as_spreadsheets_in_the_language_expect(
    client, partner, admin, language, separator
):
    cast.make_draft(partner, admin, cast.make_tenant())
    admin.language = language
    admin.save()
    client.force_login(admin)

    lines = b"".join(client.get(URL).streaming_content).decode("utf-8-sig").splitlines()
    rows = list(csv.reader(lines, delimiter=separator))

    assert [len(row) for row in rows] == [15, 15]
    assert "Teams" in rows[1][10]


def test_no_one_exports_what_they_may_not_see(client, partner, admin):
    near, far = partner.locations.first(), cast.LocationFactory(partner=partner)
    cast.make_draft(partner, admin, cast.make_tenant())
    other = cast.make_partner("Other")
    cast.make_draft(other, cast.make_member(other), cast.make_tenant("o.example"))

    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, locations=[far]))
    assert read(client.get(URL)) == []

    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER, locations=[near]))
    assert len(read(client.get(URL))) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_escaped(start):
    assert escape_formula(f"{start}1+1") == f"'{start}1+1"


def test_a_formula_in_a_claims_name_or_customer_stays_text(client, partner, admin):
    claim = cast.make_draft(partner, admin, cast.make_tenant(name="@SUM(A1)"))
    claim.name = '=HYPERLINK("http://x","y")'
    claim.save()
    client.force_login(admin)

    (row,) = read(client.get(URL))

    assert row["Claim name"] == '\'=HYPERLINK("http://x","y")'
    assert row["Customer"] == "'@SUM(A1)"


def test_the_stream_speaks_the_readers_language(client, partner, admin):
    client.force_login(admin)
    client.cookies["django_language"] = "pt-br"
    asked = []
    original = export.list_headers

    def headers():
        from django.utils import translation

        asked.append(translation.get_language())
        return original()

    export.list_headers = headers
    try:
        b"".join(client.get(URL).streaming_content)
    finally:
        export.list_headers = original

    assert asked == ["pt-br"]


def test_a_stranger_is_sent_to_sign_in(client):
    assert "/accounts/login/" in client.get(URL)["Location"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Plan;=1+1;x", "Plan;'=1+1;x"),
        ("Plan,=1+1", "Plan,'=1+1"),
        ("a\t-2+3\t@x", "a\t'-2+3\t'@x"),
        ("two\n+lines\r=here", "two\n'+lines\r'=here"),
        ('a;"=1"', 'a;"\'=1"'),
        ("Fabrikam; =1+1", "Fabrikam; '=1+1"),
        ("=1;=2,=3", "'=1;'=2,'=3"),
        ("；＝1", "；＝1"),
        ("x;＝1", "x;'＝1"),
        ("Smith-Jones, ana@fabrikam.example = 1+1", "Smith-Jones, ana@fabrikam.example = 1+1"),
    ],
)
def test_a_formula_behind_any_separator_stays_text(value, written):
    assert escape_formula(value) == written


def read_with_any_separator(text):
    for separator in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            yield from row


def test_no_separator_makes_a_formula_of_a_claims_name(client, partner, admin):
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    draft.name = 'Plan;=1+1,=2\t=3;"=4"'
    draft.save(update_fields=["name"])
    client.force_login(admin)

    for language in ("en", "pt-br"):
        text = b"".join(client.get(URL, headers={"Accept-Language": language}).streaming_content)
        cells = list(read_with_any_separator(text.decode("utf-8-sig")))
        assert any("=1+1" in cell for cell in cells)
        assert [cell for cell in cells if cell.lstrip('" ').startswith("=")] == []


def test_labels_are_looked_up_once_however_many_claims_there_are(
    client, partner, admin, monkeypatch
):
    reviewer = cast.make_reviewer()
    for number in range(6):
        draft = cast.make_draft(partner, admin, cast.make_tenant(f"{number}.example"))
        cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
    due = Claim.objects.first().due_at
    Claim.objects.update(due_at=due, due_time_zone="America/Sao_Paulo")
    asked = Counter()

    def count(name):
        original = getattr(export, name)

        def counted(*arguments):
            asked[name, arguments] += 1
            return original(*arguments)

        monkeypatch.setattr(export, name, counted)

    count("describe_deadline")
    count("_translate")
    monkeypatch.setattr(Claim, "get_status_display", None)
    client.force_login(admin)

    rows = read(client.get(URL))

    assert [row["Status"] for row in rows] == ["Approved"] * 6
    assert len({row["Deadline"] for row in rows}) == 1
    assert set(asked.values()) == {1}
    assert len(asked) == 6


def test_the_file_says_with_whom_a_claim_is_as_the_page_does(client, partner, admin):
    """A claim that is set aside is with the reviewers, whatever the stored turn; "You" is the page's."""
    draft, other = (cast.make_draft(partner, admin, cast.make_tenant(f"{n}.example")) for n in "ab")
    claim = cast.walk(other, Status.APPROVED, actor=admin, reviewer=cast.make_reviewer())
    Claim.objects.filter(pk=claim.pk).update(is_parked=True)
    client.force_login(admin)

    rows = {row["Reference"]: row for row in read(client.get(URL))}
    filtered = read(client.get(URL, {"lane": "reviewers"}))

    assert rows[claim.reference]["With"] == "Reviewers"
    assert rows[claim.reference]["Status"] == "Approved"
    assert rows[draft.reference]["With"] == "Partner"
    assert [row["Reference"] for row in filtered] == [claim.reference]
