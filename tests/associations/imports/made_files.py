"""Builders of the files that people upload: good rows of each kind, CSV in any dialect, workbooks, hostile ones."""

import io
import re
import zipfile

from openpyxl import Workbook

from associations.importable import KINDS

FABRIKAM = "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913"
LAMNA = "2b1d7c1a-6e0f-4f7e-8d55-0b7f3c9a1e42"
WOODGROVE = "71f0c9de-1a2b-4c3d-9e8f-a0b1c2d3e4f5"
SALES = "c4d0a7b2-91e3-4f58-8a6d-07b5e2f1c934"
#: Partner IDs: of Contoso's enrolled location and of one without enrollments, of Litware, of Tailspin.
NEW_YORK, BOSTON, SEATTLE, LISBON = "1234567", "1234568", "7654321", "5555555"
#: A good row of each kind, which adds something.
GOOD = {
    "partners": {
        "partner": "Adatum",
        "location": "Adatum Berlin",
        "partner_id": "2222222",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "program": "osa-sell",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
    },
    "people": {"partner_id": SEATTLE, "email": "ana@litware.example"},
    "customers": {
        "tenant_id": WOODGROVE,
        "name": "Woodgrove",
        "country": "US",
        "time_zone": "America/New_York",
        "domains": "woodgrove.example",
    },
    "subscriptions": {
        "subscription_id": "0e9d8c7b-6a5f-4e3d-8c1b-0a9f8e7d6c5b",
        "tenant_id": FABRIKAM,
        "product": "sales",
        "channel": "web-direct",
        "state": "active",
        "sold_seats": "250",
    },
    "usage": {
        "month": "2026-01",
        "tenant_id": FABRIKAM,
        "product": "teams",
        "active_users": "80",
        "paid_units": "100",
    },
    "claims": {
        "partner_id": NEW_YORK,
        "customer_domain": "fabrikam.example",
        "tenant_id": FABRIKAM,
        "solution_area": "microsoft-365",
        "activity": "usage",
        "name": "Teams rollout",
        "products": "teams",
        "customer_name": "Rosa Lima",
        "customer_title": "CIO",
        "customer_email": "rosa@fabrikam.example",
    },
}
#: Rows that say what is stored already (tests/associations/imports/world.py).
STORED = {
    "partners": {
        "partner": "Contoso",
        "location": "Contoso New York",
        "partner_id": NEW_YORK,
        "country": "US",
        "country_part": "NY",
        "time_zone": "America/New_York",
        "program": "osa-sell",
        "starts_on": "2020-01-01",
        "ends_on": "2040-06-30",
    },
    "customers": {
        "tenant_id": FABRIKAM,
        "name": "Fabrikam",
        "country": "US",
        "country_part": "CA",
        "time_zone": "America/Los_Angeles",
        "domains": "fabrikam.example",
        "contact_name": "Ana Ruiz",
        "contact_title": "CIO",
        "contact_email": "ana@fabrikam.example",
    },
    "subscriptions": {
        "subscription_id": SALES,
        "tenant_id": FABRIKAM,
        "product": "sales",
        "channel": "web-direct",
        "state": "active",
        "sold_seats": "250",
        "ends_on": "2027-06-30",
    },
}


def name_columns(kind):
    return [each.name for each in KINDS[kind].columns]


def good(kind, **changes):
    """The cells of a good row, with ``changes``, in the order of the columns."""
    fields = GOOD[kind] | changes
    return [fields.get(name, "") for name in name_columns(kind)]


def stored(kind, **changes):
    """The cells of a row that is stored already, with ``changes``."""
    fields = STORED[kind] | changes
    return [fields.get(name, "") for name in name_columns(kind)]


def make_csv(kind, *rows, header=None, separator=",", newline="\n", encoding="utf-8", start=b""):
    """A CSV file; a row is a list of cells, or the line as it is."""
    lines = [header or name_columns(kind), *rows]
    texts = [each if isinstance(each, str) else separator.join(each) for each in lines]
    return start + (newline.join(texts) + newline).encode(encoding)


def make_workbook(kind, *rows, header=None, change=None):
    """A workbook with the rows on its first sheet; ``change`` is called with workbook and sheet."""
    workbook = Workbook()
    sheet = workbook.active
    for cells in (header or name_columns(kind), *rows):
        sheet.append([each if each != "" else None for each in cells])
    if change is not None:
        change(workbook, sheet)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def rewrite(content, changes, *, added=None):
    """Return the package with its parts changed: name → function of the part's bytes."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda part: part)(old.read(name)))
        for name, part in (added or {}).items():
            new.writestr(name, part)
    return file.getvalue()


def change_sheet(content, pattern, replacement, *, part="xl/worksheets/sheet1.xml"):
    """Return the workbook with the XML of its sheet changed; the pattern must be there."""

    def change(xml):
        changed, found = re.subn(pattern, replacement, xml, count=1)
        assert found, xml[:500]
        return changed

    return rewrite(content, {part: change})


def lie_about_size(content, part, *, size):
    """Return the package whose directory says that ``part`` unpacks to ``size`` bytes."""
    changed = bytearray(content)
    position = content.index(b"PK\x01\x02")
    while position >= 0:
        length = int.from_bytes(content[position + 28 : position + 30], "little")
        if content[position + 46 : position + 46 + length] == part.encode():
            changed[position + 24 : position + 28] = size.to_bytes(4, "little")
            return bytes(changed)
        position = content.find(b"PK\x01\x02", position + 1)
    raise LookupError(part)


def set_encrypted(content):
    """Return the package with the flag of a password at every entry of its directory."""
    changed = bytearray(content)
    for found in re.finditer(rb"PK\x01\x02", content):
        changed[found.start() + 8] |= 1
    return bytes(changed)


STRINGS = "xl/sharedStrings.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TEXT = re.compile(rb't="inlineStr"><is><t[^>]*>(.*?)</t></is>', re.DOTALL)


def share_texts(content, *, name=STRINGS):
    """Return the workbook with its texts in a part of their own, as Excel writes them."""
    texts = []

    def refer(found):
        texts.append(found[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    changed = rewrite(content, {"xl/worksheets/sheet1.xml": lambda part: _TEXT.sub(refer, part)})
    items = b"".join(b"<si><t>%s</t></si>" % each for each in texts)
    strings = b'<sst xmlns="%s">%s</sst>' % (_MAIN.encode(), items)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
    types = {"[Content_Types].xml": lambda xml: xml.replace(b"</Types>", part.encode())}
    return rewrite(changed, types, added={name: strings})
