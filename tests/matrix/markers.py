"""Words planted in the world, and whose they are: found again wherever they leak."""

import re
from dataclasses import dataclass, field

#: (owner, kind): whose it is, and what.
Sight = tuple[str, str]


@dataclass
class Markers:
    """Text → whose it is. Letters' case does not matter, and it never matches inside a word."""

    planted: dict[str, Sight] = field(default_factory=dict)

    def plant(self, owner: str, kind: str, *texts: str) -> None:
        for text in texts:
            self.planted[text.lower()] = (owner, kind)

    def plant_number(self, owner: str, kind: str, number: int) -> None:
        """A figure, as people and as machines write it."""
        self.plant(owner, kind, str(number), f"{number:,}", f"{number:,}".replace(",", "."))

    def find(self, text: str, *, told: str = "") -> dict[Sight, str]:
        """What is in ``text`` and was not in what was asked (``told``): sight → the words around it."""
        text, told = text.lower(), told.lower()
        found: dict[Sight, str] = {}
        for marker, sight in self.planted.items():
            if sight not in found and marker in text and marker not in told:
                place = re.search(rf"(?<![0-9a-z]){re.escape(marker)}(?![0-9a-z])", text)
                if place:
                    found[sight] = text[max(0, place.start() - 60) : place.end() + 20]
        return found

    def sights(self) -> set[Sight]:
        """Whose and what was planted."""
        return set(self.planted.values())
