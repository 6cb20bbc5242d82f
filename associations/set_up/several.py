"""Several values in one cell."""

from ..imports.cells import Fields, read_field, split_cell
from ..imports.rows import RowError
from ..models import RowReason


def read_domains(
    fields: Fields, column: str, model, *, is_required: bool = True
) -> tuple[str, ...]:
    """Return the domains of a cell as ``model`` stores them; raise RowError for one that is none."""
    field = model._meta.get_field("domain")
    given = split_cell(fields[column])
    if is_required and not given:
        raise RowError(RowReason.MISSING_VALUE, column=column)
    return tuple(dict.fromkeys(read_field({column: each}, column, field) for each in given))
