from .enrollment import Enrollment, Program
from .membership import Membership
from .partner import Location, Partner, PartnerDomain
from .user import User

__all__ = [
    "Enrollment",
    "Location",
    "Membership",
    "Partner",
    "PartnerDomain",
    "Program",
    "User",
]
