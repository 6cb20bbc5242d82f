"""Checking, confirming, loading, discarding: nothing lost, nothing half made, nothing twice [R38], [R47], [R60]."""

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from associations.enums import Channel, RowOutcome, SubscriptionState
from associations.filing.bulk import ClaimKind
from associations.importable import KINDS
from associations.imports import engine, receiving
from associations.imports.kinds import Run
from associations.imports.reports import find_earlier
from associations.imports.rows import Plan
from associations.models import Claim, ImportFile, RowReason, Subscription, Tenant
from associations.set_up.customers import CUSTOMERS, CustomerKind
from associations.set_up.subscriptions import SUBSCRIPTIONS
from tests import cast

from .made_files import good, make_csv, stored
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


@pytest.mark.parametrize(
    ("outcome", "make"),
    [
        (RowOutcome.NEW, customer),
        (RowOutcome.BAD, lambda n: customer(n, country="XX")),
        (
            RowOutcome.CHANGED,
            lambda n: stored(
                "customers", contact_name=f"P {n}", contact_email=f"p{n}@fabrikam.example"
            ),
        ),
    ],
)
def test_all_rows_are_counted_and_the_first_are_kept(world, monkeypatch, outcome, make):
    monkeypatch.setitem(engine.KEPT_MAX, outcome, 5)
    monkeypatch.setattr(CustomerKind, "batch", 3)

    file = run(world, "customers", make_csv("customers", *(make(n) for n in range(1, 9))))

    assert getattr(file, f"rows_{outcome}") == 8
    assert [row.line for row in file.rows.filter(outcome=outcome)] == [2, 3, 4, 5, 6]


def test_the_words_of_a_report_are_in_the_language_of_the_uploader(world):
    world.manager.language = "pt-br"
    world.manager.save()

    with translation.override("en"):
        file = run(world, "customers", make_csv("customers", customer(1, domains="wood")))

    words = file.problems.get().words
    with translation.override("pt-br"):
        expected = translation.gettext("Enter a domain such as contoso.com, without https:// or @.")
    assert words == expected
    assert not words.startswith("Enter")


def rows_of(kind, number):
    """``number`` rows of a kind, each about something else."""
    make = {
        "partners": lambda n: good(
            "partners",
            partner=f"P{n}",
            partner_id=f"{5000000 + n}",
            partner_domains=f"p{n}.example",
        ),
        "people": lambda n: good("people", partner_id=f"{6000000 + n}", email=f"p{n}@x.example"),
        "customers": customer,
        "subscriptions": lambda n: good("subscriptions", subscription_id=f"{n:032x}"),
        "usage": lambda n: good("usage", month=f"20{n + 1:02}-01"),
        "claims": lambda n: good(
            "claims", name=f"Rollout {n}", customer_email=f"p{n}@fabrikam.example"
        ),
    }[kind]
    return [make(n) for n in range(1, number + 1)]


@pytest.mark.parametrize("is_trial", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_looked_up_with_a_fixed_number_of_queries(world, kind, is_trial):
    """Kinds whose rows start a process of their own (an invitation, a draft) are saved one by one."""
    if not is_trial and kind not in ("subscriptions", "usage"):
        return
    for n in range(1, 16):
        cast.LocationFactory(partner_code=f"{6000000 + n}")
    counted = []
    for number in (1, 1, 12):  # what a first run reads for good is not counted
        content = make_csv(kind, *rows_of(kind, number))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            file = run(world, kind, content, is_trial=is_trial)
        assert file.rows_bad == 0
        counted.append(len(queries))
    assert counted[1] == counted[2]


@pytest.mark.parametrize(("rows", "state"), [(6, State.CHECKED), (7, State.FAILED)])
def test_a_file_of_claims_has_a_limit_of_rows(world, monkeypatch, rows, state):
    monkeypatch.setattr(ClaimKind, "rows_max", 6)
    monkeypatch.setattr(ClaimKind, "batch", 4)

    file = run(world, "claims", make_csv("claims", *rows_of("claims", rows)))

    words = [row.describe() for row in file.problems.all()]
    assert file.state == state
    assert words == (
        ["The file has more than 6 rows. Split it into several files."] if rows == 7 else []
    )
    assert not Claim.objects.exists()


def test_a_person_has_few_files_open(world, monkeypatch):
    for _each in range(receiving.OPEN_MAX):
        receive(world, good("claims"), kind="claims", partner=world.contoso)

    with pytest.raises(receiving.TooManyOpen, match="You have 5 files that are not finished"):
        receive(world, good("claims"), kind="claims", partner=world.contoso)

    assert ImportFile.objects.count() == receiving.OPEN_MAX


def test_an_earlier_load_is_named_to_those_who_may_see_it_only(world):
    colleague = cast.make_member(world.contoso)
    facts = {"kind": "claims", "partner": world.contoso, "sha256": "x", "state": State.DONE}
    theirs = ImportFile.objects.create(name="theirs", loaded_by=colleague, **facts)
    mine = ImportFile.objects.create(name="mine", loaded_by=world.admin, **facts)
    assert find_earlier(mine) is None

    again = ImportFile.objects.create(name="again", loaded_by=world.admin, **facts)

    assert find_earlier(again) == mine
    assert find_earlier(ImportFile.objects.create(name="4", loaded_by=colleague, **facts)) == theirs


def test_a_check_from_the_command_line_leaves_nothing_to_decide(world):
    content = ContentFile(make_csv("customers", customer(1)))

    file = receiving.load_from_disk(
        content, CUSTOMERS, name="made", actor=world.manager, now=NOW, is_trial=True
    )

    assert (file.state, count(file)) == (State.DISCARDED, (1, 0, 0, 0))
    assert not confirm(file)
    assert not receiving.discard(file)


def test_the_customer_of_a_stored_subscription_stays_whoever_else_adds_it(world):
    """It was added between the look and the writing."""
    row = {
        "subscription_id": world.sales.subscription_id,
        "tenant_id": world.lamna.pk,
        "product_id": None,
        "channel": Channel.CSP,
        "state": SubscriptionState.ACTIVE,
        "sold_seats": 1,
        "ends_on": None,
    }

    SUBSCRIPTIONS.save([Plan(RowOutcome.NEW, row)], Run(ImportFile(), NOW))

    stored_row = Subscription.objects.get()
    assert (stored_row.tenant, stored_row.sold_seats) == (world.fabrikam, 1)
