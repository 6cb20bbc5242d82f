"""Forms about partners, one module per subject."""

from .domain import DomainForm
from .place import PlaceForm

__all__ = ["DomainForm", "PlaceForm"]
