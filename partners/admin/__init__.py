"""The admin pages for staff, one module for each subject; importing one registers its models."""

# ruff: noqa: F401
from . import audit, partner, program, sign_in
from .people import groups, users
