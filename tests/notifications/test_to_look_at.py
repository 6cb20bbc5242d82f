"""Entries for staff to look at [R59]: reported, counted again, closed by people or with their cause."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.urls import reverse
from django.utils import translation

from notifications import to_look_at
from notifications.enums import LookAtKind
from notifications.models import LookAtEntry
from partners.staff_groups import (
    DATA_LOADER,
    LOOK_AT,
    PROGRAMME_MANAGER,
    REVIEWER,
    STAFF_GROUPS,
    SUPPORT,
    extend_staff_groups,
)
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def set_aside():
    """Report a set-aside claim and return its entry."""

    def report(key="K7QF2", **values):
        values = {"subject": f"{key} Fabrikam", "link": "/admin/associations/claim/", **values}
        to_look_at.report(LookAtKind.CLAIM_SET_ASIDE, key=key, **values)
        return LookAtEntry.objects.get(key=key, closed_at=None)

    return report


def test_reporting_again_counts_on_the_open_entry(set_aside):
    first = set_aside(detail="slot held")
    again = set_aside(detail="subscription ended")

    assert again.pk == first.pk
    assert (again.times, again.detail, again.since) == (2, "subscription ended", first.since)
    assert again.last_seen_at > first.last_seen_at


def test_the_database_keeps_one_open_entry_of_a_kind_and_key(set_aside):
    entry = set_aside()
    twin = LookAtEntry(kind=entry.kind, key=entry.key, since=entry.since, last_seen_at=entry.since)

    LookAtEntry.objects.bulk_create([twin], ignore_conflicts=True)

    assert LookAtEntry.objects.count() == 1


def test_the_end_of_the_cause_closes_and_a_new_occurrence_opens_another(set_aside):
    first = set_aside()

    assert to_look_at.resolve(LookAtKind.CLAIM_SET_ASIDE, key="K7QF2")
    assert not to_look_at.resolve(LookAtKind.CLAIM_SET_ASIDE, key="K7QF2")
    second = set_aside()

    assert second.pk != first.pk
    first.refresh_from_db()
    assert first.closed_at is not None
    assert first.closed_by is None


def test_what_is_open_is_counted_by_kind(set_aside):
    oldest = set_aside("A")
    set_aside("B")
    to_look_at.report(LookAtKind.PART_GAVE_UP, key="worker", subject="worker")
    to_look_at.resolve(LookAtKind.PART_GAVE_UP, key="worker")

    assert to_look_at.count_open() == {"claim-set-aside": {"open": 2, "since": oldest.since}}


@pytest.mark.parametrize(
    ("group", "seen"),
    [
        (REVIEWER, {"email-refused", "contact-bounced", "claim-set-aside", "part-gave-up"}),
        (PROGRAMME_MANAGER, {"contact-bounced", "customer-asked-for", "part-gave-up"}),
        (SUPPORT, {"email-refused", "contact-bounced", "claim-set-aside", "part-gave-up"}),
        (DATA_LOADER, set()),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_each_group_sees_the_kinds_that_are_its_work(client, group, seen):
    kinds = ["email-refused", "contact-bounced", "claim-set-aside", "customer-asked-for"]
    for kind in [*kinds, "part-gave-up"]:
        to_look_at.report(LookAtKind(kind), key=kind, subject=f"about <{kind}>")
    person = cast.make_staff(group)
    client.force_login(person)

    page = client.get(reverse("admin:index")).content.decode()

    assert {each.kind for each in to_look_at.list_visible(person)} == seen
    shown = {kind for kind in [*kinds, "part-gave-up"] if f"about &lt;{kind}&gt;" in page}
    assert shown == seen


@pytest.mark.parametrize("number", [1, 3, 12])
def test_the_start_page_asks_twice_however_many_there_are(
    client, set_aside, django_assert_max_num_queries, number
):
    for each in range(number):
        set_aside(f"claim-{each}")
    user = cast.make_staff(REVIEWER)
    user.get_all_permissions()
    from notifications.templatetags.to_look_at import SHOWN, entries_to_look_at

    with django_assert_max_num_queries(2):
        entries = entries_to_look_at(user)

    assert len(entries["newest"]) == min(number, SHOWN)
    assert entries["more"] == max(0, number - SHOWN)


def test_the_list_shows_what_is_open_and_closes_it_in_the_readers_name(client, set_aside):
    entry = set_aside()
    reviewer = cast.make_staff(REVIEWER)
    client.force_login(reviewer)
    page = reverse("admin:notifications_lookatentry_change", args=[entry.pk])
    close = reverse("admin:look-at-close", args=[entry.pk])

    assert close in client.get(page).content.decode()
    assert client.get(close).status_code == 405
    client.post(close)
    entry.refresh_from_db()
    closed_at = entry.closed_at
    client.post(close)
    entry.refresh_from_db()

    assert (entry.closed_by, entry.closed_at) == (reviewer, closed_at)
    assert close not in client.get(page).content.decode()
    listed = reverse("admin:notifications_lookatentry_changelist")
    assert entry.subject not in client.get(listed).content.decode()
    assert entry.subject in client.get(listed, {"state": "closed"}).content.decode()


def test_selected_entries_are_closed_together(client, set_aside):
    entries = [set_aside("A"), set_aside("B")]
    client.force_login(cast.make_staff(PROGRAMME_MANAGER))
    listed = reverse("admin:notifications_lookatentry_changelist")
    form = {"action": "close_selected", "_selected_action": [each.pk for each in entries]}

    client.post(listed, form)
    assert to_look_at.list_open().count() == 2, "A programme manager sees no claims."

    client.force_login(cast.make_staff(REVIEWER))
    client.post(listed, form)
    assert to_look_at.list_open().count() == 0


def test_support_reads_and_closes_nothing(client, set_aside):
    entry = set_aside()
    client.force_login(cast.make_staff(SUPPORT))
    page = reverse("admin:notifications_lookatentry_change", args=[entry.pk])
    close = reverse("admin:look-at-close", args=[entry.pk])

    assert client.get(page).status_code == 200
    assert close not in client.get(page).content.decode()
    assert client.post(close).status_code == 403
    assert to_look_at.list_open().count() == 1


def test_kinds_are_named_in_each_language():
    with translation.override("pt-br"):
        assert LookAtKind.CLAIM_SET_ASIDE.label == "Uma solicitação não pôde se tornar oficial"
        assert len({each.label for each in LookAtKind}) == len(LookAtKind)


def test_groups_of_an_existing_site_get_new_permissions_and_lose_none():
    cast.make_staff(REVIEWER)
    codes = [each.partition(".")[2] for each in LOOK_AT]
    own = Permission.objects.get(codename="add_group")
    for each in STAFF_GROUPS:
        group = Group.objects.get(name=each.name)
        group.permissions.remove(*Permission.objects.filter(codename__in=codes))
        group.permissions.add(own)
    Group.objects.get(name=SUPPORT.name).delete()

    extend_staff_groups(LOOK_AT, using=connection.alias)

    has = {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }
    assert set(codes) <= has[REVIEWER.name]
    assert not set(codes) & has[DATA_LOADER.name]
    assert own.codename in has[REVIEWER.name]
    assert SUPPORT.name not in has
