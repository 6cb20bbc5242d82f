"""Staff's pages, one module a subject."""

from . import catalogue, claim, customer_request, tenant, usage  # noqa: F401 - each registers its models
