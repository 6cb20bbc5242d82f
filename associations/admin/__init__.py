"""The admin pages for staff, one module for each subject."""

from . import catalogue, claim, customer_request, tenant, usage  # noqa: F401 - each registers its models
