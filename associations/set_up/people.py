"""First admins to invite as a kind of import: one row for each partner [R42], [R60]."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cpor_site.web.addresses import fold_address
from partners.enums import Language, Role
from partners.models import Invitation, Location, Membership, Partner
from partners.people.invitations import invite_first_admin
from partners.people.members import MemberError

from ..enums import ImportKind, RowOutcome
from ..imports.cells import read_choice, read_field
from ..imports.kinds import Column, Kind, Row, Run
from ..imports.rows import Plan, RowError
from ..models import RowReason

COLUMNS = (
    Column(
        "partner_id",
        gettext_lazy("The Partner ID of any location of the partner."),
        "1234567",
        is_required=True,
    ),
    Column(
        "email",
        gettext_lazy(
            "Who becomes the partner's first Incentives admin, and invites everyone else."
        ),
        "ana@contoso.example",
        is_required=True,
    ),
    Column(
        "language",
        gettext_lazy("The language of the invitation; English if empty:"),
        Language.ENGLISH,
        is_in_header=False,
        choices=tuple(Language.values),
    ),
)


@dataclass(frozen=True, slots=True)
class PersonRow(Row):
    code: str
    email: str
    language: str

    @property
    def key(self) -> str:
        return self.code


@dataclass(frozen=True)
class _Known:
    """Partners by Partner ID, and by partner who is its admin or invited to be."""

    partners: dict[str, Partner]
    admins: dict[int, set[str]]
    invited: dict[int, set[str]]


class PersonKind(Kind):
    code = ImportKind.PEOPLE
    about = gettext_lazy(
        "One row for each partner that has no Incentives admin yet. Importing sends the invitations."
    )
    columns = COLUMNS
    permissions = ("partners.add_invitation",)
    view_permissions = ("partners.view_invitation",)
    batch = 50

    def read(self, fields: dict[str, str], run: Run) -> PersonRow:
        return PersonRow(
            read_field(fields, "partner_id", Location._meta.get_field("partner_code")),
            read_field(fields, "email", Invitation._meta.get_field("email")),
            read_choice(fields, "language", Language, default=Language.ENGLISH),
        )

    def look_up(self, rows: Iterable[PersonRow], run: Run) -> _Known:  # type: ignore[override]
        locations = Location.objects.filter(partner_code__in={row.code for row in rows})
        partners = {each.partner_code: each.partner for each in locations.select_related("partner")}
        keys = {each.pk for each in partners.values()}
        admins = Membership.objects.filter(
            partner__in=keys, role=Role.INCENTIVES_ADMIN, user__is_active=True
        )
        invited = Invitation.objects.unsettled().filter(partner__in=keys, expires_at__gt=run.now)
        return _Known(
            partners,
            _group(admins.values_list("partner_id", "user__email")),
            _group(invited.values_list("partner_id", "email")),
        )

    def place(self, row: PersonRow, found: _Known, run: Run) -> Plan:  # type: ignore[override]
        partner = found.partners.get(row.code)
        if partner is None:
            words = _("No location has this Partner ID.")
            raise RowError(RowReason.IN_WORDS, column="partner_id", value=row.code, words=words)
        email, title = fold_address(row.email), f"{partner} · {row.email}"
        known = found.admins.get(partner.pk, set()) | found.invited.get(partner.pk, set())
        if email in known:
            return Plan(RowOutcome.SAME, None, title=title)
        if partner.pk in found.admins:
            words = _("%(partner)s already has an Incentives admin, who invites everyone else.")
            words %= {"partner": partner}
            raise RowError(RowReason.IN_WORDS, column="partner_id", value=row.code, words=words)
        if known:
            words = _("Someone else at %(partner)s has been invited already: %(email)s.")
            words %= {"partner": partner, "email": ", ".join(sorted(known))}
            raise RowError(RowReason.IN_WORDS, column="email", value=row.email, words=words)
        found.invited[partner.pk] = {email}
        return Plan(RowOutcome.NEW, (partner, row), title=title)

    def save(self, plans: list[Plan], run: Run) -> list[tuple[Plan, RowError]]:
        failed = []
        actor: Any = run.file.loaded_by
        for plan in plans:
            partner, row = plan.what
            try:
                with transaction.atomic():
                    invite_first_admin(partner, email=row.email, language=row.language, actor=actor)
            except MemberError as error:
                words = str(error)
                failed.append(
                    (
                        plan,
                        RowError(RowReason.IN_WORDS, column="email", value=row.email, words=words),
                    )
                )
        return failed


def _group(pairs: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    grouped: dict[int, set[str]] = {}
    for partner, email in pairs:
        grouped.setdefault(partner, set()).add(fold_address(email))
    return grouped


PEOPLE = PersonKind()
