"""The people of the tests of members and invitations."""

import pytest

from tests import cast


@pytest.fixture
def partner():
    return cast.make_partner("Contoso", key=cast.KEY)


@pytest.fixture
def ana(partner):
    """Incentives admin for all locations."""
    return cast.make_member(partner, full_name="Ana", email="ana@contoso.example")


@pytest.fixture
def places(partner):
    return [partner.locations.get(), cast.LocationFactory(partner=partner, name="Berlin")]
