"""Emails to a partner's member about work of their own that no claim stands for."""

import datetime as dt

from django.utils.formats import number_format

from partners.models import Membership
from partners.people.seats import find_time_zone

from ..display.sentences import describe_deadline
from ..enums import ClaimEmail
from ..models import ClaimsExport
from .recipients import address_person
from .wording import absolute, queue


def claims_export_ready(
    export: ClaimsExport, *, membership: Membership, expires_at: dt.datetime | None
) -> None:
    """Send the link to a finished export to the person who asked for it, the holder of ``membership``."""
    person = membership.user
    zone = person.time_zone or find_time_zone(membership)
    queue(
        ClaimEmail.CLAIMS_EXPORT_READY,
        key=f"claims-export:{export.pk}",
        to=address_person(person),
        values={
            "partner": membership.partner.name,
            "claims": lambda: number_format(export.rows_done, use_l10n=True, force_grouping=True),
            "kept_until": lambda: describe_deadline(expires_at, zone),
            "url": absolute(export.get_absolute_url()),
        },
    )
