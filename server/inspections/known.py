"""What a visit names of the register: it must be there, belong together, and lie within its author's scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
        instruments = _known(session, scope, registry.instruments_in, _all(body, "instrument"))
        custodies = _known(session, scope, registry.custodies_in, _all(body, "custody"))
        _known(session, scope, registry.parties_in, {row["party"] for row in body["inspections"]})
        _known(session, scope, registry.stalls_in, {row["stall"] for row in body["inspections"]})
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


def _all(body: dict[str, Any], name: str) -> set[str | None]:
    return {check[name] for inspection in body["inspections"] for check in inspection["checks"]}


LookUp = Callable[[Session, Scope, set[str]], dict[str, Any]]


def _known(session: Session, scope: Scope, look_up: LookUp, ids: set[str | None]) -> dict[str, Any]:
    """Return the named rows by id; raises OutOfScope when one is not there for this scope."""
    wanted = {id_ for id_ in ids if id_}
    found = look_up(session, scope, wanted)
    if len(found) != len(wanted):
        raise OutOfScope
    return found
