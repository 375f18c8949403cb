"""What a visit names of the register: it must be there, belong together, and lie within its author's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.registry import service as registry


class OutOfScope(Exception):
    """The record speaks of a place, party or instrument that its author's unit is not responsible for."""


@dataclass(frozen=True)
class Known:
    """The register rows that a visit names, by id."""

    instruments: dict[str, registry.Instrument]
    custodies: dict[str, registry.Custody]

    @classmethod
    def of(cls, session: Session, body: dict[str, Any], scope: Scope) -> Known:
        """Look up all that is named; raises OutOfScope when something is not there or does not belong together."""
        instruments = _known(session, registry.Instrument, _all(body, "instrument"))
        custodies = _known(session, registry.Custody, _all(body, "custody"))
        parties = _known(session, registry.Party, [row["party"] for row in body["inspections"]])
        stalls = _known(session, registry.Stall, [row["stall"] for row in body["inspections"]])
        regions = {item.region for item in instruments.values()} | registry.regions_of_stalls(session, list(stalls))
        if not all(map(scope.covers, regions)):
            raise OutOfScope
        if registry.strangers(session, list(parties.values()), scope):
            raise OutOfScope
        for inspection in body["inspections"]:
            for check in inspection["checks"]:
                custody = custodies.get(check["custody"])
                if custody is not None and custody.instrument_id != check["instrument"]:
                    raise OutOfScope
        return cls(instruments, custodies)

    def responsible(self, check: dict[str, Any], inspection: dict[str, Any]) -> str | None:
        """Return who answers for a check: the user in custody at that time, else the party inspected."""
        custody = self.custodies.get(check["custody"])
        party: str | None = custody.user_id if custody else inspection["party"]
        return party


def _all(body: dict[str, Any], name: str) -> list[str | None]:
    return [check[name] for inspection in body["inspections"] for check in inspection["checks"]]


def _known(session: Session, kind: type[Any], ids: list[str | None]) -> dict[str, Any]:
    """Return the named rows by id; raises OutOfScope when one is not there."""
    wanted = {id_ for id_ in ids if id_}
    if not wanted:
        return {}
    found = {row.id: row for row in session.scalars(select(kind).where(kind.id.in_(wanted)))}
    if len(found) != len(wanted):
        raise OutOfScope
    return found
