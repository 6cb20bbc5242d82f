"""Staff pages about partners and people, one module per subject."""

from . import access, groups, partner, people, program, sign_in  # noqa: F401 - each registers its models
