"""What `make bench` measures: one module ``bench_<name>.py`` a subject, each with

    def run(database_url: str) -> list[Row]

called in a process of its own on an empty PostgreSQL database (fsync on), with Django's environment
set but neither set up nor migrated. Targets are ratios taken in one run wherever that is possible, so
that they hold on any machine.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table; ``target`` is a floor, or a ceiling where ``at_most`` is set."""

    name: str
    measured: float
    target: float
    unit: str = "x"
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        if self.at_most:
            return self.measured <= self.target
        return self.measured >= self.target
