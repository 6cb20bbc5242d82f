"""XLSX files of the claims list: what is in them, and how an export comes to its end [R46]."""

import datetime as dt
import io

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from openpyxl import load_workbook

from associations import tasks
from associations.enums import Status
from associations.lists import export, export_files
from associations.models import Claim, ClaimsExport
from notifications.models import Message
from notifications.words.rendering import render
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db
State, Failure = ClaimsExport.State, ClaimsExport.Failure
LATER = 2 * export_files.LEASE


@pytest.fixture
def membership(admin):
    return admin.memberships.get()


def ask(membership, *, language="en", **chosen):
    return export_files.request_export(
        membership, chosen=chosen, language=language, now=timezone.now()
    )


def write(made):
    export_files.write_export(made.pk)
    made.refresh_from_db()
    return made


def read(made):
    """Return the rows of the file by the names of their columns."""
    with made.file.open("rb") as file:
        sheet = load_workbook(io.BytesIO(file.read())).active
    headers, *rows = ([cell.value for cell in row] for row in sheet.iter_rows())
    return [dict(zip(headers, row, strict=True)) for row in rows]


def make_drafts(partner, admin, count):
    return [cast.make_draft(partner, admin, cast.make_tenant(f"{n}.example")) for n in range(count)]


# --- What is in the file ---------------------------------------------------------------------------


def test_all_claims_are_there_newest_first(partner, admin, membership, monkeypatch):
    monkeypatch.setattr(export, "BUFFER", 2)
    drafts = make_drafts(partner, admin, 5)

    made = write(ask(membership))

    assert (made.state, made.rows_done, made.rows_total) == (State.DONE, 5, 5)
    assert [row["Reference"] for row in read(made)] == [each.reference for each in drafts[::-1]]
    assert made.size == made.file.size > 0


def test_only_what_the_filter_finds_is_there(partner, admin, membership, reviewer):
    kept = cast.make_draft(partner, admin, cast.make_tenant(name="Fabrikam"))
    cast.make_draft(partner, admin, cast.make_tenant("x.example", name="Xylo"))
    sent = cast.make_draft(partner, admin, cast.make_tenant("y.example", name="Fabric"))
    cast.walk(sent, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    made = write(ask(membership, q="fabri", status="editing"))

    assert [row["Reference"] for row in read(made)] == [kept.reference]


def test_dates_are_dates_and_the_rest_says_what_the_csv_file_says(
    partner, admin, membership, reviewer
):
    draft = cast.make_draft(partner, admin, cast.make_tenant())
    claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
    due_at = dt.datetime(2026, 12, 5, 3, tzinfo=dt.UTC)  # the end of the 4th in São Paulo
    submitted_at = dt.datetime(2026, 11, 27, 22, 30, tzinfo=dt.UTC)
    Claim.objects.filter(pk=claim.pk).update(due_at=due_at, submitted_at=submitted_at)
    claim.refresh_from_db()

    (row,) = read(write(ask(membership)))

    assert str(row.pop("Submitted (UTC)")) == "2026-11-27 22:30:00"
    assert str(row.pop("Deadline (date)")) == "2026-12-04 00:00:00"
    values = export.list_values(claim, export.Labels())
    said = dict(zip(export.list_headers(), values, strict=True))
    assert said.pop("Submitted (UTC)") == submitted_at
    assert row == {name: value or None for name, value in said.items()}


def test_a_formula_in_a_claims_name_stays_text(partner, admin, membership):
    draft = cast.make_draft(partner, admin, cast.make_tenant(name="@SUM(A1)"))
    Claim.objects.filter(pk=draft.pk).update(name='=HYPERLINK("http://x","y")')

    made = write(ask(membership))

    with made.file.open("rb") as file:
        sheet = load_workbook(io.BytesIO(file.read())).active
    assert (sheet["B2"].value, sheet["B2"].data_type) == ('=HYPERLINK("http://x","y")', "s")
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("@SUM(A1)", "s")


def test_the_file_speaks_the_language_of_the_page(partner, admin, membership):
    make_drafts(partner, admin, 1)

    (row,) = read(write(ask(membership, language="pt-br")))

    assert row["Status"] == str(Status.EDITING.label) or "Referência" in row
    assert "Reference" not in row


def test_no_one_gets_what_they_may_not_see(partner, admin):
    near, far = partner.locations.first(), cast.LocationFactory(partner=partner)
    make_drafts(partner, admin, 1)
    other = cast.make_partner("Other")
    cast.make_draft(other, cast.make_member(other), cast.make_tenant("o.example"))
    people = [
        cast.make_member(partner, Role.INCENTIVES_USER, locations=places)
        for places in ([near], [far], None)
    ]

    counts = [write(ask(person.memberships.get())).rows_done for person in people]

    assert counts == [1, 0, 1]


def test_what_the_person_may_see_is_read_when_the_file_is_written(partner, admin):
    far = cast.LocationFactory(partner=partner)
    make_drafts(partner, admin, 1)
    person = cast.make_member(partner, Role.INCENTIVES_USER)
    asked = ask(person.memberships.get())
    person.memberships.update(has_all_locations=False)
    person.memberships.get().locations.set([far])

    made = write(asked)

    assert (made.rows_done, made.locations) == (0, [far.pk])


@pytest.mark.parametrize("end", ["removed", "deactivated"])
def test_a_person_without_access_gets_no_file(partner, admin, membership, end):
    asked = ask(membership)
    if end == "removed":
        membership.delete()
    else:
        type(admin).objects.filter(pk=admin.pk).update(is_active=False)

    made = write(asked)

    assert (made.state, made.failure) == (State.FAILED, Failure.NO_ACCESS)
    assert not made.file
    assert not Message.objects.filter(kind="claims_export_ready").exists()


def test_access_that_ends_while_the_file_is_written_counts_as_well(
    partner, admin, membership, monkeypatch
):
    make_drafts(partner, admin, 1)
    original = export_files.write_claims_xlsx

    def write_and_remove(*arguments, **named):
        original(*arguments, **named)
        membership.delete()

    monkeypatch.setattr(export_files, "write_claims_xlsx", write_and_remove)

    made = write(ask(membership))

    assert (made.state, made.failure) == (State.FAILED, Failure.NO_ACCESS)


def test_more_claims_than_a_sheet_holds_are_refused(partner, admin, membership, monkeypatch):
    monkeypatch.setattr(export_files, "ROWS_MAX", 1)
    make_drafts(partner, admin, 2)

    made = write(ask(membership))

    assert (made.state, made.failure, made.rows_done) == (State.FAILED, Failure.TOO_MANY, 0)


# --- The email -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "Your export of the claims list is ready"),
        ("pt-br", "Sua exportação da lista de solicitações está pronta"),
    ],
)
def test_the_person_gets_the_link_in_their_language(partner, admin, membership, language, subject):
    type(admin).objects.update(language=language, time_zone="America/Sao_Paulo")
    made = write(ask(membership))

    message = Message.objects.get(kind="claims_export_ready")

    assert (message.to_address, message.key) == (admin.email, f"claims-export:{made.pk}")
    mail = render(message)
    assert mail.subject == subject
    assert f"{cast.HERE}claims/exports/{made.key}/" in mail.text
    assert "São Paulo" in message.context["kept_until"]


def test_files_that_are_kept_forever_are_available_without_an_end(membership, settings):
    settings.KEEP_EXPORTS_DAYS = 0
    write(ask(membership))

    message = Message.objects.get(kind="claims_export_ready")

    assert message.context["kept_until"] == ""
    assert "Available until" not in render(message).text


# --- How many --------------------------------------------------------------------------------------


def test_the_same_filter_again_is_the_same_export(membership):
    first, again = ask(membership, q="a"), ask(membership, q="a")

    assert first == again
    assert ask(membership, q="b") != first
    write(first)
    assert ask(membership, q="a") != first


def test_three_can_be_under_way(partner, admin, membership):
    for term in "abc":
        ask(membership, q=term)

    with pytest.raises(export_files.TooManyExports):
        ask(membership, q="d")

    colleague = cast.make_member(partner)
    assert ask(colleague.memberships.get(), q="d").state == State.WAITING
    write(ClaimsExport.objects.filter(requested_by=admin).first())
    assert ask(membership, q="d").state == State.WAITING


def test_what_is_asked_for_starts_after_the_commit(
    membership, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task", lambda app, name, **options: sent.append(name)
    )

    with django_capture_on_commit_callbacks(execute=True):
        ask(membership)
        assert sent == []

    assert sent == [tasks.write_claims_exports.name]


def test_a_dead_broker_loses_nothing(membership, monkeypatch):
    def fail(*arguments, **named):
        raise OSError("no broker")

    monkeypatch.setattr("celery.app.base.Celery.send_task", fail)
    asked = ask(membership)
    export_files.ask_to_write()

    tasks.write_claims_exports()

    asked.refresh_from_db()
    assert asked.state == State.DONE


# --- Interruptions ---------------------------------------------------------------------------------


def test_a_finished_export_is_not_written_again(membership):
    made = write(ask(membership))

    tasks.write_claims_exports()

    made.refresh_from_db()
    assert made.attempts == 1
    assert Message.objects.filter(kind="claims_export_ready").count() == 1


def test_an_export_whose_process_died_is_written_from_the_start(partner, admin, membership):
    make_drafts(partner, admin, 1)
    asked = ask(membership)
    ClaimsExport.objects.update(state=State.WRITING, attempts=1, rows_done=7)

    assert export_files.find_unfinished() == []
    with time_machine.travel(timezone.now() + LATER, tick=False):
        tasks.write_claims_exports()

    asked.refresh_from_db()
    assert (asked.state, asked.attempts, asked.rows_done) == (State.DONE, 2, 1)


def test_it_is_given_up_after_five_attempts(membership):
    asked = ask(membership)
    left_at = timezone.now() - LATER
    ClaimsExport.objects.update(state=State.WRITING, attempts=5, touched_at=left_at)

    made = write(asked)

    assert (made.state, made.failure) == (State.FAILED, Failure.GAVE_UP)
    assert export_files.find_unfinished() == []


def test_a_fault_leaves_it_to_a_later_sweep_and_stops_no_other(
    partner, admin, membership, monkeypatch
):
    make_drafts(partner, admin, 1)
    broken, sound = ask(membership, q="broken"), ask(membership)
    original = export_files.write_claims_xlsx

    def stumble(claims, into, **named):
        if "broken" in str(claims.query):
            raise OperationalError("the database is away")
        original(claims, into, **named)

    monkeypatch.setattr(export_files, "write_claims_xlsx", stumble)
    tasks.write_claims_exports()

    states = [ClaimsExport.objects.get(pk=each.pk).state for each in (broken, sound)]
    assert states == [State.WRITING, State.DONE]
    monkeypatch.setattr(export_files, "write_claims_xlsx", original)
    with time_machine.travel(timezone.now() + LATER, tick=False):
        assert write(broken).state == State.DONE


def test_one_that_was_taken_over_stores_nothing(partner, admin, membership, monkeypatch):
    make_drafts(partner, admin, 1)
    asked = ask(membership)
    original = export_files.write_claims_xlsx

    def lose(claims, into, **named):
        original(claims, into, **named)
        ClaimsExport.objects.update(attempts=2)

    monkeypatch.setattr(export_files, "write_claims_xlsx", lose)

    made = write(asked)

    assert (made.state, made.file.name) == (State.WRITING, "")
    storage = made.file.storage
    assert [name for name in export_files.list_paths(made) if storage.exists(name)] == []
    assert not Message.objects.filter(kind="claims_export_ready").exists()


def test_one_that_was_taken_over_stops_at_the_next_buffer(partner, admin, membership, monkeypatch):
    monkeypatch.setattr(export, "BUFFER", 1)
    make_drafts(partner, admin, 3)
    noted = []
    original = export_files._note

    def note(made, **fields):
        original(made, **fields)
        if "rows_done" in fields:
            noted.append(fields["rows_done"])
            ClaimsExport.objects.update(attempts=2)

    monkeypatch.setattr(export_files, "_note", note)
    write(ask(membership))

    assert noted == [1]


def test_a_stale_reading_takes_nothing(membership):
    asked = ask(membership)
    ClaimsExport.objects.update(attempts=1)

    assert not export_files._take(asked)
