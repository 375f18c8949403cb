"""The stock of labels as a ledger: every label of the city was ordered, printed and went its way, event by event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from server.demo.city import City
from server.demo.dice import Dice, at, new_id
from server.demo.records import Seal
from shared.label_life import holder
from shared.words import SealState

MISPRINTED, DROPPED, TAKEN_DOWN = "印刷模糊", "执法途中遗失", "器具已退出使用"
PRINTED_AFTER, ISSUED_AFTER, WRITTEN_OFF_AFTER = timedelta(hours=5), timedelta(days=1), timedelta(days=3)


@dataclass(frozen=True)
class Step:
    """One move of one label."""

    state: SealState
    holder: str
    by: str | None
    at: datetime
    instrument_id: str | None = None
    note: str = ""


class Stock:
    """What every label of a city went through, worked out from what became of it."""

    def __init__(self, city: City) -> None:
        self._rng = Dice(city.seed, city.as_of).stream("stock")
        self._bindings = {binding.serial: binding for binding in city.bindings}
        self._ends = {entry.instrument_id: entry.first_day for entry in city.statuses}
        supervisors = {person.unit_id: person.id for person in reversed(city.people) if person.role == "supervisor"}
        keepers = sorted((unit for unit in city.units if unit.id in supervisors), key=lambda unit: unit.regions[0])
        self._keepers = {region: (unit.id, supervisors[unit.id]) for unit in keepers for region in unit.regions}
        self.steps = {label.serial: list(self._steps(label)) for label in city.seals}
        self._regions = {label.serial: label.region for label in city.seals}

    def _keeper(self, region: str) -> tuple[str, str]:
        """Return the unit that keeps the labels of a region, and its supervisor: the nearest one above."""
        known = (self._keepers[region[:length]] for length in (6, 4, 2) if region[:length] in self._keepers)
        return next(known)

    def _steps(self, label: Seal) -> Iterator[Step]:
        unit, keeper = self._keeper(label.region)
        began = at(label.issued_on, 9)
        yield Step(SealState.ORDERED, holder(SealState.ORDERED), keeper, began)
        yield Step(SealState.PRINTED, holder(SealState.PRINTED, unit), keeper, began + PRINTED_AFTER)
        binding = self._bindings.get(label.serial)
        officer = binding.person_id if binding else label.holder_id
        if officer is not None:
            issued = binding.bound_at - timedelta(hours=2) if binding else began + ISSUED_AFTER
            yield Step(SealState.ISSUED, holder(SealState.ISSUED, officer), keeper, issued)
        if binding is not None:
            on = binding.instrument_id
            yield Step(SealState.APPLIED, holder(SealState.APPLIED), officer, binding.bound_at, instrument_id=on)
            if label.state is SealState.VOID:
                ended = max(at(self._ends[binding.instrument_id], 17), binding.bound_at + timedelta(hours=1))
                yield Step(SealState.VOID, holder(SealState.VOID), keeper, ended, note=TAKEN_DOWN)
        elif label.state in (SealState.VOID, SealState.LOST):
            note = DROPPED if label.state is SealState.LOST else MISPRINTED
            yield Step(label.state, holder(label.state), keeper, began + WRITTEN_OFF_AFTER, note=note)

    def now(self, serial: int) -> dict[str, Any]:
        """Return the columns of a label that follow from its events."""
        steps = self.steps[serial]
        return {"holder": steps[-1].holder, "step": len(steps)}

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the ledger: one for each run of labels that made the same move at the same time."""
        moves = [
            (number, step, steps[number - 1] if number else None, serial)
            for serial, steps in self.steps.items()
            for number, step in enumerate(steps)
        ]
        moves.sort(key=lambda move: (move[0], move[3]))
        runs = groupby(enumerate(moves), key=lambda one: (one[1][:3], self._regions[one[1][3]], one[1][3] - one[0]))
        for ((number, step, before), region, _), run in runs:
            serials = [move[3] for _, move in run]
            yield {
                "id": new_id(self._rng, step.at),
                "first_serial": serials[0],
                "last_serial": serials[-1],
                "region": region,
                "kind": step.state,
                "from_state": before.state if before else None,
                "from_holder": before.holder if before else None,
                "to_holder": step.holder,
                "step": number + 1,
                "instrument_id": step.instrument_id,
                "by_person": step.by,
                "at": step.at,
                "note": step.note,
            }
