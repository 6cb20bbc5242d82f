"""The page that asks for the work: who is enrolled for what [R8]."""

import datetime as dt

import pytest

from partners.models import Enrollment, Program
from tests import cast

from .steps import errors_of, fresh, send

pytestmark = pytest.mark.django_db


def test_a_location_not_enrolled_in_the_program_is_named_with_it(client, started):
    location = started.location
    location.enrollments.filter(program__code="osa-sell").delete()

    answer = send(client, started, "work", work="business-applications/presales", name="N")

    words = errors_of(answer)["work"][0]
    assert words.startswith(f"{location} is not enrolled in OSA Sell on ")
    assert fresh(started).activity == ""


def test_both_activities_need_both_programs(client, started):
    started.location.enrollments.filter(program__code="osa-sell").delete()

    answer = send(client, started, "work", work="business-applications/presales-usage", name="N")

    assert "OSA Sell" in errors_of(answer)["work"][0]
    assert (
        send(client, started, "work", work="business-applications/usage", name="N").status_code
        == 302
    )


def test_the_enrollment_must_hold_on_this_date_at_the_location(client, started):
    program = Program.objects.get(code="osu-microsoft-365")
    started.location.enrollments.all().delete()
    Enrollment.objects.create(
        location=started.location,
        program=program,
        starts_on=dt.date(2020, 7, 1),
        ends_on=dt.date(2021, 6, 30),
    )
    fields = {"work": "microsoft-365/usage", "name": "N"}

    assert "work" in errors_of(send(client, started, "work", **fields))
    # New York is in the last hours of the last day, when UTC has the next one.
    with cast.at(dt.datetime(2021, 7, 1, 3, 0, tzinfo=dt.UTC)):
        assert send(client, started, "work", **fields).status_code == 302


def test_what_is_missing_on_the_work_page(client, started):
    answer = send(client, started, "work", work="azure/usage", name="")

    assert errors_of(answer) == {
        "work": ["Choose one of the kinds of work in the list."],
        "name": ["Give this claim a name."],
    }
