from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from associations.pruning import prune


class Command(BaseCommand):
    help = (
        "Removes what is old, as the daily task does: sessions, values of emails, drafts, reports."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="Count what is old, and change nothing."
        )

    def handle(self, *args, dry_run=False, **options):
        pruned = prune(now=timezone.now(), is_dry_run=dry_run)
        for name, count in pruned.counts.items():
            self.stdout.write(f"{name}: {count}" + (" (not done: dry run)" if dry_run else ""))
        if pruned.failed:
            raise CommandError(f"Stopped by a fault, see the log: {', '.join(pruned.failed)}.")
