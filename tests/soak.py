"""What ``make soak`` runs at full size, and ``make test`` in a short version."""

import os
import zlib
from collections.abc import Callable, Iterable

IS_SOAK = bool(os.environ.get("CPOR_SOAK"))


def choose(cases: Iterable, *, one_in: int, by: Callable = repr) -> list:
    """Return one in so many of the cases, always the same ones; all of them in ``make soak``.

    ``by`` names a case by what is the same in each run.
    """
    share = 1 if IS_SOAK else one_in
    return [each for each in cases if zlib.crc32(by(each).encode()) % share == 0]
