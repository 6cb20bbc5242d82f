"""What the tests of imports share: the world that the made files meet, and a store of its own."""

import pytest

from .world import World


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world(db):
    return World()
