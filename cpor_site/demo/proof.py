"""Proof for the demo: one-page PDF files, written by hand, with readable text."""

PAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
    b"/Resources<</Font<</F1 5 0 R>>>>>>"
)
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def make_pdf(lines: list[str]) -> bytes:
    """Return a one-page PDF with ``lines`` (Western European characters), the first as its heading."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        PAGE,
        _stream(_draw(lines)),
        FONT,
    )
    body, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return body + _cross_reference(offsets, start=len(body))


def _draw(lines: list[str]) -> bytes:
    parts = [b"BT /F1 18 Tf 60 770 Td (%s) Tj /F1 11 Tf 0 -36 Td 17 TL" % _escape(lines[0])]
    parts += [b"(%s) Tj T*" % _escape(line) for line in lines[1:]]
    return b"\n".join([*parts, b"ET"])


def _escape(line: str) -> bytes:
    plain = line.encode("cp1252", errors="replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def _cross_reference(offsets: list[int], *, start: int) -> bytes:
    count = len(offsets) + 1
    return b"".join(
        [
            b"xref\n0 %d\n0000000000 65535 f \n" % count,
            *(b"%010d 00000 n \n" % offset for offset in offsets),
            b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start),
        ]
    )


def write_statement(
    *, partner: str, customer: str, domain: str, tenant_id, products: list[str], day
) -> list[str]:
    """Return the lines of a signed statement of work."""
    return [
        "Statement of work performed",
        f"Partner: {partner}",
        f"Customer: {customer} ({domain})",
        f"Tenant ID: {tenant_id}",
        f"Products: {', '.join(products)}",
        f"Date of completion: {day:%d %B %Y}",
        "",
        f"{partner} planned the rollout, trained the users and supports them since.",
        f"{customer} confirms that the work described above was done.",
        "",
        "Signed for the customer: ____________________",
        f"Signed for {partner}: ____________________",
    ]
