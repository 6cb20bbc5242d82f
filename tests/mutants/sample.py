"""Which breaks are tried: a fair sample of the core, the same one each time for a seed."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from .breaks import Break, Source, find_breaks, is_valid

#: Where a wrong line costs a partner, a customer or an auditor something.
CORE = (
    *("associations/claims", "associations/contests", "associations/customer"),
    *("associations/emails", "associations/filing", "associations/finalisation"),
    *("associations/proof/documents.py", "associations/review", "associations/rules.py"),
    *(
        "associations/imports/engine.py",
        "associations/imports/receiving.py",
        "associations/usage/reading.py",
        "associations/pruning.py",
    ),
    *("partners/people", "partners/sign_in", "partners/audit", "partners/rules.py"),
    *("partners/access.py", "notifications/outbox.py", "notifications/leases.py"),
    *("notifications/outcomes.py", "notifications/delivery.py", "notifications/bounces.py"),
)
#: Largest share of one kind and of one file, so that no kind or file drowns the others.
KIND_SHARE, FILE_SHARE = 0.15, 0.04
EQUIVALENT = Path(__file__).with_name("equivalent.txt")


def choose(root: Path, *, count: int, seed: int, only: Iterable[str] = ()) -> list[Break]:
    """Return ``count`` breaks, or fewer where there are no more; ``only`` names files and folders."""
    harmless = read_equivalent()
    sources = {path: Source(root, path) for path in list_files(root, only or CORE)}
    found = [each for source in sources.values() for each in find_breaks(source)]
    found.sort(key=lambda each: each.order(seed))
    kinds: Counter[str] = Counter()
    files: Counter[str] = Counter()
    chosen = []
    for each in found:
        is_much = kinds[each.kind] >= count * KIND_SHARE
        if is_much or (not only and files[each.path] >= max(2, count * FILE_SHARE)):
            continue
        if each.key in harmless or not is_valid(sources[each.path], each):
            continue
        kinds[each.kind] += 1
        files[each.path] += 1
        chosen.append(each)
        if len(chosen) == count:
            break
    return sorted(chosen, key=lambda each: (each.path, each.start))


def list_files(root: Path, places: Iterable[str]) -> list[str]:
    """Return the Python files at ``places`` (relative to ``root``), each once."""
    files: dict[str, None] = {}
    for place in places:
        at = root / place
        for path in sorted(at.rglob("*.py")) if at.is_dir() else [at]:
            if path.exists():
                files[path.relative_to(root).as_posix()] = None
    return list(files)


def read_equivalent() -> set[str]:
    """Return the keys of breaks that change nothing anyone could see; each has its reason above it."""
    lines = EQUIVALENT.read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}
