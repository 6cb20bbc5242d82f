"""What the tests of setting up share: the world of the made files."""

from tests.associations.imports.conftest import storage_of_its_own, world  # noqa: F401 - fixtures
