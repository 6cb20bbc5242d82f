# ruff: noqa: F401
from .access import AccessRecord
from .enrollment import Enrollment, Program
from .invitation import Invitation
from .membership import Membership
from .partner import Location, Partner, PartnerDomain
from .second_factor import SecondFactor
from .user import ONCE_PER_ADDRESS, User
