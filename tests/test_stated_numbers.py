"""The numbers that a requirement or docs/operations.md states are those in the code.

Other tests work with the constants themselves, whatever they say; here each stands as it was promised.
"""

import datetime as dt

import pytest

from associations import references
from associations.filing import comments
from associations.finalisation import parking
from associations.imports import receiving
from associations.lists import export_files
from associations.proof import documents
from associations.review import figures, staff_reminders
from associations.usage import recommendations
from notifications import bounces, outcomes, sending_state
from partners.audit import access_record
from partners.people import invitation_limits, invitations
from partners.sign_in import one_time_codes

SECOND, MINUTE, HOUR, DAY = (
    dt.timedelta(**{each: 1}) for each in ("seconds", "minutes", "hours", "days")
)


@pytest.mark.parametrize(
    ("module", "name", "stated"),
    [
        (documents, "BYTES_MAX", 25 * 1024 * 1024),  # R11
        (documents, "FILES_MAX", 10),  # R11
        (references, "CLAIM_LENGTH", 6),
        (references, "ASSOCIATION_LENGTH", 8),
        (staff_reminders, "LATE_FOR", 14 * DAY),
        (figures, "AT_ONCE", 400),
        (figures, "SETTLED", HOUR),
        (comments, "SECOND_CLICK", 30 * SECOND),
        (receiving, "MAX_UPLOAD_BYTES", 50 * 1024 * 1024),
        (receiving, "MAX_ATTEMPTS", 5),
        (export_files, "OPEN_MAX", 3),  # as the page says in words
        (export_files, "MAX_ATTEMPTS", 5),
        (export_files, "LEASE", 2 * MINUTE),
        (recommendations, "MANY_UNASSIGNED", 20),  # percent, as the page says in words
        (recommendations, "MANY_UNUSED", 25),
        (recommendations, "LITTLE_USE", 40),
        (recommendations, "NEARLY_FULL", 90),
        (recommendations, "NOTABLE_CHANGE", 10),
        (parking, "SHORTEST_PAUSE", MINUTE),
        (parking, "LONGEST_PAUSE", 6 * HOUR),
        (outcomes, "MAX_ATTEMPTS", 20),
        (outcomes, "FIRST_PAUSE", 30 * SECOND),
        (outcomes, "LONGEST_PAUSE", 6 * HOUR),
        (sending_state, "FIRST_PAUSE", 30 * SECOND),
        (sending_state, "LONGEST_PAUSE", 10 * MINUTE),
        (bounces, "LONGEST_WAY", 7 * DAY),
        (bounces, "SKEW", 5 * MINUTE),
        (invitations, "LIFETIME", 14 * DAY),
        (invitation_limits, "BY_PARTNER", 60),
        (invitation_limits, "BY_ADDRESS", 5),
        (access_record, "ONE_LOOK", HOUR),
        (one_time_codes, "PERIOD", 30),  # seconds, RFC 6238
        (one_time_codes, "DIGITS", 6),
    ],
)
def test_a_number_is_as_it_was_promised(module, name, stated):
    assert getattr(module, name) == stated
