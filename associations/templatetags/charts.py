"""The usage chart as inline SVG, without script or style of its own."""

from django import template

from associations.display.figures import format_count, format_month, format_percent
from associations.usage.charts import NARROW, WIDE, draw_chart

register = template.Library()


@register.inclusion_tag("components/usage_chart.html")
def usage_chart(series, title: str) -> dict:
    """Draw a series for a wide and for a narrow page; the stylesheet shows the one that fits."""
    return {"charts": [draw_chart(series, layout, title=title) for layout in (WIDE, NARROW)]}


@register.filter
def month(value) -> str:
    """Such as "Oct 2026", in the reader's language."""
    return format_month(value)


@register.filter
def count(value: int) -> str:
    """Such as "1,234", in the reader's language."""
    return format_count(value)


@register.filter
def percent(value: float | None) -> str:
    """Such as "78.0%"; a dash where there is nothing to be in use."""
    return "\N{EN DASH}" if value is None else format_percent(value, digits=1)


@register.filter
def figure(month_figures, measure) -> int:
    """The figure of one measure in a month."""
    return getattr(month_figures, measure.field)
