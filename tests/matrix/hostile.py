"""Requests that no page of ours makes: what scanners, broken programs and curious people send.

Each is a small function from an address (and what a browser would send there) to a request; the walk in
``test_hostile`` sends them all to every address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "edge"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
#: What a form says for the program's sake; a hostile value there ends the request before it is read.
STEERING = {
    "action",
    "revision",
    "csrfmiddlewaretoken",
    "filing_key",
    "next",
    "post",
}

#: Percent-encoded as they travel: NUL, a lone surrogate, bytes that are no UTF-8, and what is too long.
VALUES = {
    "nul": "a%00b",
    "surrogate": "%ED%A0%80",
    "not utf-8": "%FF%FE%C0%80",
    "huge number": "9" * 30,
    "other digits": quote("٣²"),
    "long": "9" * 5000,
    "no date": "2026-02-31",
    "brackets": quote("http://[::1"),
    "empty": "",
}
#: What pages of ours, of Django's admin and of allauth read from an address.
NAMES = (
    *(
        "q",
        "p",
        "o",
        "e",
        "all",
        "_popup",
        "_to_field",
        "_changelist_filters",
        "_facets",
        "_source_model",
    ),
    *("page", "after", "before", "next", "lang", "inline", "document", "done", "person", "kind"),
    *(
        "status",
        "lane",
        "program",
        "location",
        "product",
        "deadline",
        "sort",
        "customer",
        "turn",
        "parked",
    ),
    "attention",
    *("sla", "reviewer", "country", "competing", "state", "language", "code", "error", "term"),
    *("app_label", "model_name", "field_name", "\x00"),
)
#: Words in a form's ``Content-Type`` that name no encoding of text, or one that makes NULs and surrogates.
CHARSETS = ("utf-7", "rot13", "utf-16", "undefined")
#: Each of these is sent in one name alone as well: together, the first that is refused hides the others.
ALONE = ("nul", "other digits")
FORM_FAULTS = ("nul", "surrogate", "huge number", "other digits", "long")


@dataclass(frozen=True)
class Request:
    """One request: what is wrong with it, and what to send. ``body`` only with POST."""

    fault: str
    method: str
    address: str
    body: bytes = b""
    content_type: str = URLENCODED
    headers: dict[str, str] = field(default_factory=dict)


def make_addresses(address: str, names: list[str]) -> Iterator[Request]:
    """The address with hostile values for what pages read, and for each of its own ``names``."""
    start = address.partition("?")[0]
    for fault, value in VALUES.items():
        together = "&".join(f"{quote(name)}={value}" for name in NAMES)
        yield Request(f"all={fault}", "GET", f"{start}?{together}")
    for fault in ALONE:
        for name in names:
            yield Request(f"{name}={fault}", "GET", f"{start}?{quote(name)}={VALUES[fault]}")
    yield Request("name alone", "GET", f"{start}?%00&=&==&q&%ED%A0%80&e=1")
    yield Request("popup", "GET", f"{start}?_popup=1&_to_field=password")
    yield Request("to field", "GET", f"{start}?_popup=1&_to_field=%00__id")


def make_bodies(address: str, form: dict) -> Iterator[Request]:
    """The form that a browser would send, with hostile values."""
    for fault in FORM_FAULTS:
        yield Request(fault, "POST", address, _encode(form, VALUES[fault]))
    for fault in ("nul", "brackets", "huge number"):
        yield Request(f"{fault} in all", "POST", address, _encode(form, VALUES[fault], spare=()))
    yield Request("NUL in names", "POST", address, _encode(form, "", extra="a%00b"))
    yield Request("nothing", "POST", address)


def make_odd_bodies(address: str, form: dict) -> Iterator[Request]:
    """The form in encodings, types and ends that no browser sends: a matter of who reads the body."""
    plain = urlencode(form, doseq=True).encode()
    parts = make_multipart(form)
    for charset in CHARSETS:
        yield Request(charset, "POST", address, parts, f"{MULTIPART}; charset={charset}")
    half = parts[: len(parts) // 2]
    for fault, body, kind in (
        ("rot13", plain, f"{URLENCODED}; charset=rot13"),
        ("no boundary", parts, "multipart/form-data"),
        ("odd boundary", parts, "multipart/form-data; boundary=\xff\x00"),
        ("long boundary", parts, f"multipart/form-data; boundary={'x' * 999}"),
        ("cut off", half, MULTIPART),
        ("other type", plain, "application/json"),
        ("JSON", b'{"q": "\\ud800\\u0000"}', "application/json"),
        ("no type", plain, ""),
        ("odd type", plain, "\xff;;=;charset"),
    ):
        yield Request(fault, "POST", address, body, kind)
    for fault, header in _PARTS.items():
        yield Request(fault, "POST", address, make_multipart(form, extra=header), MULTIPART)


#: Headers of one part of a form in parts.
_PARTS = {
    "file name in utf-7": b"form-data; name=files; filename*=utf-7''%2B2AA-.pdf",
    "file name in rot13": b"form-data; name=files; filename*=rot13''a.pdf",
    "file name with NUL": b'form-data; name="files"; filename="a\x00.pdf"',
    "file name of bytes": b'form-data; name="files"; filename="\xff\xed\xa0\x80.pdf"',
    "long file name": b'form-data; name="file"; filename="' + b"x" * 900 + b'.csv"',
    "no name": b"form-data",
    "base64": b'form-data; name="q"\r\nContent-Transfer-Encoding: base64',
}


def make_multipart(form: dict, *, extra: bytes = b"") -> bytes:
    """The form in parts; ``extra`` is the ``Content-Disposition`` of one more part."""
    pairs = [(name, each) for name, value in form.items() for each in _many(value)]
    parts = [f'form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in pairs]
    parts += [extra + b"\r\n\r\n%PDF-1.7 \x00\xff"] if extra else []
    edge = f"--{BOUNDARY}".encode()
    lines = b"".join(edge + b"\r\nContent-Disposition: " + part + b"\r\n" for part in parts)
    return lines + edge + b"--\r\n"


def find_names(html: str) -> list[str]:
    """The fields of a page's forms."""
    return list(dict.fromkeys(re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"', html)))


def _encode(form: dict, value: str, *, spare=STEERING, extra: str = "") -> bytes:
    pairs = []
    for name, usual in form.items():
        kept = "&".join(f"{quote(name)}={quote(str(each))}" for each in _many(usual))
        pairs.append(kept if name in spare or extra else f"{quote(name)}={value}")
    return "&".join([*pairs, *([f"{extra}={extra}"] if extra else [])]).encode()


def _many(value) -> list:
    return list(value) if isinstance(value, list | tuple) else [value]
