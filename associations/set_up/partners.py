"""Partners, their locations and enrollments as a kind of import: one row for each enrollment [R8], [R60]."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Enrollment, Location, Partner, PartnerDomain, Program

from ..enums import ImportKind, RowOutcome
from ..imports.cells import Fields, read_date, read_field, read_plain, require, require_empty
from ..imports.kinds import Column, Kind, Row, Run
from ..imports.rows import Plan, RowError
from ..models import RowReason
from .differences import list_changes
from .places import Place, keep_part, read_place
from .several import read_domains

COLUMNS = (
    Column("partner", gettext_lazy("The partner's name."), "Contoso Consulting", is_required=True),
    Column(
        "partner_domains",
        gettext_lazy(
            "Its email domains, separated by spaces. New ones are added, none is removed."
        ),
        "contoso.example",
        is_in_header=False,
    ),
    Column("location", gettext_lazy("The location's name."), "Contoso New York", is_required=True),
    Column(
        "partner_id",
        gettext_lazy("The MPN ID of the location, digits only."),
        "1234567",
        is_required=True,
    ),
    Column("country", gettext_lazy("Two-letter ISO code."), "US", is_required=True),
    Column(
        "country_part",
        gettext_lazy("The state or region whose holidays count, if any."),
        "NY",
        is_in_header=False,
    ),
    Column(
        "time_zone", gettext_lazy("Its name, with the city."), "America/New_York", is_required=True
    ),
    Column(
        "program",
        gettext_lazy(
            "The code of a program the location is enrolled in; for another one, repeat the row."
        ),
        "osu-microsoft-365",
    ),
    Column("starts_on", gettext_lazy("The enrollment's first day."), "2026-07-01"),
    Column("ends_on", gettext_lazy("The enrollment's last day."), "2027-06-30"),
)


class Term(NamedTuple):
    """An enrollment: the program's code, first and last day."""

    program: str
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class PartnerRow(Row):
    partner: str
    domains: tuple[str, ...]
    code: str
    location: str
    place: Place
    term: Term | None

    @property
    def key(self) -> str:
        return f"{self.code}/{self.term[:2] if self.term else ''}"

    @property
    def facts(self) -> dict[str, str]:
        said = {"partner": self.partner, "location": self.location, **self.place._asdict()}
        return {f"{column}:{self.code}": value for column, value in said.items()}

    @property
    def holders(self) -> dict[str, str]:
        return {f"partner_domains:{domain}": self.partner for domain in self.domains}

    @property
    def fields(self) -> dict[str, str]:
        """Return the columns of Location that the row sets."""
        return {"name": self.location, **self.place._asdict()}


@dataclass(frozen=True)
class _Known:
    """What is stored about the partners of a batch, and what earlier rows of it add."""

    #: Name → how many partners have it.
    partners: dict[str, int]
    #: Partner ID → the partner's name and the location's columns.
    locations: dict[str, tuple[str, dict[str, str]]]
    #: Domain → the partner's name.
    owners: dict[str, str]
    #: Partner ID, program and first day → last day.
    terms: dict[tuple[str, str, dt.date], dt.date]
    programs: set[str] = field(default_factory=set)


class PartnerKind(Kind):
    code = ImportKind.PARTNERS
    about = gettext_lazy("One row for each location of a partner, or for each of its enrollments.")
    columns = COLUMNS
    permissions = (
        *("partners.add_partner", "partners.add_partnerdomain"),
        *("partners.add_location", "partners.change_location"),
        *("partners.add_enrollment", "partners.change_enrollment"),
    )
    view_permissions = ("partners.view_partner", "partners.view_location")
    batch = 200

    def read(self, fields: dict[str, str], run: Run) -> PartnerRow:
        column = Location._meta.get_field
        return PartnerRow(
            read_field(fields, "partner", Partner._meta.get_field("name")),
            read_domains(fields, "partner_domains", PartnerDomain, is_required=False),
            read_field(fields, "partner_id", column("partner_code")),
            read_field(fields, "location", column("name")),
            read_place(fields, Location),
            _read_term(fields),
        )

    def look_up(self, rows: Iterable[PartnerRow], run: Run) -> _Known:  # type: ignore[override]
        rows = list(rows)
        codes = {row.code for row in rows}
        domains = {domain for row in rows for domain in row.domains}
        names: dict[str, int] = {}
        for name in Partner.objects.filter(name__in={row.partner for row in rows}).values_list(
            "name"
        ):
            names[name[0]] = names.get(name[0], 0) + 1
        locations = Location.objects.filter(partner_code__in=codes).select_related("partner")
        owners = PartnerDomain.objects.filter(domain__in=domains)
        terms = Enrollment.objects.filter(location__partner_code__in=codes)
        return _Known(
            names,
            {each.partner_code: (each.partner.name, _read_fields(each)) for each in locations},
            dict(owners.values_list("domain", "partner__name")),
            {
                (code, program, starts_on): ends_on
                for code, program, starts_on, ends_on in terms.values_list(
                    "location__partner_code", "program__code", "starts_on", "ends_on"
                )
            },
            set(Program.objects.values_list("code", flat=True)),
        )

    def place(self, row: PartnerRow, found: _Known, run: Run) -> Plan:  # type: ignore[override]
        _require_fitting(row, found)
        _name, old = found.locations.get(row.code, ("", None))
        row = replace(row, place=keep_part(row.place, old, run.file.columns))
        changes = list_changes(old, row.fields) if old else []
        changes += [
            ("partner_domains", "", each) for each in row.domains if each not in found.owners
        ]
        is_new, more = _compare_term(row, found)
        _note(row, found)
        if old is None or (is_new and not changes):
            return Plan(RowOutcome.NEW, row, title=_title(row))
        changes += more  # a new enrollment is named too, where the row also changes its location
        outcome = RowOutcome.CHANGED if changes else RowOutcome.SAME
        return Plan(outcome, row, title=_title(row), changes=changes)

    def save(self, plans: list[Plan], run: Run) -> list[tuple[Plan, RowError]]:
        programs = dict(Program.objects.values_list("code", "pk"))
        for plan in plans:
            _save_row(plan.what, programs)
        return []


def _read_term(fields: Fields) -> Term | None:
    program = read_plain(fields["program"]).lower()
    if not program:
        require_empty(fields, ("starts_on", "ends_on"), without="program")
        return None
    require(fields, "starts_on")
    require(fields, "ends_on")
    starts_on, ends_on = read_date(fields, "starts_on"), read_date(fields, "ends_on")
    if starts_on is None or ends_on is None or ends_on < starts_on:
        words = _("The last day is before the first day.")
        raise RowError(RowReason.IN_WORDS, column="ends_on", value=ends_on, words=words)
    return Term(program, starts_on, ends_on)


def _read_fields(location: Location) -> dict[str, str]:
    return {name: getattr(location, name) for name in ("name", *Place._fields)}


def _require_fitting(row: PartnerRow, found: _Known) -> None:
    """Refuse what belongs to another partner, or could belong to several."""
    owner, _fields = found.locations.get(row.code, (row.partner, None))
    if owner != row.partner:
        words = _("This Partner ID belongs to the partner “%(owner)s”.") % {"owner": owner}
        raise RowError(RowReason.IN_WORDS, column="partner_id", value=row.code, words=words)
    if row.code not in found.locations and found.partners.get(row.partner, 0) > 1:
        words = _("Several partners have this name. Add this location by hand.")
        raise RowError(RowReason.IN_WORDS, column="partner", value=row.partner, words=words)
    for domain in row.domains:
        owner = found.owners.get(domain, row.partner)
        if owner != row.partner:
            words = _("%(domain)s belongs to the partner “%(owner)s”.")
            words %= {"domain": domain, "owner": owner}
            raise RowError(RowReason.IN_WORDS, column="partner_domains", value=domain, words=words)
    if row.term and row.term.program not in found.programs:
        raise RowError(RowReason.BAD_CHOICE, column="program", value=row.term.program)


def _compare_term(row: PartnerRow, found: _Known) -> tuple[bool, list[tuple[str, str, str]]]:
    """Return whether the enrollment is new, and what changes in it."""
    if row.term is None:
        return False, []
    old = found.terms.get((row.code, row.term.program, row.term.starts_on))
    if old is None:
        return True, [("program", "", row.term.program)]
    return False, list_changes({"ends_on": old}, {"ends_on": row.term.ends_on})


def _note(row: PartnerRow, found: _Known) -> None:
    """Let later rows of the batch see what this one does."""
    found.partners.setdefault(row.partner, 1)
    found.locations[row.code] = (row.partner, row.fields)
    found.owners.update(dict.fromkeys(row.domains, row.partner))
    if row.term:
        found.terms[row.code, row.term.program, row.term.starts_on] = row.term.ends_on


def _title(row: PartnerRow) -> str:
    words = f"{row.partner} · {row.location} ({row.code})"
    return f"{words} · {row.term.program}" if row.term else words


def _save_row(row: PartnerRow, programs: dict[str, int]) -> None:
    location = Location.objects.filter(partner_code=row.code).select_related("partner").first()
    if location is None:
        partner = Partner.objects.filter(name=row.partner).first()
        partner = partner or Partner.objects.create(name=row.partner)
        location = Location.objects.create(partner=partner, partner_code=row.code, **row.fields)
    else:
        Location.objects.filter(pk=location.pk).update(**row.fields)
    for domain in row.domains:
        PartnerDomain.objects.get_or_create(domain=domain, defaults={"partner": location.partner})
    if row.term:
        Enrollment.objects.update_or_create(
            location=location,
            program_id=programs[row.term.program],
            starts_on=row.term.starts_on,
            defaults={"ends_on": row.term.ends_on},
        )


PARTNERS = PartnerKind()
