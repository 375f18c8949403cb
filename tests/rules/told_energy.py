"""What is told of a gas dispenser or a charger: its error, its clock, what was missing, and the arithmetic."""

from __future__ import annotations

from datetime import date

from shared.conclusion import Conclusion
from shared.energy_dispensers import EnergyCheck, EnergyKind, EnergyRun, judge_clock, judge_energy
from shared.rules import rules_on
from shared.rules.rows import FieldTest
from tests.builders import TODAY, todays_rules
from tests.rules.told import Case
from tests.rules.without import without

RULES = todays_rules()


def _gas(
    *runs: tuple[int, int], standard_ppm: int = 2_000, step: int = 10_000, until: date | None = None
) -> EnergyCheck:
    return EnergyCheck(
        kind=EnergyKind.CNG,
        runs=tuple(EnergyRun(shown, true) for shown, true in runs),
        step=step,
        standard_ppm=standard_ppm,
        standard_until=until,
    )


def _charger(*runs: tuple[int, int], standard_ppm: int = 1_000) -> EnergyCheck:
    return EnergyCheck(
        kind=EnergyKind.AC_CHARGER,
        runs=tuple(EnergyRun(shown, true) for shown, true in runs),
        step=10,
        standard_ppm=standard_ppm,
        accuracy_class="2",
    )


def _told(check: EnergyCheck, day: date = TODAY) -> Conclusion:
    return judge_energy(check, rules_on(day))


def _clock(
    *errors_s: int, kind: EnergyKind = EnergyKind.DC_CHARGER, is_new: bool = False, doubt_s: int = 2
) -> Conclusion:
    return judge_clock(kind, errors_s, RULES, is_new=is_new, doubt_s=doubt_s)


SOUND = ((10_060_000, 10_010_000), (10_090_000, 10_015_000), (10_030_000, 10_005_000))

CASES: dict[str, Case] = {
    "gas within": lambda: _told(_gas(*SOUND)),
    "gas on its limit": lambda: _told(_gas(*[(10_100_000, 10_000_000)] * 3)),
    "gas in doubt": lambda: _told(_gas((10_120_000, 10_004_000), (10_130_000, 10_010_000), (10_150_000, 10_030_000))),
    "gas at the edge of doubt": lambda: _told(_gas(*[(10_125_000, 10_000_000)] * 3, step=5_000, standard_ppm=2_250)),
    "gas beyond for the buyer": lambda: _told(
        _gas((10_150_000, 9_996_000), (10_160_000, 10_013_000), (10_170_000, 10_021_000))
    ),
    "gas beyond for the seller": lambda: _told(
        _gas((9_850_000, 10_004_000), (9_830_000, 10_003_000), (9_860_000, 10_011_000))
    ),
    "two runs": lambda: _told(_gas((10_150_000, 10_003_000), (10_160_000, 10_004_000))),
    "no run": lambda: _told(_gas()),
    "certificate ended": lambda: _told(_gas(*SOUND, until=date(2026, 11, 20))),
    "certificate of today": lambda: _told(_gas(*SOUND, until=TODAY)),
    "standard coarse": lambda: _told(_gas((10_150_000, 10_003_000), *SOUND[1:], standard_ppm=3_334)),
    "standard just fine enough": lambda: _told(_gas(*SOUND, standard_ppm=3_333)),
    "lpg": lambda: _told(
        EnergyCheck(
            kind=EnergyKind.LPG,
            runs=(
                EnergyRun(20_110_000, 20_030_000),
                EnergyRun(20_080_000, 20_010_000),
                EnergyRun(20_050_000, 20_020_000),
            ),
            step=10_000,
            standard_ppm=2_500,
        )
    ),
    "lng, its limit from memory": lambda: _told(
        EnergyCheck(
            kind=EnergyKind.LNG,
            runs=(EnergyRun(10_270_000, 10_030_000),) * 3,
            step=10_000,
            standard_ppm=3_500,
        )
    ),
    "lng, its standard just fine enough": lambda: _told(
        EnergyCheck(kind=EnergyKind.LNG, runs=(EnergyRun(10_040_000, 10_030_000),) * 3, step=10_000, standard_ppm=5_000)
    ),
    "the smallest figures": lambda: _told(_gas((1, 1), (1, 2), (2, 1), step=1)),
    "charger": lambda: _told(_charger((5_070, 5_000), (5_110, 5_030), (5_060, 5_010))),
    "no rule": lambda: _told(_gas(*SOUND), date(2010, 1, 1)),
    "no row of the runs": lambda: judge_energy(_gas(*SOUND), without(FieldTest)),
    "clock without a row of the readings": lambda: judge_clock(EnergyKind.DC_CHARGER, [1, 2, 3], without(FieldTest)),
    "clock within": lambda: _clock(140, -170, 175),
    "clock without a doubt": lambda: _clock(181, 182, 183, doubt_s=0),
    "clock on its limit": lambda: _clock(-180, 190, 200),
    "clock in doubt": lambda: _clock(182, 190, -200),
    "clock beyond": lambda: _clock(-183, 190, 200),
    "clock of a new charger": lambda: _clock(7, 9, 8, kind=EnergyKind.AC_CHARGER, is_new=True, doubt_s=1),
    "clock read twice": lambda: _clock(200, -190),
    "clock never read": lambda: _clock(),
    "no rule for the clock of a gas dispenser": lambda: _clock(1, 2, 3, kind=EnergyKind.CNG),
}
