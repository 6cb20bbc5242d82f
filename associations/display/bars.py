"""A small chart of horizontal bars as plain geometry, for an SVG template.

It is drawn as wide as a phone, so that its text can be read there and is not scaled anywhere. Coordinates
are strings: templates would localise numbers.
"""

from .figures import format_count

WIDTH, ROW, BAR = 326, 44, 14
#: Room for the number after the longest bar.
NUMBER_WIDTH = 64


def draw_bars(bars: list[tuple[str, str, int]]) -> dict:
    """Return what the template draws of (look, label, number) for each bar; the largest is the longest."""
    largest = max((number for *_words, number in bars), default=0) or 1
    return {
        "width": WIDTH,
        "height": ROW * len(bars),
        "bar": BAR,
        "rows": [
            {
                "look": look,
                "label": label,
                "number": format_count(number),
                "text_y": f"{index * ROW + 14}",
                "bar_y": f"{index * ROW + 20}",
                "width": f"{(WIDTH - NUMBER_WIDTH) * number / largest:.1f}",
                "number_x": f"{(WIDTH - NUMBER_WIDTH) * number / largest + 6:.1f}",
                "number_y": f"{index * ROW + 32}",
            }
            for index, (look, label, number) in enumerate(bars)
        ],
    }
