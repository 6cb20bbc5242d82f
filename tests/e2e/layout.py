"""Measure whether a page holds together: on phones, tablets, desks and paper.

A fault is a page wider than its window, a word broken inside, text that is cut off or stands outside
of its box, and two words that run into each other.
"""

from pathlib import Path

from tests.soak import IS_SOAK

MEASURE = (Path(__file__).parent / "layout.js").read_text()
#: Phone, large phone, tablets upright, where cards become tables, tablets across, desks. Pixels.
WIDTHS = (390, 640, 768, 820, 960, 1024, 1100, 1280) if IS_SOAK else (390, 820, 1280)
#: A4 upright and across, less margins of 1 cm, at 96 pixels an inch.
PAPER = (718, 1047) if IS_SOAK else (718,)
HEIGHT = 900


def find_layout_faults(page, name, *, widths=WIDTHS, paper=PAPER):
    """Return the layout faults of the page that is open, at each width and on paper; loads nothing."""
    faults = []
    for medium, sizes in (("screen", widths), ("print", paper)):
        page.emulate_media(media=medium, reduced_motion="reduce")
        for width in sizes:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            found = page.evaluate(MEASURE, medium == "print")
            faults += [f"{name}, {medium} {width}: {fault}" for fault in found]
    page.emulate_media(media="screen")
    return faults
