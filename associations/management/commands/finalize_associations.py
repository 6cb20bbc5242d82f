import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from tqdm import tqdm

from associations.finalisation.sweep import CHUNK, finalise_due, look_again


class Command(BaseCommand):
    help = (
        "Makes official every approved claim whose window has closed, as the beat task does [R29]."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--now", metavar="ISO", help="Act as at this instant, e.g. 2026-11-28T00:00:00-03:00."
        )
        parser.add_argument("--chunk", type=int, default=CHUNK, help="Claims per transaction.")

    def handle(self, *args, now=None, chunk=CHUNK, **options):
        at = read_instant(now) if now else timezone.now()
        if chunk < 1:
            raise CommandError("--chunk must be at least 1.")
        with tqdm(unit=" claims", disable=None) as bar:
            outcome = finalise_due(at=at, chunk=chunk, progress=bar.update)
        again = look_again(at=at)
        self.stdout.write(
            f"{outcome.official} official, {outcome.rejected} refused by the customer, "
            f"{outcome.parked} parked."
        )
        if again.official or again.rejected:
            self.stdout.write(
                f"Of those parked before: {again.official} official, {again.rejected} refused."
            )


def read_instant(text: str) -> dt.datetime:
    """Read an ISO 8601 instant with its offset; raises CommandError for anything else."""
    try:
        instant = parse_datetime(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise CommandError(
            f"“{text}” is no instant. Give date, time and offset, such as 2026-11-27T18:00:00-03:00."
        )
    return instant
