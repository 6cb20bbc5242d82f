"""What the made files meet: two partners, customers, a subscription, an invitation; and how a file is run."""

import datetime as dt
import io

from associations.enums import Channel
from associations.importable import KINDS
from associations.imports import engine
from associations.models import ImportFile
from partners.models import Enrollment, Partner, Program
from partners.people.invitations import invite_first_admin
from partners.staff_groups import DATA_LOADER, PROGRAMME_MANAGER
from tests import cast

from .made_files import BOSTON, FABRIKAM, LAMNA, LISBON, NEW_YORK, SALES, SEATTLE

NOW = cast.MONDAY
State = ImportFile.State


class World:
    """People and records with the IDs of ``made_files``."""

    def __init__(self):
        self.manager = cast.make_staff(
            PROGRAMME_MANAGER,
            DATA_LOADER,
            full_name="Petra Manager",
            email="petra@operator.example",
        )
        self._make_partners()
        self._make_customers()

    def _make_partners(self):
        self.contoso = _make_contoso()
        self.admin = cast.make_member(
            self.contoso, full_name="Paul Partner", email="paul@contoso.example"
        )
        cast.LocationFactory(partner=self.contoso, name="Contoso Boston", partner_code=BOSTON)
        self.litware = cast.PartnerFactory(name="Litware")
        self.litware.domains.create(domain="litware.example")
        cast.LocationFactory(partner=self.litware, name="Litware Seattle", partner_code=SEATTLE)
        self.tailspin = cast.PartnerFactory(name="Tailspin")
        cast.LocationFactory(partner=self.tailspin, name="Tailspin Lisbon", partner_code=LISBON)
        invite_first_admin(
            self.tailspin, email="tom@tailspin.example", language="en", actor=self.manager
        )
        for _each in range(2):
            cast.PartnerFactory(name="Twins")

    def _make_customers(self):
        self.fabrikam = cast.make_tenant(
            tenant_id=FABRIKAM,
            name="Fabrikam",
            country="US",
            country_part="CA",
            time_zone="America/Los_Angeles",
        )
        self.fabrikam.registered_contacts.create(
            name="Ana Ruiz", title="CIO", email="ana@fabrikam.example"
        )
        self.lamna = cast.make_tenant("lamna.example", tenant_id=LAMNA, name="Lamna")
        self.sales = cast.SubscriptionFactory(
            subscription_id=SALES,
            tenant=self.fabrikam,
            product=cast.product("sales"),
            channel=Channel.WEB_DIRECT,
            sold_seats=250,
            ends_on=dt.date(2027, 6, 30),
        )


def _make_contoso() -> Partner:
    cast.ensure_catalogue()
    contoso = cast.PartnerFactory(name="Contoso", key=cast.KEY)
    contoso.domains.create(domain="contoso.example")
    place = cast.LocationFactory(
        partner=contoso, name="Contoso New York", partner_code=NEW_YORK, country_part="NY"
    )
    for program in Program.objects.all():
        Enrollment.objects.create(
            location=place,
            program=program,
            starts_on=dt.date(2020, 1, 1),
            ends_on=dt.date(2040, 6, 30),
        )
    return contoso


def run(world, kind, content, *, is_trial=True, now=NOW, actor=None):
    """Check a file, or load it, and return its record; nothing is stored."""
    is_claims = kind == "claims"
    file = ImportFile.objects.create(
        kind=kind,
        name="made",
        size=len(content),
        loaded_by=actor or (world.admin if is_claims else world.manager),
        partner=world.contoso if is_claims else None,
        state=State.CHECKING if is_trial else State.LOADING,
        attempts=1,
    )
    engine.run_file(file, io.BytesIO(content), KINDS[kind], now=now)
    return file


def count(file):
    return file.rows_new, file.rows_changed, file.rows_same, file.rows_bad
