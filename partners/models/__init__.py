from .access import AccessRecord
from .enrollment import Enrollment, Program
from .invitation import Invitation
from .membership import Membership
from .partner import Location, Partner, PartnerDomain
from .second_factor import SecondFactor
from .user import User

__all__ = [
    "AccessRecord",
    "Enrollment",
    "Invitation",
    "Location",
    "Membership",
    "Partner",
    "PartnerDomain",
    "Program",
    "SecondFactor",
    "User",
]
