from django.db import models
from django.utils.translation import gettext_lazy as _


class RowReason(models.TextChoices):
    """Labels may contain ``%(column)s`` and ``%(value)s``; ``describe`` fills them in.

    The field does not list them as choices, so that a sentence can change without a migration.
    """

    EMPTY_FILE = "empty-file", _("The file is empty. Its first line must name the columns.")
    MISSING_COLUMNS = (
        "missing-columns",
        _("These columns are missing from the first line: %(value)s."),
    )
    UNKNOWN_COLUMNS = (
        "unknown-columns",
        _("The first line has columns that are not part of the format: %(value)s."),
    )
    REPEATED_COLUMNS = (
        "repeated-columns",
        _("The first line repeats these columns: %(value)s."),
    )
    FILE_LOST = (
        "file-lost",
        _(
            "The file is no longer stored. What was saved until then is counted here; load the "
            "file again."
        ),
    )
    GAVE_UP = (
        "gave-up",
        _(
            "This was interrupted several times. What was saved until then is counted here; load "
            "the file again."
        ),
    )
    FILE_CHANGED = (
        "file-changed",
        _("The stored file is not the one that was uploaded. Load it again."),
    )
    TOO_MANY_ROWS = (
        "too-many-rows",
        _("The file has more than %(value)s rows. Split it into several files."),
    )
    PROTECTED = (
        "protected",
        _(
            "The file is protected by a password, or is in the old .xls format. Save it as .xlsx "
            "without a password, or as CSV."
        ),
    )
    NOT_A_WORKBOOK = (
        "not-a-workbook",
        _("This is neither CSV nor a workbook that can be opened. Save it again as .xlsx."),
    )
    NO_SHEET = (
        "no-sheet",
        _("Every sheet of the workbook is hidden. Show the one that holds the rows."),
    )
    FORMULA = (
        "formula",
        _("%(column)s contains a formula. Replace it with its value (paste as values)."),
    )
    CELL_ERROR = (
        "cell-error",
        _("%(column)s contains the spreadsheet's error %(value)s."),
    )
    AS_NUMBER = (
        "as-number",
        _(
            "%(column)s: a spreadsheet has turned this into the number %(value)s, and digits are "
            "lost. Format the column as text and enter it again."
        ),
    )
    MERGED = (
        "merged",
        _(
            "%(column)s is empty. The workbook has merged cells, of which only the first keeps "
            "its value: unmerge them and fill in every row."
        ),
    )
    BAD_DATE = (
        "bad-date",
        _("%(column)s: “%(value)s” is not a date. Write dates as 2026-10-31."),
    )
    BAD_CHOICE = (
        "bad-choice",
        _("%(column)s: “%(value)s” is not one of the values that are allowed here."),
    )
    CONTRADICTS = (
        "contradicts",
        _("%(column)s differs from line %(value)s, which is about the same record."),
    )
    HELD_BY_ANOTHER = (
        "held-by-another",
        _("%(column)s: line %(value)s gives one of these to another record."),
    )
    #: The sentence is in ``words``, in the language of the person who uploaded the file.
    IN_WORDS = "in-words", "%(column)s: %(words)s"
    NOT_UTF8 = (
        "not-utf-8",
        _("This is not UTF-8 text. Save the file as “CSV UTF-8” and load it again."),
    )
    NUL = "nul", _("The line contains NUL characters, which are not text.")
    TOO_LONG = "too-long", _("The line is longer than %(value)s bytes.")
    QUOTES = "quotes", _("A quotation mark is not closed, or is inside a value.")
    FIELD_COUNT = (
        "field-count",
        _("The line does not have one value for each column; it has %(value)s."),
    )
    MISSING_VALUE = "missing-value", _("%(column)s is empty.")
    MONTH = (
        "month",
        _("“%(value)s” is not a month. Write months as 2026-10, starting from 2000-01."),
    )
    MONTH_AHEAD = "month-ahead", _("The month %(value)s is in the future.")
    NO_SUBJECT = (
        "no-subject",
        _("Enter tenant_id and product for a workload, or subscription_id for a subscription."),
    )
    MIXED = (
        "mixed",
        _("%(column)s must be empty: a line is about either a workload or a subscription."),
    )
    ALONE = "alone", _("%(column)s has a value, but %(value)s is empty.")
    BAD_ID = "bad-id", _("%(column)s: “%(value)s” is not an ID of 32 hexadecimal digits.")
    NOT_A_NUMBER = (
        "not-a-number",
        _("%(column)s: “%(value)s” is not a whole number. Write digits only."),
    )
    NEGATIVE = "negative", _("%(column)s: %(value)s is below zero.")
    TOO_LARGE = "too-large", _("%(column)s: %(value)s is too large.")
    ASSIGNED_OVER_SOLD = (
        "assigned-over-sold",
        _("More seats are assigned than sold (%(value)s)."),
    )
    ACTIVE_OVER_ASSIGNED = (
        "active-over-assigned",
        _("More seats are active than assigned (%(value)s)."),
    )
    UNKNOWN_TENANT = "unknown-tenant", _("No customer has the Tenant ID %(value)s.")
    UNKNOWN_PRODUCT = "unknown-product", _("No product has the code “%(value)s”.")
    NOT_A_WORKLOAD = (
        "not-a-workload",
        _("“%(value)s” is not a workload. Enter the subscription_id instead."),
    )
    UNKNOWN_SUBSCRIPTION = ("unknown-subscription", _("No subscription has the ID %(value)s."))
    DUPLICATE = (
        "duplicate",
        _("Line %(value)s is already about the same, and that line was used."),
    )
