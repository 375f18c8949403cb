"""Merchants and operators of every kind of identity, with numbers of valid form where they have one."""

from __future__ import annotations

from random import Random

from server.demo import codes
from server.demo.dice import at, new_id, pick
from server.demo.draft import Draft
from server.demo.lists import words
from server.demo.regions import registration_code
from server.demo.register import Party, Region
from shared.words import IdentityKind, PlaceKind

STALLHOLDERS = (
    (IdentityKind.USCC, 62),
    (IdentityKind.OLD_NUMBER, 14),
    (IdentityKind.IDENTITY_CARD, 10),
    (IdentityKind.SELF_GROWER, 8),
    (IdentityKind.STREET_VENDOR, 6),
)
SHOPS = ((IdentityKind.USCC, 85), (IdentityKind.OLD_NUMBER, 15))
MEAN_DAYS_REGISTERED = 400


class PartyBook:
    """Adds parties to a draft; sequences run on, so no number is given twice."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._rng: Random = draft.dice.stream("parties")

    def operator(self, region: Region, kind: PlaceKind) -> Party:
        """Add the firm that operates a place."""
        city = self._draft.region_name(f"{region.code[:4]}00").removesuffix("市")
        name = self._draft.names.business(city, words("suffixes", f"{kind}_operator"))
        return self._add(name, IdentityKind.USCC, codes.ENTERPRISE, region)

    def shopkeeper(self, region: Region, name: str) -> Party:
        """Add the keeper of a shop, registered under the shop's name."""
        return self._add(f"{region.name}{name}", pick(self._rng, SHOPS), codes.INDIVIDUAL, region)

    def stallholder(self, region: Region, zone: str, kind: IdentityKind | None = None) -> Party:
        """Add a merchant of one zone of a market; ``kind`` None: drawn."""
        kind = kind or pick(self._rng, STALLHOLDERS)
        if kind in (IdentityKind.USCC, IdentityKind.OLD_NUMBER):
            return self._add(
                self._draft.names.business(region.name, words("trades", zone)), kind, codes.INDIVIDUAL, region
            )
        return self._add("", kind, codes.INDIVIDUAL, region)

    def _add(self, name: str, kind: IdentityKind, registered_as: str, region: Region) -> Party:
        contact = self._draft.names.person()[0]
        public_code, identity_no = self._numbers(kind, registered_as, registration_code(region))
        born = at(self._draft.dice.ago(700 + self._rng.randrange(MEAN_DAYS_REGISTERED)), 9)
        party = Party(new_id(self._rng, born), name or contact, kind, public_code, identity_no, region.code, contact)
        self._draft.parties.append(party)
        return party

    def _numbers(self, kind: IdentityKind, registered_as: str, region: str) -> tuple[str | None, str | None]:
        sequence = len(self._draft.parties) + 1
        if kind is IdentityKind.USCC:
            return codes.uscc(registered_as, region, self._tail(sequence)), None
        if kind is IdentityKind.OLD_NUMBER:
            return codes.old_number(region, sequence), None
        if kind is IdentityKind.IDENTITY_CARD:
            same = sum((party.identity_no or "").startswith(region) for party in self._draft.parties)
            return None, codes.citizen_number(region, same + 1)
        return None, None

    def _tail(self, sequence: int) -> str:
        mixed = "".join(self._rng.choice(codes.USCC_CHARACTERS) for _ in range(2))
        return f"{mixed}{sequence % 10_000:04d}"
