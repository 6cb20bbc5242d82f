"""Usage files into the tables: every bad row named, every good one kept, nothing twice [R38]."""

import datetime as dt
import io
import uuid

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations import tasks
from associations.enums import RowOutcome
from associations.importable import KINDS
from associations.imports import csv_tables, engine, receiving
from associations.imports.csv_tables import MAX_LINE_BYTES
from associations.imports.tables import open_table
from associations.models import ImportFile, RowReason, SubscriptionUsage, Tenant, WorkloadUsage
from associations.usage import loading
from associations.usage.loading import USAGE, UsageKind
from tests import cast
from tests.associations.usage_files import (
    COLUMNS,
    line,
    make_file,
    shift,
    subscription_line,
    workload_line,
)

pytestmark = pytest.mark.django_db

State, Reason = ImportFile.State, RowReason
HEADER = ",".join(COLUMNS)


@pytest.fixture
def tenant():
    cast.product("teams")
    return cast.make_tenant()


@pytest.fixture
def subscription(tenant):
    return cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))


def load(file, **kwargs):
    return receiving.load_from_disk(
        file, USAGE, name="usage.csv", actor=None, now=timezone.now(), **kwargs
    )


def counts(loaded):
    return loaded.rows_new, loaded.rows_changed, loaded.rows_same, loaded.rows_bad


def reasons(loaded):
    return [(problem.line, problem.reason) for problem in loaded.problems.all()]


def workload_figures():
    return list(
        WorkloadUsage.objects.order_by("month").values_list("month", "active_users", "paid_units")
    )


def test_rows_of_both_kinds_are_loaded(tenant, subscription):
    file = make_file(
        workload_line(tenant, month="2026-01", users=812, units=1000),
        subscription_line(subscription, month="2026-02-01", seats=(250, 190, 171)),
    )

    loaded = load(file)

    assert (loaded.state, counts(loaded)) == (State.DONE, (2, 0, 0, 0))
    assert workload_figures() == [(dt.date(2026, 1, 1), 812, 1000)]
    seats = SubscriptionUsage.objects.get()
    assert (seats.subscription, seats.month) == (subscription, dt.date(2026, 2, 1))
    assert (seats.sold_seats, seats.assigned_seats, seats.active_seats) == (250, 190, 171)


def test_the_same_file_twice_changes_nothing(tenant, subscription):
    lines = [workload_line(tenant), subscription_line(subscription)]
    load(make_file(*lines))
    before = list(WorkloadUsage.objects.values()) + list(SubscriptionUsage.objects.values())

    again = load(make_file(*lines))

    assert counts(again) == (0, 0, 2, 0)
    after = list(WorkloadUsage.objects.values()) + list(SubscriptionUsage.objects.values())
    assert after == before


def test_other_figures_replace_the_old_ones(tenant):
    load(make_file(workload_line(tenant, users=10), workload_line(tenant, month="2026-02")))

    loaded = load(
        make_file(workload_line(tenant, users=11), workload_line(tenant, month="2026-02"))
    )

    assert counts(loaded) == (0, 1, 1, 0)
    assert workload_figures()[0] == (dt.date(2026, 1, 1), 11, 100)


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_every_dialect_of_the_format(tenant, prefix, newline, separator):
    text = make_file(workload_line(tenant), newline=newline).getvalue()

    loaded = load(io.BytesIO(prefix + text.replace(b",", separator.encode())))

    assert (loaded.state, counts(loaded)) == (State.DONE, (1, 0, 0, 0))


@pytest.mark.parametrize("newline", ["\r", "\n\r\n", "\r\r"])
def test_lines_may_end_as_on_an_old_mac_and_be_empty_in_between(tenant, newline):
    rows = [workload_line(tenant, month=f"2026-0{n}") for n in (1, 2, 3)]

    loaded = load(make_file(*rows, newline=newline))

    assert (loaded.state, counts(loaded)) == (State.DONE, (3, 0, 0, 0))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_line_keeps_its_number_wherever_the_file_is_cut_into_blocks(tenant, newline, monkeypatch):
    rows = [workload_line(tenant, month=f"2026-0{n}") for n in (1, 2)]
    content = make_file(*rows, "rubbish", newline=newline)

    for size in (1, 2, 7, 64, len(content.getvalue()) - 1):
        monkeypatch.setattr(csv_tables, "BLOCK", size)
        records = list(open_table(content, USAGE.columns).records)
        content.seek(0)
        assert [each.line for each in records] == [2, 3, 4]
        assert records[-1].bytes_read == len(content.getvalue())


@pytest.mark.parametrize(
    "before", ["\n", "\n\n,,,\n", "sep=,\n", '"sep=;"\n', "\ufeff\n", ";;;;\r\n", "SEP=\t\r"]
)
def test_lines_before_the_header_that_say_nothing_are_skipped(tenant, before):
    content = before.encode() + make_file(workload_line(tenant)).getvalue()

    loaded = load(io.BytesIO(content))

    assert (loaded.state, counts(loaded)) == (State.DONE, (1, 0, 0, 0))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_empty_columns_that_a_spreadsheet_leaves_behind_are_no_columns(tenant, separator):
    file = make_file(
        workload_line(tenant, month="2026-01") + ",,,",
        workload_line(tenant, month="2026-02"),
        workload_line(tenant, month="2026-03") + ",,,,,,,",
        workload_line(tenant, month="2026-04") + ",,note",
        header=f"{HEADER},,",
    )

    loaded = load(io.BytesIO(file.getvalue().replace(b",", separator.encode())))

    assert (counts(loaded), reasons(loaded)) == ((3, 0, 0, 1), [(5, Reason.FIELD_COUNT)])


@pytest.mark.parametrize(
    "written", ["{{{}}}", "urn:uuid:{}", "\u200b{}\ufeff", "{{ {} }}".replace(" ", ""), "{}"]
)
def test_an_id_is_read_as_the_form_reads_it(tenant, subscription, written):
    file = make_file(
        line(
            month="2026-01",
            tenant_id=written.format(str(tenant.tenant_id).upper()),
            product="teams",
            active_users=1,
            paid_units=2,
        ),
        line(
            month="2026-01",
            subscription_id=written.format(subscription.subscription_id),
            sold_seats=3,
            assigned_seats=2,
            active_seats=1,
        ),
    )

    assert counts(load(file)) == (2, 0, 0, 0)


def test_a_wrong_file_leaves_some_bad_rows_and_the_number_of_the_others(tenant, monkeypatch):
    assert engine.KEPT_MAX[RowOutcome.BAD] == 5_000
    monkeypatch.setitem(engine.KEPT_MAX, RowOutcome.BAD, 1_000)
    monkeypatch.setattr(UsageKind, "batch", 300)
    rows = ["wrong"] * 1_250

    loaded = load(make_file(*rows, workload_line(tenant)))

    assert counts(loaded) == (1, 0, 0, 1_250)
    assert loaded.problems.count() == 1_000
    assert loaded.problems.last().line == 1_001
    assert loaded.count_unlisted() == 250


@pytest.mark.parametrize(
    "content", [b"not a usage file\n", b"", None], ids=["bad", "empty", "gave up"]
)
def test_the_file_of_a_failed_load_is_not_kept(content):
    attempts = receiving.MAX_ATTEMPTS if content is None else 0
    stored = keep(content or b"x", attempts=attempts)
    name, storage = stored.file.name, stored.file.storage

    receiving.load_stored(stored.pk, KINDS, now=timezone.now())

    stored.refresh_from_db()
    assert stored.state == State.FAILED
    assert not stored.file
    assert not storage.exists(name)


def test_columns_in_any_order_quoted_and_in_capitals(tenant):
    names = sorted(COLUMNS, reverse=True)
    fields = {
        "month": "2026-01",
        "tenant_id": str(tenant.tenant_id).upper(),
        "product": "Teams",
        "active_users": 5,
        "paid_units": 9,
    }
    row = ",".join(f'" {fields.get(name, "")} "' for name in names)

    loaded = load(make_file(row, header=",".join(name.upper() for name in names)))

    assert counts(loaded) == (1, 0, 0, 0)


def test_empty_lines_are_no_rows_but_count_as_lines(tenant):
    loaded = load(make_file("", ";;;", workload_line(tenant), ",,,,,,,,", "rubbish", "   "))

    assert counts(loaded) == (1, 0, 0, 1)
    assert reasons(loaded) == [(6, Reason.FIELD_COUNT)]


def ahead():
    return shift(timezone.now().date().replace(day=1), 1).isoformat()


BAD_ROWS = {
    Reason.NUL: lambda t, s: workload_line(t, users="1\0"),
    Reason.FORMULA: lambda t, s: workload_line(t, users="=40+40"),
    Reason.AS_NUMBER: lambda t, s: subscription_line(
        cast.SubscriptionFactory.build(tenant=t, subscription_id="1.23E+15")
    ),
    Reason.TOO_LONG: lambda t, s: workload_line(t, users="1" * (MAX_LINE_BYTES * 4)),
    Reason.QUOTES: lambda t, s: workload_line(t, users='"80'),
    Reason.FIELD_COUNT: lambda t, s: workload_line(t) + ",stray",
    Reason.MISSING_VALUE: lambda t, s: workload_line(t, units=""),
    Reason.MONTH: lambda t, s: workload_line(t, month="01/2026"),
    Reason.MONTH_AHEAD: lambda t, s: workload_line(t, month=ahead()),
    Reason.NO_SUBJECT: lambda t, s: line(month="2026-01", active_users=1, paid_units=2),
    Reason.MIXED: lambda t, s: workload_line(t, sold_seats=4),
    Reason.BAD_ID: lambda t, s: line(
        month="2026-01", tenant_id="fabrikam", product="teams", active_users=1, paid_units=2
    ),
    Reason.NOT_A_NUMBER: lambda t, s: workload_line(t, users="1.5"),
    Reason.NEGATIVE: lambda t, s: workload_line(t, users=-1),
    Reason.TOO_LARGE: lambda t, s: workload_line(t, users=2**31),
    Reason.ASSIGNED_OVER_SOLD: lambda t, s: subscription_line(s, seats=(10, 11, 5)),
    Reason.ACTIVE_OVER_ASSIGNED: lambda t, s: subscription_line(s, seats=(10, 8, 9)),
    Reason.UNKNOWN_TENANT: lambda t, s: workload_line(Tenant(tenant_id=uuid.uuid4())),
    Reason.UNKNOWN_PRODUCT: lambda t, s: workload_line(t, "timesheets"),
    Reason.NOT_A_WORKLOAD: lambda t, s: workload_line(t, "sales"),
    Reason.UNKNOWN_SUBSCRIPTION: lambda t, s: subscription_line(
        cast.SubscriptionFactory.build(tenant=t, subscription_id=uuid.uuid4())
    ),
    Reason.DUPLICATE: lambda t, s: workload_line(t, month="2026-03", users=1),
}
#: Said of whole files; test_a_file_that_cannot_be_read and others hold them.
OF_FILES = {
    Reason.EMPTY_FILE,
    Reason.MISSING_COLUMNS,
    Reason.UNKNOWN_COLUMNS,
    Reason.REPEATED_COLUMNS,
    Reason.FILE_LOST,
    Reason.GAVE_UP,
    Reason.NOT_UTF8,
    Reason.PROTECTED,
    Reason.NOT_A_WORKBOOK,
    Reason.NO_SHEET,
    Reason.FILE_CHANGED,
    Reason.TOO_MANY_ROWS,
}
#: Said of other kinds, or of workbooks (tests/associations/imports).
ELSEWHERE = {
    Reason.CELL_ERROR,
    Reason.MERGED,
    Reason.BAD_DATE,
    Reason.BAD_CHOICE,
    Reason.CONTRADICTS,
    Reason.HELD_BY_ANOTHER,
    Reason.ALONE,
    Reason.IN_WORDS,
}


def test_every_reason_is_tested():
    assert set(Reason) == set(BAD_ROWS) | OF_FILES | ELSEWHERE


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_a_bad_row_is_named_by_line_and_the_others_are_kept(tenant, subscription, reason):
    bad = BAD_ROWS[reason](tenant, subscription)
    good = [workload_line(tenant, month="2026-03"), workload_line(tenant, month="2026-04")]

    loaded = load(make_file(good[0], bad, good[1]))

    assert reasons(loaded) == [(3, reason)]
    assert (loaded.state, counts(loaded)) == (State.DONE, (2, 0, 0, 1))
    assert [row[:2] for row in workload_figures()] == [
        (dt.date(2026, 3, 1), 80),
        (dt.date(2026, 4, 1), 80),
    ]
    assert not SubscriptionUsage.objects.exists()
    words = loaded.problems.get().describe()
    assert words
    assert "%(" not in words


@pytest.mark.parametrize(
    "month",
    [
        "2026-13",
        "2026-1",
        "2026-01-02",
        "1999-12",
        "0000-00",
        "2026-01-01T00",
        "\u0662\u0660\u0662\u0666-01",
    ],
)
def test_what_is_no_month(tenant, month):
    loaded = load(make_file(workload_line(tenant, month=month)))

    assert reasons(loaded) == [(2, Reason.MONTH)]
    assert month in loaded.problems.get().describe()


@pytest.mark.parametrize(
    "number", ["", "1e3", "1 000", "\N{ARABIC-INDIC DIGIT THREE}", "0x10", "1_0", "+1", "½"]
)
def test_what_is_no_number(tenant, number):
    loaded = load(make_file(workload_line(tenant, users=number)))

    wanted = Reason.NOT_A_NUMBER if number else Reason.MISSING_VALUE
    assert reasons(loaded) == [(2, wanted)]
    assert "active_users" in loaded.problems.get().describe()


def test_a_number_of_two_thousand_digits_is_refused_at_once(tenant):
    loaded = load(make_file(workload_line(tenant, users="9" * 1800)))

    assert reasons(loaded) == [(2, Reason.TOO_LARGE)]


def test_the_largest_number_fits(tenant):
    load(make_file(workload_line(tenant, users=2**31 - 1, units=0)))

    assert workload_figures() == [(dt.date(2026, 1, 1), 2**31 - 1, 0)]


def test_a_line_in_another_encoding_is_named_and_the_rest_is_kept(tenant):
    text = make_file(workload_line(tenant), "OLÁ", workload_line(tenant, month="2026-02"))

    loaded = load(io.BytesIO(text.getvalue().decode().encode("latin-1")))

    assert reasons(loaded) == [(3, Reason.NOT_UTF8)]
    assert counts(loaded) == (2, 0, 0, 1)


def test_an_open_quotation_mark_does_not_swallow_the_next_lines(tenant):
    loaded = load(
        make_file('"2026-01', workload_line(tenant), workload_line(tenant, month="2026-02"))
    )

    assert counts(loaded) == (2, 0, 0, 1)


def test_the_first_of_two_rows_with_one_key_counts_across_batches(tenant, monkeypatch):
    monkeypatch.setattr(UsageKind, "batch", 2)
    lines = [workload_line(tenant, month=f"2026-0{n}") for n in (1, 2, 3, 4)]

    loaded = load(make_file(*lines, workload_line(tenant, month="2026-02", users=1)))

    assert reasons(loaded) == [(6, Reason.DUPLICATE)]
    assert "Line 3" in loaded.problems.get().describe()
    assert workload_figures()[1] == (dt.date(2026, 2, 1), 80, 100)


UNREADABLE = {
    "nothing": (b"", Reason.EMPTY_FILE, ""),
    "only a mark": (b"\xef\xbb\xbf\r\n", Reason.EMPTY_FILE, ""),
    "no spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xfe\n", Reason.NOT_A_WORKBOOK, ""),
    "UTF-16": (HEADER.encode("utf-16"), Reason.NOT_UTF8, ""),
    "one endless line": (b"a" * 100_000, Reason.TOO_LONG, str(MAX_LINE_BYTES)),
    "no header": (b"2026-01,x,teams,,1,2,,,\n", Reason.UNKNOWN_COLUMNS, "2026-01"),
    "an extra column": (f"{HEADER},email\n".encode(), Reason.UNKNOWN_COLUMNS, "email"),
    "only separators": (b',,,\n;;\n""\n', Reason.EMPTY_FILE, ""),
    "Excel's separator alone": (b"sep=;\r\n", Reason.EMPTY_FILE, ""),
    "CR alone, no header": (b"2026-01,x,teams\r2026-02,x\r", Reason.UNKNOWN_COLUMNS, "2026-01"),
    "a missing column": (b"month,tenant_id\n", Reason.MISSING_COLUMNS, "paid_units"),
    "a column twice": (f"{HEADER},month\n".encode(), Reason.REPEATED_COLUMNS, "month"),
}


@pytest.mark.parametrize("content, reason, value", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read(content, reason, value):
    loaded = load(io.BytesIO(content))

    assert (loaded.state, counts(loaded)) == (State.FAILED, (0, 0, 0, 0))
    assert reasons(loaded) == [(1, reason)]
    assert value in loaded.problems.get().describe()


def many_lines(tenants, *, months=25):
    return [
        workload_line(tenant, code, month=f"{2024 + number // 12}-{number % 12 + 1:02}")
        for tenant in tenants
        for code in ("teams", "exchange-online")
        for number in range(months)
    ]


def test_the_number_of_queries_grows_with_batches_not_rows(tenant, monkeypatch):
    monkeypatch.setattr(UsageKind, "batch", 100)
    tenants = [tenant, *cast.TenantFactory.create_batch(39)]
    lines = many_lines(tenants)
    assert len(lines) == 2_000

    with CaptureQueriesContext(connection) as queries:
        loaded = load(make_file(*lines))

    assert counts(loaded) == (2_000, 0, 0, 0)
    assert WorkloadUsage.objects.count() == 2_000
    # A batch: begin, tenants, products, what is there, insert, count, what of it is official, commit.
    assert len(queries) <= 20 * 8 + 5
    assert load(make_file(*lines)).rows_same == 2_000


def test_a_fault_in_the_middle_loses_nothing_and_goes_on(tenant, monkeypatch):
    monkeypatch.setattr(UsageKind, "batch", 10)
    content = make_file(*many_lines([tenant]), "rubbish").getvalue()
    upload = SimpleUploadedFile("usage.csv", content)
    calls = []

    def break_at_third(rows):
        calls.append(len(rows))
        if len(calls) == 3:
            raise ConnectionError("the database went away")
        save_found(rows)

    save_found = loading.save_found
    with monkeypatch.context() as patch:
        patch.setattr(loading, "save_found", break_at_third)
        with pytest.raises(ConnectionError):
            receiving.receive_file(upload, USAGE, actor=None, now=timezone.now())
    broken = ImportFile.objects.get()
    assert (broken.state, broken.rows_done, broken.rows_new) == (State.LOADING, 20, 20)
    assert WorkloadUsage.objects.count() == 20

    tasks.load_files()
    assert ImportFile.objects.get().rows_done == 20, "another process may still be loading it"
    with time_machine.travel(timezone.now() + receiving.LEASE * 2, tick=False):
        tasks.load_files()

    repaired = ImportFile.objects.get()
    assert (repaired.state, counts(repaired)) == (State.DONE, (50, 0, 0, 1))
    assert reasons(repaired) == [(52, Reason.FIELD_COUNT)]
    assert WorkloadUsage.objects.count() == 50


def test_a_load_that_goes_on_still_knows_the_earlier_rows(tenant, monkeypatch):
    monkeypatch.setattr(UsageKind, "batch", 2)
    first, last, again = (workload_line(tenant, month=f"2026-0{n}", users=n) for n in (1, 3, 1))
    content = make_file(first, "rubbish", last, again).getvalue()
    stored = keep(content, state=State.LOADING, rows_done=2, rows_new=1, attempts=1)

    with time_machine.travel(timezone.now() + receiving.LEASE * 2, tick=False):
        receiving.load_stored(stored.pk, KINDS, now=timezone.now())

    assert reasons(stored) == [(5, Reason.DUPLICATE)]


def test_a_load_that_breaks_off_again_and_again_is_given_up():
    stored = keep(b"x", state=State.LOADING, attempts=receiving.MAX_ATTEMPTS)

    with time_machine.travel(timezone.now() + receiving.LEASE * 2, tick=False):
        tasks.load_files()
        tasks.load_files()

    stored.refresh_from_db()
    assert stored.state == State.FAILED
    assert reasons(stored) == [(1, Reason.GAVE_UP)]


def test_a_lost_file_is_said_to_be_lost():
    stored = keep(b"x")
    stored.file.storage.delete(stored.file.name)

    tasks.load_files()

    stored.refresh_from_db()
    assert (stored.state, reasons(stored)) == (State.FAILED, [(1, Reason.FILE_LOST)])


def test_only_one_process_takes_a_load(tenant, monkeypatch):
    stored = keep(make_file(workload_line(tenant)).getvalue())
    real_load, loads = receiving.run_file, []

    def load_while_another_tries(file, content, kind, **kwargs):
        loads.append(file.attempts)
        receiving.load_stored(file.pk, KINDS, now=timezone.now())
        real_load(file, content, kind, **kwargs)

    monkeypatch.setattr(receiving, "run_file", load_while_another_tries)
    stale = ImportFile.objects.get(pk=stored.pk)
    receiving.load_stored(stored.pk, KINDS, now=timezone.now())

    assert loads == [1]
    assert not receiving._take(stale)
    stored.refresh_from_db()
    assert counts(stored) == (1, 0, 0, 0)


def test_a_load_that_another_began_and_left_is_not_taken_on_old_knowledge():
    stored = keep(b"x")
    left_at = timezone.now() - receiving.LEASE * 2
    ImportFile.objects.filter(pk=stored.pk).update(
        state=State.LOADING, attempts=1, touched_at=left_at
    )

    assert not receiving._take(stored)
    assert receiving._take(stored)  # it has been read again


def test_a_load_taken_over_writes_nothing_more(tenant):
    taken = ImportFile.objects.create(name="x", state=State.LOADING, attempts=1)
    ImportFile.objects.update(attempts=2)

    with pytest.raises(engine.LoadTakenOver):
        engine.run_file(taken, make_file(workload_line(tenant)), USAGE, now=timezone.now())

    assert workload_figures() == []


def test_a_loaded_file_is_not_kept(tenant):
    stored = keep(make_file(workload_line(tenant)).getvalue())
    name, storage = stored.file.name, stored.file.storage
    assert storage.exists(name)

    tasks.load_files()

    stored.refresh_from_db()
    assert (stored.state, stored.file.name) == (State.DONE, "")
    assert not storage.exists(name)


def keep(content, **fields):
    return ImportFile.objects.create(
        name="usage.csv",
        file=SimpleUploadedFile("usage.csv", content),
        size=len(content),
        **fields,
    )


def test_progress_adds_up_to_the_size(tenant, monkeypatch):
    monkeypatch.setattr(UsageKind, "batch", 10)
    file, steps = make_file(*many_lines([tenant]), "", ""), []

    loaded = load(file, progress=steps.append)

    assert len(steps) >= 5
    assert sum(steps) == loaded.size == loaded.bytes_done == len(file.getvalue())


def test_the_command_loads_and_sums_up(tenant, tmp_path, capsys):
    path = tmp_path / "usage.csv"
    path.write_bytes(make_file(workload_line(tenant)).getvalue())
    user = cast.UserFactory(email="Ana@staff.example")

    call_command("import_usage", str(path), "--user=ana@STAFF.example")

    assert capsys.readouterr().out == "1 new, 0 changed, 0 unchanged, 0 bad.\n"
    loaded = ImportFile.objects.get()
    assert (loaded.loaded_by, loaded.name) == (user, "usage.csv")
    assert len(loaded.sha256) == 64


def test_the_command_names_bad_rows_and_exits_with_1(tenant, tmp_path, capsys):
    path = tmp_path / "usage.csv"
    path.write_bytes(make_file(workload_line(tenant), workload_line(tenant, "nope")).getvalue())

    with pytest.raises(SystemExit) as stopped:
        call_command("import_usage", str(path))

    said = capsys.readouterr()
    assert stopped.value.code == 1
    assert said.out == "1 new, 0 changed, 0 unchanged, 1 bad.\n"
    assert said.err == "line 3: No product has the code “nope”.\n"


def test_the_command_exits_with_2_for_what_it_cannot_read(tmp_path, capsys):
    path = tmp_path / "usage.csv"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(CommandError, match="nothing was loaded") as stopped:
        call_command("import_usage", str(path))

    assert stopped.value.returncode == 2
    assert "CSV UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("no-such-file.csv",), ("/",), (__file__, "--user=x@y.z")])
def test_the_command_exits_with_2_before_it_begins(arguments):
    with pytest.raises(CommandError) as stopped:
        call_command("import_usage", *arguments)

    assert stopped.value.returncode == 2
    assert not ImportFile.objects.exists()
