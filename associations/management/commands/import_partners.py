from associations.imports.command import ImportCommand
from associations.set_up.partners import PARTNERS


class Command(ImportCommand):
    help = "Imports partners with their locations and enrollments (docs/imports.md)."
    kind = PARTNERS
