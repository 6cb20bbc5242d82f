from django.core.management.base import BaseCommand

from associations.filing.catalogue import count_catalogue, load_catalogue


class Command(BaseCommand):
    help = "Adds what is missing of the shipped catalogue; what staff changed stays as it is."

    def handle(self, *args, **options):
        added = load_catalogue()
        there = ", ".join(f"{number} {name}" for name, number in count_catalogue().items())
        done = f"{added} rows added" if added else "Nothing was missing (migrating loads it too)"
        self.stdout.write(f"{done}. There are {there}.")
