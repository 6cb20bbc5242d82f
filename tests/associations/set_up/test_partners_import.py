"""What an imported row of partners does in the tables [R8], [R60]."""

import datetime as dt

import pytest

from partners.models import Enrollment, Location, Partner, PartnerDomain
from tests.associations.imports.made_files import NEW_YORK, SEATTLE, good, make_csv, stored
from tests.associations.imports.world import count, run


def load(world, *rows):
    return run(world, "partners", make_csv("partners", *rows), is_trial=False)


def test_a_new_partner_has_its_location_domains_and_enrollment(world):
    file = load(world, good("partners", partner_domains="Adatum.example adatum.test.example"))

    assert count(file) == (1, 0, 0, 0)
    place = Location.objects.get(partner_code="2222222")
    assert (place.name, place.country, place.country_part) == ("Adatum Berlin", "DE", "")
    assert place.time_zone == "Europe/Berlin"
    domains = place.partner.domains.values_list("domain", flat=True)
    assert list(domains) == ["adatum.example", "adatum.test.example"]
    term = place.enrollments.get()
    assert (term.program.code, term.starts_on, term.ends_on) == (
        "osa-sell",
        dt.date(2026, 1, 1),
        dt.date(2026, 12, 31),
    )


def test_several_rows_make_one_partner_and_one_location(world):
    before = Partner.objects.count()

    file = load(
        world,
        good("partners"),
        good("partners", program="osu-microsoft-365"),
        good("partners", partner_id="3333333", location="Adatum Bonn"),
    )

    assert count(file) == (3, 0, 0, 0)
    adatum = Partner.objects.get(name="Adatum")
    assert Partner.objects.count() == before + 1
    assert [each.enrollments.count() for each in adatum.locations.order_by("partner_code")] == [
        2,
        1,
    ]


def test_a_changed_row_changes_the_location_and_nothing_else(world):
    terms = list(Enrollment.objects.values())
    load(world, stored("partners", location="Contoso NYC", program="", starts_on="", ends_on=""))

    place = Location.objects.get(partner_code=NEW_YORK)
    assert (place.name, place.partner) == ("Contoso NYC", world.contoso)
    assert list(Enrollment.objects.values()) == terms


def test_an_enrollment_is_prolonged(world):
    load(world, stored("partners", ends_on="2041-06-30"))

    term = Enrollment.objects.get(location__partner_code=NEW_YORK, program__code="osa-sell")
    assert term.ends_on == dt.date(2041, 6, 30)


@pytest.mark.parametrize(
    "changes",
    [
        {"partner_id": SEATTLE},
        {"partner_domains": "litware.example"},
        {"partner": "Twins"},
        {"program": "gold"},
    ],
)
def test_a_row_for_someone_else_changes_nothing(world, changes):
    before = [list(model.objects.values()) for model in (Partner, PartnerDomain, Location)]

    file = load(world, good("partners", **changes))

    assert count(file) == (0, 0, 0, 1)
    assert [list(model.objects.values()) for model in (Partner, PartnerDomain, Location)] == before
