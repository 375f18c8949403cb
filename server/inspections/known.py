"""What a visit names of the register: it must be there, belong together, and lie within its author's scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.accounts.service import Scope
from server.registry import service as registry

Body = dict[str, Any]


class OutOfScope(Exception):
    """The record speaks of a place, party or instrument that its author's unit is not responsible for."""


def ids_of(bodies: Iterable[Body]) -> registry.Ids:
    """Return all that some visits name."""
    places, stalls, instruments, custodies, parties = found = tuple(set[str]() for _ in range(5))
    for body in bodies:
        places.add(body["place"])
        for inspection in body["inspections"]:
            stalls.add(inspection["stall"])
            parties.add(inspection["party"])
            for check in inspection["checks"]:
                instruments.add(check["instrument"])
                custodies.add(check["custody"])
    return registry.Ids(*({id_ for id_ in ids if id_} for ids in found))


@dataclass(frozen=True)
class Known:
    """The register rows that visits name, by id."""

    rows: registry.Named

    def place(self, body: Body, scope: Scope) -> str:
        """Return the region of a visit's place; raises OutOfScope unless all it names is there and belongs together."""
        region = self.rows.places.get(body["place"])
        if region is None or not scope.covers(region):
            raise OutOfScope
        for inspection in body["inspections"]:
            self._look_at(inspection, scope)
        return region

    def instrument(self, check: Body) -> registry.Spot:
        """Return the instrument of a check."""
        return self.rows.instruments[check["instrument"]]

    def responsible(self, check: Body, inspection: Body) -> str | None:
        """Return who answers for a check: the user in custody at that time, else the party inspected."""
        custody = self.rows.custodies.get(check["custody"])
        party: str | None = custody.user_id if custody else inspection["party"]
        return party

    def _look_at(self, inspection: Body, scope: Scope) -> None:
        stall, party = inspection["stall"], inspection["party"]
        if stall and not scope.covers(self.rows.stalls.get(stall, "")):
            raise OutOfScope
        if party and not any(map(scope.covers, self.rows.parties.get(party, ()))):
            raise OutOfScope
        for check in inspection["checks"]:
            instrument = self.rows.instruments.get(check["instrument"])
            if instrument is None or not scope.covers(instrument.region):
                raise OutOfScope
            custody = self.rows.custodies.get(check["custody"])
            if check["custody"] and (custody is None or custody.instrument_id != check["instrument"]):
                raise OutOfScope
