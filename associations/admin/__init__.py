"""Staff's pages, one module a subject."""

from . import catalogue, claim, tenant, usage  # noqa: F401 - each registers its models
