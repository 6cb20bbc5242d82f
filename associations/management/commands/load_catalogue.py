from django.core.management.base import BaseCommand

from associations.catalogue import load_catalogue


class Command(BaseCommand):
    help = "Adds what is missing of the shipped catalogue; what staff changed stays as it is."

    def handle(self, *args, **options):
        self.stdout.write(f"{load_catalogue()} rows added.")
