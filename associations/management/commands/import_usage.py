from associations.imports.command import ImportCommand
from associations.usage.loading import USAGE


class Command(ImportCommand):
    help = (
        "Loads a CSV or XLSX file of usage (docs/usage-files.md). Good rows are kept, bad ones named on "
        "stderr by line. Exit code: 0 all well, 1 some rows were bad, 2 the file cannot be read."
    )
    kind = USAGE
