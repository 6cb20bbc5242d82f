"""The blocks of an email, from which both its text and its HTML are written.

They hold plain text: nothing is escaped, and a line break is a line break.
"""

import re
from dataclasses import dataclass, field
from itertools import groupby

WIDTH = 72
WEB_ADDRESS = re.compile(r"https?://[^\s/\x00-\x1f][^\s\x00-\x1f]*")


class UnsafeAddressError(ValueError):
    """An email links to something that is not an http or https address."""


@dataclass(frozen=True)
class Block:
    """A paragraph, a fact (label and words), a link or an action (label and address)."""

    kind: str
    words: str
    label: str = ""

    def write(self) -> str:
        """Return the block as text, wrapped."""
        if self.kind == "fact":
            return _wrap(f"{self.label}: {self.words}", hang="  ")
        if self.kind == "action":
            return _wrap(f"{self.label}:\n{self.words}")
        if self.kind == "link":
            return _wrap(f"{self.label}\n{self.words}")
        return _wrap(self.words)


@dataclass
class Letter:
    """What an email's template fills in; see ``templatetags/mail.py``."""

    subject: str = ""
    body: list[Block] = field(default_factory=list)
    footer: list[Block] = field(default_factory=list)

    def write(self) -> str:
        """Return the text part: facts without blank lines between them, everything else with."""
        groups = groupby(self.body + self.footer, lambda block: block.kind == "fact")
        written = [
            ("\n" if is_facts else "\n\n").join([block.write() for block in group])
            for is_facts, group in groups
        ]
        return "\n\n".join(written) + "\n"


def require_web_address(value: str) -> str:
    """Return ``value`` if it is an http or https address.

    Raise UnsafeAddressError otherwise: a link in an email must not run anything or open another program.
    """
    if not WEB_ADDRESS.fullmatch(value):
        raise UnsafeAddressError(f"not an http or https address: {value!r}")
    return value


def _wrap(words: str, *, hang: str = "") -> str:
    """Wrap each line of ``words``; lines after the first begin with ``hang``. Long words stay whole."""
    lines: list[str] = []
    for source in words.strip().splitlines():
        line = hang if lines else ""
        for word in source.split():
            if len(line) + len(word) + 1 > WIDTH and line.strip():
                lines.append(line.rstrip())
                line = hang
            line += word + " "
        lines.append(line.rstrip())
    return "\n".join(lines)
