"""Staff's pages about partners and people, one module a subject."""

from . import partner, people, program  # noqa: F401 - each registers its models
