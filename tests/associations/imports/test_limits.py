"""What a report keeps and says, whom it is shown to, and what a file may hold [R38], [R47], [R60]."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from associations.enums import Channel, RowOutcome, SubscriptionState
from associations.filing.bulk import ClaimKind
from associations.importable import KINDS
from associations.imports import engine, receiving, xlsx_tables
from associations.imports.kinds import Run
from associations.imports.reports import find_earlier
from associations.imports.rows import Plan
from associations.models import Claim, ImportFile, RowReason, Subscription
from associations.set_up.customers import CUSTOMERS, CustomerKind
from associations.set_up.subscriptions import SUBSCRIPTIONS
from tests import cast

from .made_files import STRINGS, good, make_csv, make_workbook, share_texts, stored
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


def rows_of(kind, number, *, start=1):
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
    return [make(n) for n in range(start, start + number)]


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


@pytest.mark.parametrize("is_trial", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_looked_up_with_a_fixed_number_of_queries(world, kind, is_trial):
    """Kinds whose rows start a process of their own (an invitation, a draft) are saved one by one."""
    if not is_trial and kind not in ("subscriptions", "usage"):
        return
    for n in range(1, 16):
        cast.LocationFactory(partner_code=f"{6000000 + n}")
    counted = []
    for start, number in (
        (1, 1),
        (2, 1),
        (3, 12),
    ):  # what a first run reads for good is not counted
        content = make_csv(kind, *rows_of(kind, number, start=start))
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
    assert not receiving.confirm(file, CUSTOMERS, now=NOW)
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


@pytest.mark.parametrize("name", [STRINGS, "xl/worksheets/texts.xml"])
def test_the_texts_of_a_workbook_have_a_limit_whatever_their_part_is_called(
    world, monkeypatch, name
):
    """All of them are read at once: 12 kB of upload can be a million texts, and seconds of work."""
    monkeypatch.setattr(xlsx_tables, "PART_MAX", 20_000)
    rows = [customer(number) for number in range(1, 200)]
    content = make_workbook("customers", *rows)
    assert run(world, "customers", content).rows_new == 199

    file = run(world, "customers", share_texts(content, name=name))

    assert [row.reason for row in file.problems.all()] == [Reason.NOT_A_WORKBOOK]
