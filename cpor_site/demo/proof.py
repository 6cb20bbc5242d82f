"""Proof for the demo: a one-page PDF file, written by hand, with readable text."""

import datetime as dt

from .customers import Customer


def make_statement(partner: str, customer: Customer, products: list[str], day: dt.date) -> bytes:
    """Return a signed statement of work as a PDF file."""
    return make_pdf(
        "Statement of work performed",
        [
            f"Partner: {partner}",
            f"Customer: {customer.name} ({customer.domain})",
            f"Tenant ID: {customer.tenant_id}",
            f"Products: {', '.join(products)}",
            f"Date of completion: {day:%d %B %Y}",
            "",
            f"{partner} planned the rollout, trained the users and supports them since.",
            f"{customer.name} confirms that the work described above was done.",
            "",
            "Signed for the customer: ____________________",
            f"Signed for {partner}: ____________________",
        ],
    )


def make_pdf(heading: str, lines: list[str]) -> bytes:
    """Return a page with a heading above ``lines``; their characters are Western European."""
    drawn = b"BT /F1 18 Tf 60 770 Td (%s) Tj /F1 11 Tf 0 -36 Td 17 TL\n" % _escape(heading)
    drawn += b"".join(b"(%s) Tj T*\n" % _escape(line) for line in lines) + b"ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    body, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", b""
    for number, content in enumerate(objects, start=1):
        offsets += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    size, start = len(objects) + 1, len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, offsets)
    return body + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def _escape(line: str) -> bytes:
    plain = line.encode("cp1252", errors="replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
