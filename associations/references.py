"""References that people read to each other: short, no counter, no look-alikes, no accidental words."""

import secrets

#: No vowels (no words), no 0/O, 1/I/L, and no U/V pair.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
CLAIM_LENGTH = 6
ASSOCIATION_LENGTH = 8


def make_claim_reference() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CLAIM_LENGTH))


def make_association_reference() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(ASSOCIATION_LENGTH))
