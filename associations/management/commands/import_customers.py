from associations.imports.command import ImportCommand
from associations.set_up.customers import CUSTOMERS


class Command(ImportCommand):
    help = "Imports customers with their domains and registered contacts (docs/imports.md)."
    kind = CUSTOMERS
