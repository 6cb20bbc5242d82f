"""Checking that a JPEG is complete without decoding it: a hostile one could exhaust the memory."""

import re

END_OF_IMAGE = 0xD9
START_OF_SCAN = 0xDA
#: Markers without a length: TEM, the restarts RST0–RST7, and SOI.
STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
#: The first marker that ends the data of a scan: not a stuffed FF, a fill byte or a restart.
SCAN_END = re.compile(rb"\xff+[^\xff\x00\xd0-\xd7]", re.DOTALL)


def is_whole(content: bytes) -> bool:
    """Return whether the segments of a JPEG (ISO 10918-1, annex B) lead to its end of image.

    A thumbnail's end inside a segment is skipped; what follows the end, such as the second picture
    that phones append, is ignored. The time is proportional to the length.
    """
    at, has_scan = 2, False
    while at < len(content):
        at = _skip_fill(content, at)
        if at < 0 or at >= len(content):
            return False
        marker = content[at]
        if marker == END_OF_IMAGE:
            return has_scan
        at += 1
        if marker in STANDALONE:
            continue
        length = int.from_bytes(content[at : at + 2], "big")
        if length < 2:  # noqa: PLR2004 - the length counts its own two bytes
            return False
        at += length
        if marker == START_OF_SCAN:
            has_scan = True
            end = SCAN_END.search(content, at)
            if end is None:
                return False
            at = end.start()
    return False


def _skip_fill(content: bytes, at: int) -> int:
    """Return the position of the marker's second byte, after one or more FF; -1 if there is no marker."""
    start = at
    while at < len(content) and content[at] == 0xFF:  # noqa: PLR2004 - the first byte of a marker
        at += 1
    return at if at > start else -1
