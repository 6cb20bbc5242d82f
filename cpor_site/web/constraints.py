"""Which database constraint a write violated, so that one meaning is never mistaken for another."""

from django.db import IntegrityError, connection
from django.db.models import Model, UniqueConstraint


def is_violation_of(error: BaseException, model: type[Model], *names: str) -> bool:
    """Return whether ``error`` says that one of these constraints of ``model`` failed.

    ``names`` are names of constraints, or of fields with ``unique=True``. Call this outside the failed
    transaction: PostgreSQL answers no queries inside it.
    """
    if not isinstance(error, IntegrityError):
        return False
    diagnosis = getattr(error.__cause__, "diag", None)  # psycopg's; SQLite has only its sentence
    if diagnosis is None:
        return any(str(error).endswith(f": {_read_name(model, each)}") for each in names)
    failed = diagnosis.constraint_name or ""
    return failed in names or _find_columns(model, failed) in [[each] for each in names]


def _read_name(model: type[Model], name: str) -> str:
    """Return what SQLite calls a constraint: its columns, or its index if it is on an expression."""
    for constraint in model._meta.constraints:
        if constraint.name == name:
            fields = constraint.fields if isinstance(constraint, UniqueConstraint) else ()
            return _list_columns(model, fields) if fields else f"index '{name}'"
    return _list_columns(model, [name])


def _list_columns(model: type[Model], fields) -> str:
    options = model._meta
    columns = (getattr(options.get_field(each), "column", each) for each in fields)
    return ", ".join(f"{options.db_table}.{column}" for column in columns)


def _find_columns(model: type[Model], failed: str) -> list[str]:
    """Return the columns of a constraint that PostgreSQL named itself, as it does for ``unique=True``."""
    with connection.cursor() as cursor:
        known = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return known[failed]["columns"] if failed in known else []
