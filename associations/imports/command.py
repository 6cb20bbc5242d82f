"""What the commands ``import_…`` share: one per kind of import, for files on this machine."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from tqdm import tqdm

from partners.models import User
from partners.sign_in.addresses import find_person

from ..enums import RowOutcome
from ..models import ImportFile
from .kinds import Kind
from .receiving import load_from_disk


class ImportCommand(BaseCommand):
    """Loads a file, or only checks it. Exit code: 0 all well, 1 some rows were bad, 2 unreadable."""

    #: Must someone be named, in whose name emails go out?
    needs_user = False

    kind: Kind

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="The CSV or XLSX file.")
        parser.add_argument(
            "--user",
            metavar="EMAIL",
            required=self.needs_user,
            help="For whom the load is recorded.",
        )
        parser.add_argument(
            "--check", action="store_true", help="Say what would happen; save nothing."
        )

    def handle(self, *_args, file, user=None, check=False, **_options):
        with translation.override("en"):
            actor = find_user(user) if user else None
            loaded = self._load(file, actor=actor, is_trial=check)
            for row in loaded.rows.filter(outcome=RowOutcome.CHANGED):
                self.stdout.write(f"line {row.line}: {row.title}: {_describe(row.changes)}")
            for problem in loaded.problems.iterator():
                self.stderr.write(f"line {problem.line}: {problem.describe()}")
            if unlisted := loaded.count_unlisted():
                self.stderr.write(f"and {unlisted} more bad rows, which are not listed")
            self._sum_up(loaded)

    def _load(self, path: Path, *, actor: User | None, is_trial: bool) -> ImportFile:
        try:
            with (
                path.open("rb") as file,
                tqdm(total=path.stat().st_size, unit="B", unit_scale=True, disable=None) as bar,
            ):
                return load_from_disk(
                    file,
                    self.kind,
                    name=path.name,
                    actor=actor,
                    now=timezone.now(),
                    is_trial=is_trial,
                    progress=bar.update,
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from error

    def _sum_up(self, loaded: ImportFile) -> None:
        if loaded.state == ImportFile.State.FAILED:
            done = f"{loaded.rows_done} rows were" if loaded.rows_done else "nothing was"
            raise CommandError(f"{loaded.name} cannot be read; {done} loaded.", returncode=2)
        self.stdout.write(
            f"{loaded.rows_new} new, {loaded.rows_changed} changed, {loaded.rows_same} unchanged, "
            f"{loaded.rows_bad} bad."
        )
        if loaded.rows_bad:
            sys.exit(1)


def find_user(email: str) -> User:
    """Return the person with this email; raise CommandError if there is none."""
    user = find_person(email)
    if user is None:
        raise CommandError(f"No user has the email {email}.", returncode=2)
    return user


def _describe(changes: list[list[str]]) -> str:
    return "; ".join(
        f"{column}: {old or 'empty'} → {new or 'empty'}" for column, old, new in changes
    )
