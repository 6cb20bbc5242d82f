from django.core.management.base import BaseCommand

from partners import staff_groups


class Command(BaseCommand):
    help = (
        "Make those of the staff's groups that are missing (migrating does so too). A group that is "
        "there already keeps what you changed; --reset gives it the permissions of this version."
    )

    def add_arguments(self, parser):
        parser.add_argument("--reset", action="store_true", help="set existing groups back too")

    def handle(self, *, reset: bool, **_options):
        for group in staff_groups.make_staff_groups(reset=reset):
            self.stdout.write(f"{group.name}: {group.permissions.count()} permissions")
