"""Which programs a claim is for, and which locations may claim for them (section 2, R8)."""

import datetime as dt
import zoneinfo

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from partners.models import Location, Program

from ..enums import Activity, SolutionArea

OSA_SELL = "osa-sell"
OSU_MICROSOFT_365 = "osu-microsoft-365"
OSU_BUSINESS_APPLICATIONS = "osu-business-applications"

#: Solution area and activity → codes of the programs; revenue association belongs to none.
PROGRAMS_OF: dict[tuple[str, str], tuple[str, ...]] = {
    (SolutionArea.MICROSOFT_365, Activity.USAGE): (OSU_MICROSOFT_365,),
    (SolutionArea.BUSINESS_APPLICATIONS, Activity.PRESALES): (OSA_SELL,),
    (SolutionArea.BUSINESS_APPLICATIONS, Activity.USAGE): (OSU_BUSINESS_APPLICATIONS,),
    (SolutionArea.BUSINESS_APPLICATIONS, Activity.PRESALES_AND_USAGE): (
        OSA_SELL,
        OSU_BUSINESS_APPLICATIONS,
    ),
    (SolutionArea.BUSINESS_APPLICATIONS, Activity.REVENUE): (),
}


def find_programs(solution_area: str, activity: str) -> QuerySet[Program]:
    """Return the programs for this work. Raise KeyError for a pair that does not exist."""
    return Program.objects.filter(code__in=PROGRAMS_OF[solution_area, activity])


def find_missing_enrollments(
    location: Location, solution_area: str, activity: str, *, now: dt.datetime
) -> list[Program]:
    """Return the programs for this work in which ``location`` is not enrolled today, by its own date [R8].

    Two queries.
    """
    today = local_today(location, now=now)
    every = location.enrollments.select_related("program")
    enrolled = {each.program_id for each in every if each.is_in_force_on(today)}
    return [each for each in find_programs(solution_area, activity) if each.pk not in enrolled]


def describe_missing_enrollment(
    location: Location, area: str, activity: str, *, now: dt.datetime
) -> str:
    """Say in which programs for this work the location is not enrolled today; "" if there are none [R8]."""
    missing = find_missing_enrollments(location, area, activity, now=now)
    if not missing:
        return ""
    return str(
        _(
            "%(location)s is not enrolled in %(programs)s on %(date)s. Choose another location, or "
            "have the enrollment renewed."
        )
        % {
            "location": location,
            "programs": ", ".join(str(program) for program in missing),
            "date": date_format(local_today(location, now=now), "DATE_FORMAT"),
        }
    )


def local_today(location: Location, *, now: dt.datetime) -> dt.date:
    return now.astimezone(zoneinfo.ZoneInfo(location.time_zone)).date()
