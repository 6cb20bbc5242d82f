"""The admin pages for staff, one module for each subject; importing one registers its models."""

# ruff: noqa: F401
from . import imports
from .contests import board
from .filing import catalogue, customer_request, tenant
from .review import claim
