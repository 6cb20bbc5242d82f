"""The search for breaks that no test notices, in short: what it makes of a file, and three trials."""

from pathlib import Path

import pytest

from tests.mutants.breaks import Source, find_breaks, is_valid
from tests.mutants.sample import CORE, choose, list_files, read_equivalent
from tests.mutants.trial import Bench

ROOT = Path(__file__).parents[1]
SAMPLE = '''
from django.db import transaction


@transaction.atomic
def close(claim, at, by):
    """Close what is due: SELECT nothing here, AND change nothing."""
    fresh = Claim.objects.select_for_update().filter(pk=claim.pk, due_at__lte=at).first()
    if fresh is None or not fresh.is_open:
        raise ValueError
    fresh.status = Status.ENDED
    tell(at, by)
    return fresh.number > 3


STATEMENT = "SELECT id FROM claim WHERE a = 1 AND b <> 2"
'''


@pytest.fixture
def broken(tmp_path):
    (tmp_path / "sample.py").write_text(SAMPLE)
    source = Source(tmp_path, "sample.py")
    found = [each for each in find_breaks(source) if is_valid(source, each)]
    return {(each.kind, each.after) for each in found}


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("transaction dropped", "#"),
        ("lock dropped", "fresh = Claim.objects.all().filter(pk=claim.pk, due_at__lte=at).first()"),
        ("filter dropped", "fresh = Claim.objects.select_for_update().all().first()"),
        (
            "lookup",
            "fresh = Claim.objects.select_for_update().filter(pk=claim.pk, due_at__lt=at).first()",
        ),
        ("comparison", "if fresh is not None or not fresh.is_open:"),
        ("and/or", "if fresh is None and not fresh.is_open:"),
        ("not dropped", "if fresh is None or (fresh.is_open):"),
        ("refusal dropped", "pass"),
        ("assignment dropped", "pass"),
        ("call dropped", "pass"),
        ("arguments swapped", "tell(by, at)"),
        ("comparison", "return fresh.number >= 3"),
        ("comparison", "return fresh.number <= 3"),
        ("off by one", "return fresh.number > 4"),
        ("SQL condition dropped", 'STATEMENT = "SELECT id FROM claim WHERE a = 1 "'),
        ("SQL", 'STATEMENT = "SELECT id FROM claim WHERE a = 1 AND b = 2"'),
    ],
)
def test_a_file_is_broken_in_each_way(broken, kind, after):
    assert (kind, after) in broken


def test_words_are_left_alone(broken):
    assert not [after for _, after in broken if after.startswith('"""')]


def test_the_same_seed_chooses_the_same_breaks_and_another_seed_others():
    first, again, other = (
        [each.key for each in choose(ROOT, count=150, seed=seed)] for seed in (1, 1, 2)
    )
    assert first == again != other
    assert len(set(first)) > 140


def test_every_place_of_the_core_is_there():
    assert [place for place in CORE if not list_files(ROOT, [place])] == []


def test_each_break_that_is_excused_still_exists():
    files = list_files(ROOT, CORE)
    keys = {each.key for path in files for each in find_breaks(Source(ROOT, path))}
    assert read_equivalent() <= keys


def test_a_break_is_noticed_by_the_tests_of_its_line_and_by_no_others(tmp_path):
    bench = Bench(ROOT, tmp_path / "copy")
    path = "associations/claims/business_days.py"
    each = next(
        each for each in find_breaks(Source(ROOT, path)) if "FRIDAY_SATURDAY =" in each.before
    )
    whole = (bench.folder / path).read_bytes()
    assert bench.is_noticed(each, ["tests/associations/claims/test_business_days.py"])
    assert not bench.is_noticed(each, ["tests/associations/test_references.py"])
    assert not bench.is_noticed(each, [])
    assert (bench.folder / path).read_bytes() == whole
