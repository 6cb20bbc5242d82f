import datetime as dt

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce

from ..enums import Status

#: The sort key of a claim without a deadline: after every deadline.
NO_DEADLINE = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def make_due_key() -> Case:
    """Return the expression by which the partner's list sorts by deadline; indexes must have the same.

    A rejection counts as having no deadline: its stored instant is the end of the time to dispute. It
    stays on the row after it has passed, and would push claims with a deadline out of sight.
    """
    none = Value(NO_DEADLINE, output_field=models.DateTimeField())
    return Case(
        When(status=Status.REJECTED, then=none),
        default=Coalesce(F("due_at"), none),
        output_field=models.DateTimeField(),
    )
