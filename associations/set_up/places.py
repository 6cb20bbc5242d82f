"""Countries, parts of countries and time zones in an imported row, by the rules of the forms [R5]."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.core.exceptions import ValidationError

from partners.validators import validate_country_part

from ..imports.cells import Fields, read_field
from ..imports.rows import RowError
from ..models import RowReason


class Place(NamedTuple):
    """Where a customer or location is."""

    country: str
    country_part: str
    time_zone: str


def read_place(fields: Fields, model) -> Place:
    """Return country, part of it and time zone of a row; raise RowError. ``model`` has the columns."""
    column = model._meta.get_field
    country = read_field(
        {**fields, "country": fields["country"].upper()}, "country", column("country")
    )
    part = fields["country_part"].upper().removeprefix(f"{country}-")
    try:
        validate_country_part(country, part)
    except ValidationError as error:
        words = " ".join(error.messages)
        raise RowError(RowReason.IN_WORDS, column="country_part", value=part, words=words) from None
    return Place(country, part, read_field(fields, "time_zone", column("time_zone")))


def keep_part(place: Place, old: Mapping[str, str] | None, columns: Collection[str]) -> Place:
    """Return the place with the part of its country that is stored, if the file has no column for it."""
    if old is None or "country_part" in columns or place.country != old["country"]:
        return place
    return place._replace(country_part=old["country_part"])
