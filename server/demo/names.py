"""Invented names: people, shops, firms and streets, each given once."""

from __future__ import annotations

from random import Random

from server.demo.lists import pairs, words


class Names:
    """Gives names from a stream and never the same one twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def person(self) -> tuple[str, str]:
        """Return a name and its pinyin, without tones and spaces."""
        lists = ("surnames", "given_first", "given_second")
        while True:
            parts = [self._rng.choice(pairs("people", name)) for name in lists]
            name = "".join(character for character, _ in parts)
            if self._is_new(name):
                return name, "".join(sound for _, sound in parts)

    def business(self, before: str, after: tuple[str, ...]) -> str:
        """Return ``before``, two syllables and one of the endings; three syllables when two are used up."""
        for attempt in range(1000):
            middle = "".join(self._rng.choice(words("places", part)) for part in ("first", "second"))
            extra = self._rng.choice(words("places", "first")) if attempt > 50 else ""
            name = f"{before}{extra}{middle}{self._rng.choice(after)}"
            if self._is_new(name):
                return name
        raise ValueError(f"the lists hold too few syllables for another {after[0]}")

    def address(self, region_name: str) -> str:
        """Return a street and a number; several places may share it."""
        road, number = self._rng.choice(words("places", "roads")), self._rng.randrange(1, 399)
        return f"{region_name}{road}{number}号"

    def _is_new(self, name: str) -> bool:
        if name in self._given:
            return False
        self._given.add(name)
        return True
