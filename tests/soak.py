"""Is this ``make soak``, where searches and loads run at full size instead of a short version?"""

import os

IS_SOAK = bool(os.environ.get("CPOR_SOAK"))
