from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from associations.claims.history import find_broken_link
from associations.claims.lifecycle import lock_claim
from associations.models import Claim

#: Claims read at a time, with their history.
CHUNK = 500


class Command(BaseCommand):
    help = "Verifies that no row of the claims' history was changed, added or removed [R49]."

    def add_arguments(self, parser):
        parser.add_argument(
            "references", nargs="*", metavar="REFERENCE", help="Check only these claims."
        )

    def handle(self, *args, references=(), **options):
        claims = Claim.objects.order_by("pk")
        if references:
            claims = claims.filter(reference__in=references)
            if unknown := set(references) - set(claims.values_list("reference", flat=True)):
                raise CommandError(f"There is no claim {', '.join(sorted(unknown))}.")
        checked, broken = 0, []
        rows = claims.prefetch_related("events").iterator(chunk_size=CHUNK)
        for claim in tqdm(rows, total=claims.count(), unit=" claims", disable=None):
            checked += 1
            if find_broken_link(claim) and (number := check_again(claim)):
                broken.append(claim.reference)
                self.stdout.write(
                    f"{claim.reference}: row {number} of the history is not as it was written."
                )
        if broken:
            raise CommandError(
                f"Claims with a history that was changed: {len(broken)} of {checked}."
            )
        self.stdout.write(f"Claims checked: {checked}. Every history is complete and unchanged.")


def check_again(claim: Claim) -> int | None:
    """Look again under the claim's lock: a row may have been added between claim and history."""
    with transaction.atomic():
        return find_broken_link(lock_claim(claim.pk))
