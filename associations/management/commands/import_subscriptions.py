from associations.imports.command import ImportCommand
from associations.set_up.subscriptions import SUBSCRIPTIONS


class Command(ImportCommand):
    help = "Imports subscriptions (docs/imports.md)."
    kind = SUBSCRIPTIONS
