import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from tqdm import tqdm

from associations.models import UsageImport
from associations.usage.loading import load_usage
from partners.models import User
from partners.sign_in.addresses import find_person


class Command(BaseCommand):
    help = (
        "Loads a CSV file of usage (docs/usage-files.md). Good rows are kept, bad ones named on "
        "stderr by line. Exit code: 0 all well, 1 some rows were bad, 2 the file cannot be read."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="The CSV file.")
        parser.add_argument("--user", metavar="EMAIL", help="For whom the load is recorded.")

    def handle(self, *_args, file, user=None, **_options):
        with translation.override("en"):
            usage_import = self._load(file, actor=find_user(user) if user else None)
            for problem in usage_import.problems.iterator():
                self.stderr.write(f"line {problem.line}: {problem.describe()}")
            if unlisted := usage_import.count_unlisted():
                self.stderr.write(f"and {unlisted} more bad rows, which are not listed")
            self._sum_up(usage_import)

    def _load(self, path: Path, *, actor: User | None) -> UsageImport:
        try:
            with (
                path.open("rb") as file,
                tqdm(total=path.stat().st_size, unit="B", unit_scale=True, disable=None) as bar,
            ):
                return load_usage(file, name=path.name, actor=actor, progress=bar.update)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from error

    def _sum_up(self, loaded: UsageImport) -> None:
        if loaded.state == UsageImport.State.FAILED:
            raise CommandError(f"{loaded.name} cannot be read; nothing was loaded.", returncode=2)
        self.stdout.write(
            f"{loaded.rows_new} new, {loaded.rows_changed} changed, {loaded.rows_same} unchanged, "
            f"{loaded.rows_bad} bad."
        )
        if loaded.rows_bad:
            sys.exit(1)


def find_user(email: str) -> User:
    """The person with this email; raises CommandError where there is none."""
    user = find_person(email)
    if user is None:
        raise CommandError(f"No user has the email {email}.", returncode=2)
    return user
