"""What is told of prepackages: one package, a lot, the mark, and the tare taken off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from shared.conclusion import Conclusion
from shared.lot import Lot, judge_lot
from shared.package_labels import Mark, judge_mark
from shared.prepackages import Content, Package, judge_package, quantity
from shared.rules import rules_on
from shared.tare import net_by_mean
from tests.builders import todays_rules
from tests.rules.told import Case

RULES = todays_rules()
OLD = rules_on(date(2023, 1, 1))
SALT = Package(quantity("500", "g"))
RICE = Package(quantity("5", "kg"))
TEA = Package(quantity("125", "g"))
OIL = Package(quantity("1.8", "L"))
CLOTH = Package(quantity("6", "m"))
FOIL = Package(quantity("2", "m2"))
MATCHES = Package(quantity("120", "count"))


def _weighed(package: Package, *contents: Content, doubt: Content = 0) -> Conclusion:
    return judge_package(package, contents, RULES, doubt=doubt)


def _lot(size: int, contents: Sequence[Content], *, package: Package = SALT, doubt: Content = 0) -> Conclusion:
    return judge_lot(Lot(package=package, size=size, contents=tuple(contents), doubt=doubt), OLD)


def _marked(package: Package, unit: str, height_um: int | None = None, doubt_um: int = 0) -> Conclusion:
    return judge_mark(Mark(package, unit, height_um, doubt_um), RULES)


def _with_tare() -> Conclusion:
    net = net_by_mean(SALT, [512_400 + 300 * number for number in range(10)], [11_000] * 9 + [13_000], OLD)
    return judge_lot(Lot(package=SALT, size=40, contents=net.contents, doubt=100, tare=net.ground), OLD)


CASES: dict[str, Case] = {
    "enough": lambda: _weighed(SALT, 500_000, 503_000),
    "short within": lambda: _weighed(SALT, 491_300, 492_700, doubt=400),
    "short by all that is allowed": lambda: _weighed(RICE, 4_925_000, 4_930_000),
    "short by what rounding leaves open": lambda: _weighed(TEA, 119_350, 121_000),
    "short by the least of both ways to round": lambda: _weighed(TEA, 119_400, 121_000),
    "short by the most of both ways to round": lambda: _weighed(TEA, 119_300, 121_000),
    "short in doubt": lambda: _weighed(RICE, 4_921_000, 4_924_000, doubt=2_000),
    "short in doubt to its edge": lambda: _weighed(RICE, 4_870_000, 4_922_000, doubt=3_000),
    "short beyond": lambda: _weighed(RICE, 4_919_000, 4_921_999, doubt=3_000),
    "short by twice": lambda: _weighed(RICE, 4_848_000, 4_849_000, doubt=1_000),
    "short by more than twice": lambda: _weighed(RICE, 4_830_000, 4_848_999, doubt=1_000),
    "the weighings differ": lambda: _weighed(RICE, 4_960_000, 4_900_000, doubt=1_000),
    "weighed once": lambda: _weighed(SALT, 480_000, doubt=500),
    "never weighed": lambda: _weighed(SALT),
    "oil": lambda: _weighed(OIL, 1_765_000, 1_770_000, doubt=1_500),
    "cloth": lambda: _weighed(CLOTH, 5_860_000, 5_870_000, doubt=4_000),
    "foil": lambda: _weighed(FOIL, 1_930_000, 1_935_000, doubt=2_000),
    "matches": lambda: _weighed(MATCHES, 118, 119),
    "few matches": lambda: _weighed(Package(quantity("45", "count")), 43, 44),
    "unit and height right": lambda: _marked(SALT, "g", 4_500),
    "height on the edge": lambda: _marked(OIL, "l", 6_000, 300),
    "unit not legal and height too small": lambda: _marked(RICE, "斤", 5_100, 200),
    "height in doubt": lambda: _marked(OIL, "L", 5_700, 300),
    "no height at all": lambda: _marked(SALT, "kg", 0),
    "height missing": lambda: _marked(CLOTH, "cm"),
    "two legal units": lambda: _marked(Package(quantity("90", "cm")), "m", 1_900, 50),
    "the unit of a count is not judged": lambda: _marked(MATCHES, "count", 1_200),
    "lot within": lambda: _lot(40, [499_400] * 4 + [501_300] * 3 + [498_200] * 3, doubt=100),
    "lot mean in doubt": lambda: _lot(40, [498_100] * 5 + [498_900] * 5, doubt=1_300),
    "lot mean beyond": lambda: _lot(40, [498_100] * 5 + [498_900] * 5, doubt=700),
    "lot over T within what is allowed": lambda: _lot(60, [502_000] * 12 + [484_700]),
    "lot over T in doubt": lambda: _lot(60, [502_000] * 11 + [484_700, 484_900], doubt=200),
    "lot over T beyond": lambda: _lot(60, [502_000] * 11 + [484_700, 484_600], doubt=200),
    "lot over 2T in doubt": lambda: _lot(60, [502_000] * 12 + [469_800], doubt=300),
    "lot over 2T beyond": lambda: _lot(60, [502_000] * 11 + [469_300, 468_000], doubt=300),
    "lot of tea by both ways to round": lambda: _lot(40, [125_600] * 9 + [119_350], package=TEA, doubt=30),
    "lot with a mean tare": _with_tare,
    "small lot": lambda: _lot(3, [491_000, 497_000, Fraction(996_001, 2)]),
    "lot of too few": lambda: _lot(60, [500_000] * 7),
    "lot of one": lambda: _lot(1, [490_000]),
    "lot of today": lambda: judge_lot(Lot(package=OIL, size=12, contents=(1_801_000,) * 10, doubt=2_000), RULES),
}
