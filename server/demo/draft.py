"""The city while it is drawn: lists that grow, and the books that give each name, code and serial once."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.demo.dice import Dice
from server.demo.names import Names
from server.demo.records import Finding, Pledge, Seal, SealBinding, Task, Verification, Visit
from server.demo.register import (
    Custody,
    Dispenser,
    Instrument,
    Meter,
    Nozzle,
    Party,
    Person,
    Place,
    Region,
    Stall,
    StatusEntry,
    Tenancy,
    Unit,
)


@dataclass
class Draft:
    """Everything drawn so far, each list in the order in which it was drawn."""

    dice: Dice
    names: Names
    regions: list[Region] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    stalls: list[Stall] = field(default_factory=list)
    tenancies: list[Tenancy] = field(default_factory=list)
    instruments: list[Instrument] = field(default_factory=list)
    statuses: list[StatusEntry] = field(default_factory=list)
    dispensers: list[Dispenser] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    nozzles: list[Nozzle] = field(default_factory=list)
    custodies: list[Custody] = field(default_factory=list)
    verifications: list[Verification] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    pledges: list[Pledge] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    bindings: list[SealBinding] = field(default_factory=list)

    @classmethod
    def begin(cls, dice: Dice) -> Draft:
        return cls(dice, Names(dice.stream("names")))

    def region_name(self, code: str) -> str:
        return next(region.name for region in self.regions if region.code == code)

    def staff(self, unit_id: str, role: str) -> list[Person]:
        """Return the people of a unit in a role."""
        return [person for person in self.people if person.unit_id == unit_id and person.role == role]
