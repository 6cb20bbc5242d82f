"""An act that is not done, and why."""

from django.utils.functional import Promise


class RefusedError(Exception):
    """Nothing was done; ``str()`` tells the person why: in ``words``, if a subclass always says the same."""

    words: str | Promise = ""

    def __init__(self, words: str | Promise = ""):
        super().__init__(words or self.words)
