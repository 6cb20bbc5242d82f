"""Reading cells: a value, or a RowError that names the column."""

import datetime as dt
import re
import uuid
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from cpor_site.web.identifiers import drop_hidden, make_hyphens_plain, read_uuid

from ..models import RowReason
from .rows import RowError

Fields = Mapping[str, str]

#: The largest PositiveIntegerField in both databases.
MAX_NUMBER = 2_147_483_647
#: Whatever people put between several values in one cell.
_BETWEEN = re.compile(r"[\s,;|]+")
_NUMBER = re.compile(r"-?\d+", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: 00:00:00)?", re.ASCII)
#: How a spreadsheet writes a number of many digits: 1.23E+15, in some languages 1,23E+15.
_EXPONENT = re.compile(r"-?\d+(?:[.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)


def read_plain(value: str) -> str:
    """Return a code or number without invisible characters and with plain hyphens; digits stay."""
    if value.isascii() and value.isprintable():
        return value  # the usual case, in files of a million lines
    return make_hyphens_plain(drop_hidden(value)).strip()


def split_cell(text: str) -> list[str]:
    """Return the codes, IDs or domains of a cell, each once, in their order."""
    return list(dict.fromkeys(filter(None, _BETWEEN.split(read_plain(text)))))


def require(fields: Fields, column: str) -> str:
    """Return a value that must be there."""
    if not fields[column]:
        raise RowError(RowReason.MISSING_VALUE, column=column)
    return fields[column]


def require_empty(fields: Fields, columns: Collection[str], *, without: str = "") -> None:
    """Refuse a row that fills in what does not belong to its kind, or needs the column ``without``."""
    filled = next((name for name in columns if fields[name]), None)
    if filled and without:
        raise RowError(RowReason.ALONE, column=filled, value=without)
    if filled:
        raise RowError(RowReason.MIXED, column=filled)


def read_id(fields: Fields, column: str) -> uuid.UUID:
    """Return an ID of 32 hexadecimal digits; say so if a spreadsheet made a number of it."""
    text = require(fields, column)
    _refuse_number(text, column)
    try:
        return read_uuid(text)
    except ValueError:
        raise RowError(RowReason.BAD_ID, column=column, value=text) from None


def _refuse_number(text: str, column: str) -> None:
    if _EXPONENT.fullmatch(text):
        raise RowError(RowReason.AS_NUMBER, column=column, value=text)


def read_number(fields: Fields, column: str) -> int:
    """Return a whole number that fits a PositiveIntegerField."""
    text = read_plain(require(fields, column))
    if not _NUMBER.fullmatch(text):
        raise RowError(RowReason.NOT_A_NUMBER, column=column, value=text)
    if text.startswith("-"):
        raise RowError(RowReason.NEGATIVE, column=column, value=text)
    if len(text) > 20 or int(text) > MAX_NUMBER:  # noqa: PLR2004 - int() of endless digits is slow
        raise RowError(RowReason.TOO_LARGE, column=column, value=text)
    return int(text)


def read_date(fields: Fields, column: str) -> dt.date | None:
    """Return a date, or None if the cell is empty."""
    text = read_plain(fields[column])
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        day = dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or day.year < 1900:  # noqa: PLR2004 - spreadsheets begin there
        raise RowError(RowReason.BAD_DATE, column=column, value=text)
    return day


def read_choice(
    fields: Fields, column: str, choices: type[models.TextChoices], *, default: str = ""
) -> str:
    """Return one of the codes of ``choices``, written in any case; ``default`` if the cell is empty."""
    text = read_plain(fields[column]).casefold()
    if not text and default:
        return default
    codes = _list_codes(choices)
    if require(fields, column) and text not in codes:
        raise RowError(RowReason.BAD_CHOICE, column=column, value=fields[column])
    return codes[text]


@cache
def _list_codes(choices: type[models.TextChoices]) -> dict[str, str]:
    return {value.casefold(): value for value in choices.values}


def read_field(fields: Fields, column: str, field: Any) -> Any:
    """Return the value as a form or model field cleans it, with the field's own words if it refuses.

    ``field`` is a form field, or a model field with all its validators.
    """
    text = fields[column]
    _refuse_number(text, column)
    try:
        if isinstance(field, models.Field):
            return field.clean(text, None) if text or not field.blank else ""
        return field.clean(text)
    except ValidationError as error:
        if not text:
            raise RowError(RowReason.MISSING_VALUE, column=column) from None
        words = " ".join(error.messages)
        raise RowError(RowReason.IN_WORDS, column=column, value=text, words=words) from None
