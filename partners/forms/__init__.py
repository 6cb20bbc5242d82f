"""Forms about partners, one module a subject."""

from .domain import DomainForm

__all__ = ["DomainForm"]
