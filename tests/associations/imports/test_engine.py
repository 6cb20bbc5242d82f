"""Checking, confirming, loading, discarding: nothing lost, nothing half made, nothing twice [R38], [R47], [R60]."""

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.utils import timezone

from associations import tasks
from associations.importable import KINDS
from associations.imports import engine, receiving
from associations.models import ImportFile, RowReason, Tenant
from associations.set_up.customers import CUSTOMERS, CustomerKind

from .made_files import good, make_csv
from .world import NOW, count, run

State, Reason = ImportFile.State, RowReason


def customer(number, **changes):
    """A customer's row; each number is another customer."""
    changes = {"domains": f"c{number}.example", "name": f"Customer {number}"} | changes
    return good("customers", tenant_id=f"{number:032x}", **changes)


def receive(world, *rows, kind="customers", partner=None):
    """Upload a file, which is checked at once if it is small, and return its record."""
    upload = SimpleUploadedFile("made.csv", make_csv(kind, *rows))
    actor = world.admin if partner else world.manager
    return receiving.receive_file(upload, KINDS[kind], actor=actor, partner=partner, now=NOW)


def confirm(file):
    return receiving.confirm(file, KINDS[file.kind], now=NOW)


def sweep():
    """What the beat does once the lease of a run that died is over."""
    with time_machine.travel(timezone.now() + receiving.LEASE * 2, tick=False):
        for pk in receiving.find_unfinished():
            receiving.load_stored(pk, KINDS, now=NOW)


def reasons(file):
    return [(row.line, row.reason) for row in file.problems.all()]


def fail_at(monkeypatch, kind, name, number, error):
    """Let a function of a kind raise ``error`` at its ``number``-th call, once."""
    calls, real = [], getattr(kind, name)

    def call(self, *args):
        calls.append(1)
        if len(calls) == number:
            raise error
        return real(self, *args)

    monkeypatch.setattr(kind, name, call)


def test_a_checked_file_is_imported_once(world):
    file = receive(world, customer(1), customer(2, country="XX"))
    assert (file.state, count(file)) == (State.CHECKED, (1, 0, 0, 1))
    assert not Tenant.objects.filter(name="Customer 1").exists()

    assert confirm(file)
    assert not confirm(ImportFile.objects.get())

    file.refresh_from_db()
    assert (file.state, count(file)) == (State.DONE, (1, 0, 0, 1))
    assert (reasons(file), file.file.name) == ([(3, Reason.IN_WORDS)], "")
    assert Tenant.objects.filter(name="Customer 1").count() == 1
    assert not receiving.discard(file)


def test_a_discarded_file_leaves_nothing(world, django_capture_on_commit_callbacks):
    file = receive(world, customer(1))
    name, storage = file.file.name, file.file.storage

    with django_capture_on_commit_callbacks(execute=True):
        assert receiving.discard(file)

    file.refresh_from_db()
    assert (file.state, file.file.name, storage.exists(name)) == (State.DISCARDED, "", False)
    assert not receiving.discard(file)
    assert not confirm(file)
    assert not Tenant.objects.filter(name="Customer 1").exists()


@pytest.mark.parametrize("state", [each for each in State if each != State.CHECKED])
def test_only_a_checked_file_can_be_decided_on(world, state):
    file = receive(world, customer(1))
    ImportFile.objects.update(state=state)

    assert not receiving.discard(file)
    assert not confirm(file)

    file.refresh_from_db()
    assert (file.state, file.file.storage.exists(file.file.name)) == (state, True)


def test_a_file_that_changed_in_the_store_is_refused(world):
    file = receive(world, customer(1))
    storage, name = file.file.storage, file.file.name
    storage.delete(name)
    storage.save(name, ContentFile(make_csv("customers", customer(2))))

    confirm(file)

    file.refresh_from_db()
    assert (file.state, reasons(file)) == (State.FAILED, [(1, Reason.FILE_CHANGED)])
    assert not Tenant.objects.filter(name__startswith="Customer").exists()


def test_a_check_that_was_killed_continues(world, monkeypatch):
    monkeypatch.setattr(CustomerKind, "batch", 2)
    rows = [customer(number) for number in range(1, 6)]
    fail_at(monkeypatch, CustomerKind, "look_up", 2, ConnectionError())
    with pytest.raises(ConnectionError):
        receive(world, *rows, customer(2))
    file = ImportFile.objects.get()
    assert (file.state, file.rows_done) == (State.CHECKING, 2)

    sweep()

    file.refresh_from_db()
    assert (file.state, count(file)) == (State.CHECKED, (5, 0, 0, 1))
    assert reasons(file) == [(7, Reason.DUPLICATE)]


def test_a_load_that_was_killed_keeps_whole_batches_and_continues(world, monkeypatch):
    monkeypatch.setattr(CustomerKind, "batch", 2)
    file = receive(world, *[customer(number) for number in range(1, 6)])
    real = CustomerKind.save
    saved = []

    def save_half(self, plans, run):
        saved.append(len(plans))
        if len(saved) == 2:
            real(self, plans[:1], run)
            raise ConnectionError
        return real(self, plans, run)

    with monkeypatch.context() as patch:
        patch.setattr(CustomerKind, "save", save_half)
        with pytest.raises(ConnectionError):
            confirm(file)
    assert Tenant.objects.filter(name__startswith="Customer").count() == 2

    sweep()

    file.refresh_from_db()
    assert (file.state, count(file)) == (State.DONE, (5, 0, 0, 0))
    assert Tenant.objects.filter(name__startswith="Customer").count() == 5


def test_a_resumed_run_knows_which_rows_were_good(world, monkeypatch):
    """A row with errors is not one that "was used": its correction further down counts."""
    monkeypatch.setattr(CustomerKind, "batch", 1)
    fail_at(monkeypatch, CustomerKind, "look_up", 2, ConnectionError())
    wrong = customer(1, domains="lamna.example")  # of another customer, as only the database knows
    with pytest.raises(ConnectionError):
        receive(world, wrong, customer(1), customer(1))

    sweep()

    file = ImportFile.objects.get()
    assert count(file) == (1, 0, 0, 2)
    assert reasons(file) == [(2, Reason.IN_WORDS), (4, Reason.DUPLICATE)]


def test_a_resumed_run_remembers_what_earlier_rows_said(world, monkeypatch):
    monkeypatch.setattr(CustomerKind, "batch", 1)
    fail_at(monkeypatch, CustomerKind, "look_up", 2, ConnectionError())
    again = {"contact_name": "A", "contact_email": "a@c1.example"}
    with pytest.raises(ConnectionError):
        receive(
            world,
            customer(1),
            customer(1, name="Other", **again),
            customer(2, domains="c1.example"),
        )

    sweep()

    file = ImportFile.objects.get()
    assert reasons(file) == [(3, Reason.CONTRADICTS), (4, Reason.HELD_BY_ANOTHER)]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_contradicts_is_found_across_batches(world, monkeypatch, size):
    monkeypatch.setattr(CustomerKind, "batch", size)

    file = run(
        world,
        "customers",
        make_csv(
            "customers",
            customer(1),
            customer(2),
            customer(2, domains="c1.example", contact_name="A", contact_email="a@c2.example"),
        ),
    )

    assert [row.describe() for row in file.problems.all()] == [
        "domains: line 2 gives one of these to another record."
    ]


@pytest.mark.parametrize(("failures", "state"), [(1, State.DONE), (2, State.DONE)])
def test_a_batch_is_tried_again_if_someone_else_added_the_same(world, monkeypatch, failures, state):
    real, calls = CustomerKind.save, []

    def save(self, plans, run):
        done = real(self, plans, run)
        calls.append(1)
        if len(calls) <= failures:
            raise IntegrityError
        return done

    monkeypatch.setattr(CustomerKind, "save", save)
    file = run(world, "customers", make_csv("customers", customer(1), customer(2)), is_trial=False)

    assert (file.state, count(file)) == (state, (2, 0, 0, 0))
    assert Tenant.objects.filter(name__startswith="Customer").count() == 2


def test_a_batch_that_never_fits_is_an_error_and_leaves_nothing(world, monkeypatch):
    monkeypatch.setattr(CustomerKind, "save", lambda *_args: (_ for _ in ()).throw(IntegrityError))

    with pytest.raises(IntegrityError):
        run(world, "customers", make_csv("customers", customer(1)), is_trial=False)

    assert count(ImportFile.objects.get()) == (0, 0, 0, 0)


def test_a_run_that_was_overtaken_does_not_undo_a_decision(world, monkeypatch):
    """It sleeps after its last row; another finishes the check and a person confirms it."""
    content = make_csv("customers", customer(1))

    def decide(_size):
        ImportFile.objects.update(state=State.WAITING, attempts=0)

    file = ImportFile.objects.create(
        kind="customers",
        name="made",
        size=len(content),
        loaded_by=world.manager,
        state=State.CHECKING,
        attempts=1,
    )
    with pytest.raises(engine.LoadTakenOver):
        engine.run_file(file, ContentFile(content), CUSTOMERS, now=NOW, progress=decide)

    file.refresh_from_db()
    assert (file.state, file.attempts) == (State.WAITING, 0)


def test_a_file_that_meets_a_fault_stops_no_other(world, monkeypatch):
    monkeypatch.setattr(CustomerKind, "at_once_bytes", 0)
    broken, sound = (receive(world, customer(number)) for number in (1, 2))
    fail_at(monkeypatch, CustomerKind, "look_up", 1, ConnectionError("the database went away"))

    tasks.load_files()

    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, broken.rows_done) == (State.CHECKING, 0)
    assert (sound.state, count(sound)) == (State.CHECKED, (1, 0, 0, 0))
