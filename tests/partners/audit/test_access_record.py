"""Who came in, who changed who may do what, who took something away; and who may read it [R40]."""

import datetime as dt
import re
from collections import Counter

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from associations.enums import Status
from associations.models import Document
from partners.audit import access_record
from partners.audit.access_record import record_access, record_membership, records_visible_to
from partners.enums import AccessKind, Role
from partners.models import AccessRecord, Membership
from partners.staff_groups import SUPPORT
from tests import cast
from tests.architecture.front_doors import fetch

pytestmark = pytest.mark.django_db

PAGE = f"{cast.HERE}access/"


@pytest.fixture
def partner():
    return cast.make_partner("Aurora", key=cast.KEY)


@pytest.fixture
def admin(partner):
    return cast.make_member(partner, full_name="Ana Admin", email="ana@aurora.example")


@pytest.fixture
def rival():
    """Another partner, with something in its record that must not be seen."""
    rival = cast.make_partner("Zephyr")
    spy = cast.make_member(rival, full_name="Zoe Zephyr", email="zoe@zephyr.example")
    record_access(AccessKind.MEMBER_INVITED, user=spy, partner=rival, subject="new@zephyr.example")
    return rival


@pytest.fixture
def claim(partner, admin):
    return cast.make_draft(partner, admin, cast.make_tenant(name="Fabrikam"))


def kinds(**wanted):
    return list(AccessRecord.objects.filter(**wanted).order_by("id").values_list("kind", flat=True))


def read(client, query="", *, page=PAGE):
    answer = client.get(page + query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def table(page):
    return re.search(r"<tbody>.*</tbody>", page)[0]


# --- What is written -----------------------------------------------------------------------------


def test_a_sign_in_is_written_for_each_partner_of_the_person(client, partner, admin):
    other = cast.make_partner("Zephyr")
    cast.make_member(other, user=admin)

    client.force_login(admin)

    rows = AccessRecord.objects.filter(kind=AccessKind.SIGNED_IN, user=admin)
    assert {row.partner for row in rows} == {partner, other}
    assert len(rows) == 2


def test_a_sign_in_of_staff_is_written_for_no_partner(client):
    support = cast.make_staff(SUPPORT)

    client.force_login(support)

    row = AccessRecord.objects.get()
    assert (row.kind, row.user, row.partner) == (AccessKind.SIGNED_IN, support, None)


def test_a_failed_sign_in_is_not_written(client, admin):
    client.post(reverse("account_login"), {"login": admin.email, "password": "wrong"})

    assert not AccessRecord.objects.exists()


def test_an_export_of_the_claims_list_is_written(client, partner, admin, claim):
    client.force_login(admin)

    fetch(client, f"{cast.HERE}claims/export.csv")

    row = AccessRecord.objects.get(kind=AccessKind.CLAIMS_EXPORTED)
    assert (row.user, row.partner, row.location) == (admin, partner, None)


def test_each_opened_file_is_written_once(client, partner, admin, claim):
    document = claim.documents.get()
    address = reverse("associations:document", args=[document.key])
    client.force_login(admin)

    for close in client.head(address)._resource_closers:
        close()  # a HEAD is not recorded
    fetch(client, address)

    row = AccessRecord.objects.get(kind=AccessKind.PROOF_OPENED)
    assert (row.user, row.partner, row.location) == (admin, partner, claim.location)
    assert row.subject == f"{claim.reference} · proof.pdf"


def test_a_file_is_written_once_for_each_person_and_hour(client, partner, admin, claim):
    colleague = cast.make_member(partner)
    cast.add_document(claim, admin, name="other.pdf", content=cast.PDF + b"% other")

    for pause in (0, 1, 58, 2, 39, 22):  # so at 0, 1, 59, 61, 100 and 122 minutes
        let_pass(dt.timedelta(minutes=pause))
        for person in (admin, colleague):
            client.force_login(person)
            for document in claim.documents.all():
                fetch(client, reverse("associations:document", args=[document.key]))

    rows = AccessRecord.objects.filter(kind=AccessKind.PROOF_OPENED)
    counts = Counter((row.user_id, row.subject) for row in rows)
    assert list(counts.values()) == [3] * 4  # at 0, 61 and 122 minutes


def let_pass(time):
    """Rows are append-only but for the database's keeper."""
    QuerySet(AccessRecord).update(at=F("at") - time)


def test_a_newer_version_is_another_file(client, admin, claim):
    document = claim.documents.get()
    client.force_login(admin)
    for version in (1, 2):
        Document.objects.update(version=version)
        fetch(client, reverse("associations:document", args=[document.key]))

    rows = AccessRecord.objects.filter(kind=AccessKind.PROOF_OPENED).order_by("pk")
    assert [row.subject.partition(" · ")[2] for row in rows] == ["proof.pdf", "proof.pdf (2)"]


def test_a_file_opened_by_staff_is_theirs_to_know(client, partner, admin, claim):
    reviewer = cast.make_reviewer(full_name="Rita Reviewer")
    cast.walk(claim, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    client.force_login(reviewer)

    fetch(client, reverse("associations:document", args=[claim.documents.get().key]))

    assert kinds(partner=partner) == [AccessKind.PROOF_REVIEWED]
    client.force_login(admin)
    assert "Rita Reviewer" not in read(client)
    assert AccessKind.PROOF_REVIEWED not in read(client)


def test_a_file_one_may_not_open_is_not_written(client, claim):
    client.force_login(cast.make_member(cast.make_partner("Zephyr")))

    answer = client.get(reverse("associations:document", args=[claim.documents.get().key]))

    assert answer.status_code == 404
    assert kinds() == [AccessKind.SIGNED_IN]


def test_a_role_is_written_as_it_is_then(partner, admin):
    place = partner.locations.get()
    clerk = cast.make_member(
        partner, Role.INCENTIVES_USER, locations=[place], email="clerk@aurora.example"
    )
    member = clerk.memberships.get()

    record_membership(AccessKind.ROLE_CHANGED, member, user=admin)
    Membership.objects.filter(pk=member.pk).update(role=Role.INCENTIVES_ADMIN)

    row = AccessRecord.objects.get()
    assert (row.user, row.about, row.subject) == (admin, clerk, "clerk@aurora.example")
    assert (row.role, row.scope) == (Role.INCENTIVES_USER, place.name)


def test_what_a_superuser_does_with_members_is_written(client, partner, admin):
    root = cast.UserFactory(is_staff=True, is_superuser=True)
    place = partner.locations.get()
    new = cast.UserFactory(email="new@aurora.example")
    client.force_login(root)
    add = reverse("admin:partners_membership_add")
    fields = {"role": Role.INCENTIVES_ADMIN, "has_all_locations": "on"}

    client.post(add, {**fields, "user": new.pk, "partner": partner.pk})
    member = new.memberships.get()
    change = reverse("admin:partners_membership_change", args=[member.pk])
    client.post(change, fields)  # nothing new in it
    client.post(change, {"role": Role.INCENTIVES_USER, "locations": [place.pk]})
    client.post(reverse("admin:partners_membership_delete", args=[member.pk]), {"post": "yes"})

    assert not Membership.objects.filter(user=new).exists()
    rows = AccessRecord.objects.filter(about=new).order_by("id")
    assert {(row.user, row.partner, row.subject) for row in rows} == {
        (root, partner, "new@aurora.example")
    }
    assert [(row.kind, row.role, row.scope) for row in rows] == [
        (AccessKind.MEMBER_ADDED, Role.INCENTIVES_ADMIN, ""),
        (AccessKind.ROLE_CHANGED, Role.INCENTIVES_USER, place.name),
        (AccessKind.MEMBER_REMOVED, Role.INCENTIVES_USER, place.name),
    ]


def test_rows_are_never_changed_or_deleted(partner, admin):
    row = record_access(AccessKind.SIGNED_IN, user=admin, partner=partner)
    row.kind = AccessKind.MEMBER_LEFT

    for attempt in (
        row.save,
        row.delete,
        AccessRecord.objects.all().delete,
        lambda: AccessRecord.objects.update(kind=AccessKind.MEMBER_LEFT),
    ):
        with pytest.raises(TypeError):
            attempt()

    assert kinds() == [AccessKind.SIGNED_IN]


# --- Who reads it --------------------------------------------------------------------------------


def test_an_incentives_admin_reads_who_did_what(client, partner, admin, rival):
    place = partner.locations.get()
    record_access(
        AccessKind.MEMBER_INVITED,
        user=admin,
        partner=partner,
        subject="new@aurora.example",
        role=Role.INCENTIVES_USER,
        locations=[place.name],
    )
    client.force_login(admin)

    page = read(client)

    assert "Invited a member" in page
    assert "new@aurora.example" in page
    assert f"Incentives user · {place.name}" in page
    assert "Ana Admin" in page
    assert "zephyr.example" not in page
    assert "Zoe" not in page


def test_an_incentives_user_is_told_who_can_read_it(client, partner, admin):
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER))
    record_access(
        AccessKind.MEMBER_INVITED, user=admin, partner=partner, subject="secret@x.example"
    )

    answer = client.get(PAGE)

    assert answer.status_code == 403
    assert "Only an Incentives admin of your company can open this page." in answer.text
    assert "ana@aurora.example" in answer.text
    assert "secret@x.example" not in answer.text


def test_anyone_who_belongs_to_no_partner_finds_nothing(client, rival):
    assert client.get(PAGE).status_code == 302
    client.force_login(cast.UserFactory())
    assert client.get(PAGE).status_code == 404


def test_each_partner_has_its_own(client, partner, admin, rival):
    cast.make_member(rival, user=admin)
    client.force_login(admin)

    assert "new@zephyr.example" not in read(client)
    assert "new@zephyr.example" in read(client, page=f"{rival.get_absolute_url()}access/")


def test_an_admin_of_chosen_locations_sees_no_work_of_the_others(client, partner, admin):
    here, there = partner.locations.get(), cast.LocationFactory(partner=partner)
    for place, name in ((here, "K1 · here.pdf"), (there, "K2 · there.pdf")):
        record_access(
            AccessKind.PROOF_OPENED, user=admin, partner=partner, location=place, subject=name
        )
    local = cast.make_member(partner, locations=[here])
    client.force_login(local)

    page = read(client)

    assert "K1 · here.pdf" in page
    assert "K2 · there.pdf" not in page
    assert "for your locations only" in page


def test_staff_with_the_permission_read_all_and_change_nothing(client, partner, admin, rival):
    row = record_access(AccessKind.SIGNED_IN, user=admin, partner=partner)
    changelist = reverse("admin:partners_accessrecord_changelist")
    client.force_login(cast.make_staff())
    assert client.get(changelist).status_code == 403
    client.force_login(cast.make_staff(SUPPORT))

    text = client.get(changelist).text
    detail = client.get(reverse("admin:partners_accessrecord_change", args=[row.pk]))

    assert "Ana Admin" in text
    assert "new@zephyr.example" in text
    assert detail.status_code == 200
    for name in ("change", "delete"):
        address = reverse(f"admin:partners_accessrecord_{name}", args=[row.pk])
        assert client.post(address, {"kind": "member_left", "post": "yes"}).status_code == 403
    assert client.get(reverse("admin:partners_accessrecord_add")).status_code == 403
    assert AccessRecord.objects.get(pk=row.pk).kind == AccessKind.SIGNED_IN


# --- Filters and pages ---------------------------------------------------------------------------


@pytest.fixture
def clerk(partner):
    return cast.make_member(partner, Role.INCENTIVES_USER, full_name="Caio Clerk")


def test_it_is_narrowed_to_a_person_and_to_a_kind(client, partner, admin, clerk):
    for user in (admin, clerk):
        record_access(AccessKind.CLAIMS_EXPORTED, user=user, partner=partner)
    record_access(AccessKind.MEMBER_LEFT, user=clerk, partner=partner, subject="caio@x.example")
    client.force_login(admin)

    of_clerk = table(read(client, f"?person={clerk.pk}"))
    exports = table(read(client, "?kind=claims_exported"))
    both = table(read(client, f"?person={clerk.pk}&kind=claims_exported"))

    assert "Ana Admin" not in of_clerk
    assert "Left the partner" in of_clerk
    assert exports.count("Exported the claims list") == 2
    assert "Signed in" not in exports
    assert both.count("<tr>") == 1


def test_someone_who_was_removed_can_still_be_asked_for(client, partner, admin, clerk):
    record_membership(AccessKind.MEMBER_REMOVED, clerk.memberships.get(), user=admin)
    clerk.memberships.all().delete()
    client.force_login(admin)

    page = read(client)

    assert f'<option value="{clerk.pk}">Caio Clerk</option>' in page


@pytest.mark.parametrize(
    "query", ["?person=0", "?kind=proof_reviewed", "?kind=x&person=y", "?after=x"]
)
def test_a_filter_that_does_not_exist_is_left_out(client, admin, query):
    client.force_login(admin)

    assert table(read(client, query)).count("<tr>") == 1


def test_a_person_of_another_partner_cannot_be_asked_for(client, admin, rival):
    zoe = rival.memberships.get().user
    client.force_login(admin)

    page = read(client, f"?person={zoe.pk}")

    assert "Zoe" not in page
    assert "Ana Admin" in table(page)


def subjects(page):
    return re.findall(r"subject-\d+", page)


def test_pages_hold_every_row_once_in_both_directions(client, partner, admin, monkeypatch):
    monkeypatch.setattr(access_record, "PAGE_SIZE", 2)
    for number in range(5):
        record_access(
            AccessKind.MEMBER_INVITED, user=admin, partner=partner, subject=f"subject-{number}"
        )
    client.force_login(admin)
    query, forwards, links = "?kind=member_invited", [], []
    while query:
        page = read(client, query)
        forwards.append(subjects(page))
        older = re.search(r'rel="next" href="(\?[^"]*)"', page)
        newer = re.search(r'rel="prev" href="(\?[^"]*)"', page)
        links.append(newer and newer[1].replace("&amp;", "&"))
        query = older and older[1].replace("&amp;", "&")

    assert forwards == [["subject-4", "subject-3"], ["subject-2", "subject-1"], ["subject-0"]]
    assert links[0] is None
    assert subjects(read(client, links[2])) == forwards[1]
    assert subjects(read(client, links[1])) == forwards[0]


def test_a_place_of_another_partner_leads_to_the_first_page(client, admin, rival):
    theirs = AccessRecord.objects.get(partner=rival)
    client.force_login(admin)

    answer = client.get(f"{PAGE}?after={theirs.key}")

    assert (answer.status_code, answer.url) == (302, f"{PAGE}?")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_rows(client, partner, admin, rows):
    client.force_login(admin)
    client.get(PAGE)
    for _number in range(rows):
        record_access(AccessKind.SIGNED_IN, user=cast.make_member(partner), partner=partner)

    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)

    assert len(queries) == 6, [query["sql"] for query in queries]


@pytest.fixture
def busy(partner, admin):
    """A record in which what is sought is rare, and the partner one among others."""
    clerk = cast.make_member(partner, Role.INCENTIVES_USER)
    partners = [partner, *(cast.PartnerFactory() for _number in range(9))]
    AccessRecord.objects.bulk_create(
        AccessRecord(kind=AccessKind.USAGE_VIEWED, user=admin, partner=each)
        for each in partners
        for _number in range(600)
    )
    record_access(AccessKind.CLAIMS_EXPORTED, user=clerk, partner=partner)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return clerk


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (lambda clerk: {}, "access_by_partner"),
        (lambda clerk: {"kind": AccessKind.CLAIMS_EXPORTED}, "access_by_kind"),
        (lambda clerk: {"user": clerk}, "access_by_person"),
    ],
    ids=["all", "kind", "person"],
)
def test_each_filter_reads_its_rows_from_an_index(admin, busy, wanted, index):
    mine = records_visible_to(admin.memberships.get()).filter(**wanted(busy))

    plan = mine.order_by("-id")[:51].explain()

    assert index in plan
    assert "SORT" not in plan.upper().replace("NO SORT", "")
