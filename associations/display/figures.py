"""Numbers and months in the active language."""

import datetime as dt
import math

from babel import numbers
from django.utils import formats
from django.utils.translation import get_language, to_locale

#: From this number on, an axis says "10K" instead of "10,000".
SHORTENED_FROM = 10_000


def format_count(number: int) -> str:
    """Format a whole number: 1234567 → "1,234,567" or "1.234.567"."""
    return numbers.format_decimal(number, locale=_locale())


def format_short(number: int) -> str:
    """Format a number for an axis: 1500000 → "1.5M" or "1,5 mi"; small numbers stay whole."""
    if number < SHORTENED_FROM:
        return format_count(number)
    return numbers.format_compact_decimal(number, fraction_digits=1, locale=_locale())


def format_decimal(number: float) -> str:
    """Format with one decimal for a spreadsheet: 78.04 → "78.0"."""
    return numbers.format_decimal(number, format="0.0", locale=_locale())


def format_percent(percent: float, *, digits: int = 0) -> str:
    """Format a percentage: 78.04 → "78%"; with ``digits`` = 1, "78.0%"."""
    pattern = "#,##0.0%" if digits else "#,##0%"
    return numbers.format_percent(percent / 100, format=pattern, locale=_locale())


def format_signed_percent(change: int, base: int) -> str:
    """Return by what percentage a number changed, as "(+1.5%)", with a typographic minus."""
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    return f"({sign}{format_percent(100 * abs(change) / base, digits=1)})"


def format_month(month: dt.date) -> str:
    return formats.date_format(month, "MONTH_FORMAT")


def find_percent(part: int, whole: int) -> int:
    """Return a whole percentage, rounded down: 999 of 1,000 is not yet 100%."""
    return math.floor(100 * part / whole)


def _locale() -> str:
    return to_locale(get_language() or "en")
