"""Beyond one nozzle: the fuel that a test drew and gave back, one board as the cause of several, what to look at.

Volumes are whole microlitres or fractions of them.

>>> found = [NozzleFound(nozzle, "B7", Code.BEYOND) for nozzle in ("1", "2")]
>>> [(cause.board, cause.nozzles) for cause in shared_causes(found)]
[('B7', ('1', '2'))]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from shared.conclusion import Code
from shared.fuel_check import Flow, NozzleCheck
from shared.fuel_points import point_of
from shared.fuel_volume import Fuel
from shared.rules import Rules
from shared.rules.rows import DispenserItem
from shared.texts import Texts


@dataclass(frozen=True)
class Drawn:
    """What the tests of one fuel took through the dispensers and gave back to the tank.

    ``shown_ul`` is what the dispensers counted, so what the station's books show as sold; ``returned_ul`` is what the
    measure held, at the temperature of the dispenser.
    """

    fuel: Fuel
    runs: int
    shown_ul: int
    returned_ul: Fraction

    @property
    def difference_ul(self) -> Fraction:
        """What the books count more than went back into the tank."""
        return self.shown_ul - self.returned_ul


def drawn_and_returned(checks: Iterable[NozzleCheck], rules: Rules) -> list[Drawn]:
    """Sum the runs of some tests by fuel, so that the station's books can be put right. Errors as for judge_nozzle."""
    sums: dict[Fuel, list[tuple[int, Fraction]]] = defaultdict(list)
    for check in checks:
        points = [point for flow in Flow if (point := point_of(check, flow, rules))]
        sums[check.fuel] += [(one.run.shown_ul, one.true_ul) for point in points for one in point.measured]
    return [
        Drawn(fuel, len(runs), sum(shown for shown, _ in runs), sum((true for _, true in runs), Fraction()))
        for fuel, runs in sorted(sums.items())
    ]


@dataclass(frozen=True)
class NozzleFound:
    """A nozzle by its painted number, the number of the board that drives it ("" unknown), and its verdict."""

    nozzle: str
    board: str
    code: Code


@dataclass(frozen=True)
class Cause:
    """One cause for some nozzles: the board that drives them, "" where it is not known."""

    board: str
    nozzles: tuple[str, ...]


def shared_causes(tested: Iterable[NozzleFound]) -> list[Cause]:
    """Group the nozzles that are beyond their limits by board: one faulty board is one cause, however many it drives.

    A nozzle whose board is not known stands alone. A nozzle tested twice counts once. The order never matters.

    >>> open_one = NozzleFound("3", "", Code.INDETERMINATE)
    >>> shared_causes([NozzleFound("2", "", Code.BEYOND), NozzleFound("1", "", Code.BEYOND), open_one])
    [Cause(board='', nozzles=('1',)), Cause(board='', nozzles=('2',))]
    """
    by_board: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in tested:
        if one.code is Code.BEYOND:
            by_board[one.board, "" if one.board else one.nozzle].add(one.nozzle)
    return [Cause(board, tuple(sorted(nozzles))) for (board, _), nozzles in sorted(by_board.items())]


def items_of(kind: str, group: str, rules: Rules) -> list[DispenserItem]:
    """Return what to look at on a dispenser or charger: a ``mark`` of the plate, a ``seal``, a ``board`` question.

    ``kind`` is ``fuel_nozzle`` or one of ``shared.energy_dispensers.EnergyKind``; what nobody knows is an empty list.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> [item.code for item in items_of("fuel_nozzle", "seal", rules_on(date(2026, 11, 21)))]
    ['adjuster', 'encoder_transducer', 'board_housing']
    """
    return [row for row in rules.all_of(DispenserItem) if (row.kind, row.group) == (kind, group)]


def item_text(texts: Texts, item: DispenserItem) -> str:
    """Return what an item is called.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> from shared.texts import load
    >>> item_text(load("en"), items_of("fuel_nozzle", "seal", rules_on(date(2026, 11, 21)))[0])
    'Adjusting device of the flow transducer'
    """
    return texts(f"dispenser_item.{item.code}")
