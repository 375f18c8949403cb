"""Tests of fuel nozzles that are being made, saved whole at every reading, sealed like the running visit.

What was entered is kept, and nothing that follows from it: judging again is cheap, always by the rules of every civil
day that it may be. The form is this phone's own; records of nozzles have no form on the wire yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from typing import Any

from fieldapp.clock import Offset, rule_days
from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer
from shared.between import conclude_between
from shared.conclusion import Conclusion
from shared.dates import instant_text
from shared.dispensers import judge_nozzle
from shared.fuel_check import Flow, FlowTest, Measure, NozzleCheck, Payment, Run
from shared.fuel_volume import Fuel, Material


class NozzleDrafts:
    """Holds at most one test of each nozzle."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def of(self, instrument: str) -> NozzleCheck | None:
        """Return the test of a nozzle as it was entered; None when there is none."""
        found = self._database.row("SELECT body FROM nozzle_draft WHERE instrument = ?", instrument)
        return _check(self._sealer.open_json(_place(instrument), found[0])) if found else None

    def keep(self, instrument: str, check: NozzleCheck, now: datetime) -> None:
        """Save the test of a nozzle as it is now."""
        body = self._sealer.seal_json(_place(instrument), _plain(check))
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO nozzle_draft (instrument, saved_at, body) VALUES (?, ?, ?)",
                (instrument, instant_text(now), body),
            )

    def discard(self, instrument: str) -> None:
        """Forget the test of a nozzle."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM nozzle_draft WHERE instrument = ?", (instrument,))


def judged(check: NozzleCheck, now: datetime, offset: Offset | None, region: str) -> Conclusion:
    """Judge a test by the rules of every civil day that it may be; raises as ``judge_nozzle``."""
    first, last = rule_days(now, offset)
    return conclude_between(partial(judge_nozzle, check), first, last, region)


def _place(instrument: str) -> str:
    return f"nozzle_draft/{instrument}"


def _plain(check: NozzleCheck) -> dict[str, Any]:
    """Return a test as JSON values; what a measure held is a fraction as text, for it need not be a whole number."""
    until = check.measure.valid_until
    measure = asdict(check.measure) | {"valid_until": until.isoformat() if until else None}
    tests = [{"flow": test.flow, "runs": [_plain_run(run) for run in test.runs]} for test in check.tests]
    return asdict(check) | {"measure": measure, "tests": tests}


def _plain_run(run: Run) -> dict[str, Any]:
    return asdict(run) | {"held_ul": str(run.held_ul)}


def _check(plain: Mapping[str, Any]) -> NozzleCheck:
    measure, until = plain["measure"], plain["measure"]["valid_until"]
    standards = {"material": Material(measure["material"]), "valid_until": date.fromisoformat(until) if until else None}
    return NozzleCheck(
        **{**plain}
        | {
            "fuel": Fuel(plain["fuel"]),
            "measure": Measure(**measure | standards),
            "tests": tuple(FlowTest(Flow(test["flow"]), tuple(map(_run, test["runs"]))) for test in plain["tests"]),
            "ambient_mk": tuple(plain["ambient_mk"]),
            "payments": tuple(Payment(**payment) for payment in plain["payments"]),
        }
    )


def _run(plain: Mapping[str, Any]) -> Run:
    return Run(**{**plain} | {"held_ul": Fraction(plain["held_ul"])})
