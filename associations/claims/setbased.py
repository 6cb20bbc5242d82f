"""SQL for many rows at once, on both databases: names of tables, dialect, parameters.

Statements are constants of this project: ``str.format`` only inserts table names and the dialect's words;
every value is a parameter.
"""

import datetime as dt
import json
from typing import cast

from django.db import connection

from notifications.models import Message
from partners.models import Location, Membership, Partner, User

from ..models import (
    Association,
    Claim,
    Contact,
    CustomerNotice,
    Event,
    MediationCase,
    Product,
    SlotHolding,
    Subscription,
    Tenant,
)

TABLES = {
    "claim": Claim._meta.db_table,
    "association": Association._meta.db_table,
    "holding": SlotHolding._meta.db_table,
    "event": Event._meta.db_table,
    "message": Message._meta.db_table,
    "notice": CustomerNotice._meta.db_table,
    "contact": Contact._meta.db_table,
    "product": Product._meta.db_table,
    "subscription": Subscription._meta.db_table,
    "mediation": MediationCase._meta.db_table,
    "tenant": Tenant._meta.db_table,
    "partner": Partner._meta.db_table,
    "location": Location._meta.db_table,
    "user": User._meta.db_table,
    "membership": Membership._meta.db_table,
    "membership_location": Membership.locations.through._meta.db_table,
}

#: What differs between the databases, by the name used in the statements.
DIALECT = {
    "postgresql": {
        "locked": "FOR UPDATE OF c SKIP LOCKED",
        "listed_ids": "string_agg(CAST(id AS text), ',' ORDER BY due_at, id)",
        "in_ids": "= ANY(CAST(%(ids)s AS bigint[]))",
        "names": "string_agg(m.name, E'\\n' ORDER BY m.id)",
        "line_end": "E'\\n'",
        "object": "jsonb_build_object",
        "instant": "CAST(%(at)s AS timestamptz)",
        "taken": "SELECT jsonb_array_elements_text(CAST(%(taken)s AS jsonb))",
    },
    "sqlite": {
        "locked": "",  # a writer has the database to itself
        "listed_ids": "group_concat(id)",
        "in_ids": "IN (SELECT value FROM json_each(%(ids)s))",
        "names": "group_concat(m.name, char(10))",
        "line_end": "char(10)",
        "object": "json_object",
        "instant": "%(at)s",
        "taken": "SELECT value FROM json_each(%(taken)s)",
    },
}


def phrase(statement: str) -> str:
    """Put table names and the dialect of the database in use into a statement."""
    return statement.format(**TABLES, **DIALECT[connection.vendor])


def bind_ids(ids: list[int]) -> str:
    """Return the parameter for ``{in_ids}``: text, since a list would be quoted again at each use."""
    listed = json.dumps(ids)
    return f"{{{listed[1:-1]}}}" if connection.vendor == "postgresql" else listed


def bind_instant(instant: dt.datetime) -> dt.datetime | str:
    """Return an aware instant as the database in use stores it."""
    # It returns None only for None.
    return cast("dt.datetime | str", connection.ops.adapt_datetimefield_value(instant))
