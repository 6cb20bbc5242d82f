from associations.imports.command import ImportCommand
from associations.set_up.people import PEOPLE


class Command(ImportCommand):
    help = "Imports the first admins to invite (docs/imports.md)."
    kind = PEOPLE
    needs_user = True
