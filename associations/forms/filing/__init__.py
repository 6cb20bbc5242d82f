"""The forms of section 4, one for each page."""

from .base import FilingForm
from .contacts import ContactsForm
from .customer import CustomerForm
from .products import ProductsForm
from .proof import ProofForm
from .review import ReviewForm
from .work import WorkForm

__all__ = [
    "ContactsForm",
    "CustomerForm",
    "FilingForm",
    "ProductsForm",
    "ProofForm",
    "ReviewForm",
    "WorkForm",
]
