"""The usage chart as inline SVG, without its own script or style."""

from django import template

from associations.display.figures import format_count, format_month, format_percent
from associations.usage.charts import NARROW, WIDE, draw_chart
from associations.usage.sparkline import draw_sparkline

register = template.Library()
register.filter("month", format_month)
register.filter("count", format_count)


@register.inclusion_tag("components/usage_chart.html")
def usage_chart(series, title: str) -> dict:
    """Draw a series for wide and narrow pages; the stylesheet shows the one that fits."""
    return {"charts": [draw_chart(series, layout, title=title) for layout in (WIDE, NARROW)]}


@register.inclusion_tag("components/sparkline.html")
def sparkline(series, name: str) -> dict:
    """Draw the last twelve months of a series; ``name`` is the picture's id."""
    return {"name": name, **draw_sparkline(series)}


@register.filter
def percent(value: float | None) -> str:
    """Format a percentage, such as "78.0%"; a dash if there is nothing to use."""
    return "\N{EN DASH}" if value is None else format_percent(value, digits=1)


@register.filter
def figure(month_figures, measure) -> int:
    """Return the figure of a measure in a month."""
    return getattr(month_figures, measure.field)
