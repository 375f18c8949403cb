"""What is told of a fuel nozzle: its errors, its spread, its payments, what was missing, and the arithmetic."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from shared.conclusion import Conclusion, conclude
from shared.dispensers import judge_nozzle, neck_step
from shared.fuel_check import Flow, FlowTest, NozzleCheck, Payment, Run
from shared.fuel_volume import Fuel, Material, Neck, neck_um
from shared.rules import rules_on
from shared.rules.rows import FuelCondition, StandardShare
from tests.builders import todays_rules
from tests.rules.fuel_builders import LITRE, a_measure, a_nozzle_check, a_run
from tests.rules.told import Case
from tests.rules.without import without

RULES = todays_rules()
NECK = Neck(reference_ul=19_750_000, reference_um=68_300, ul_per_mm=2_100, highest_um=140_000)
# One run shown as 20.00 L and held at 20 °C with errors of about 0.10 %, 0.15 % and 0.25 %: no run twice the same.
STEADY = (a_run(held_ul=19_980_000), a_run(20_100_000, 20_070_000), a_run(20_050_000, 20_000_000))
LIGHT = (a_run(held_ul=19_880_000), a_run(20_100_000, 19_986_000), a_run(20_050_000, 19_934_000))
HEAVY = (a_run(held_ul=20_101_000), a_run(20_100_000, 20_210_000), a_run(20_050_000, 20_170_000))


def _told(check: NozzleCheck, day: date = RULES.day) -> Conclusion:
    return judge_nozzle(check, rules_on(day))


def _tests(*runs: Run, second: tuple[Run, ...] = STEADY) -> tuple[FlowTest, ...]:
    return (FlowTest(Flow.LARGEST, runs), FlowTest(Flow.SECOND, second))


def _near(held_ul: int | Fraction) -> Run:
    """Return a run of 20 L that held so much."""
    return a_run(held_ul=held_ul)


CASES: dict[str, Case] = {
    "within": lambda: _told(a_nozzle_check(tests=_tests(*STEADY))),
    "warm oil, unknown certificates and plate": lambda: _told(
        a_nozzle_check(
            a_run(held_ul=19_930_000, dispenser_mk=24_300, measure_mk=23_100),
            a_run(20_100_000, 20_020_000, dispenser_mk=25_100, measure_mk=23_700),
            a_run(20_050_000, 19_960_000, dispenser_mk=25_600, measure_mk=23_900),
            fuel=Fuel.DIESEL,
            measure=a_measure(material=Material.CARBON_STEEL, doubt_ul=None, thermometer_mk=None),
            least_ul=None,
            ambient_mk=(24_000, 26_500, 22_800),
        )
    ),
    "point and spread in doubt": lambda: _told(
        a_nozzle_check(
            tests=_tests(_near(19_955_000), _near(19_920_000), _near(19_930_000)), measure=a_measure(doubt_ul=9_000)
        )
    ),
    "point beyond for the buyer": lambda: _told(a_nozzle_check(*LIGHT, measure=a_measure(doubt_ul=6_000))),
    "point beyond for the seller": lambda: _told(a_nozzle_check(tests=_tests(*HEAVY))),
    "spread beyond": lambda: _told(
        a_nozzle_check(tests=_tests(_near(19_990_000), _near(19_950_000), _near(20_010_000)))
    ),
    "spread on its edge": lambda: _told(
        a_nozzle_check(tests=_tests(_near(20 * LITRE), _near(20 * LITRE), _near(Fraction(20 * LITRE * 10**5, 100_169))))
    ),
    "spread in doubt": lambda: _told(
        a_nozzle_check(tests=_tests(_near(19_980_000), _near(19_940_000), _near(19_960_000)))
    ),
    "mean on its edge": lambda: _told(a_nozzle_check(tests=_tests(*[_near(Fraction(20 * LITRE * 1000, 1003))] * 3))),
    "payments": lambda: _told(
        a_nozzle_check(
            *STEADY,
            payments=(
                Payment(15_781, 20 * LITRE, 789),
                Payment(15_781, 20_010_000, 789),
                Payment(15_777, 20 * LITRE, 789),
                Payment(7_777, 10 * LITRE, 777),
            ),
        )
    ),
    "payments of tenths": lambda: _told(
        a_nozzle_check(
            *STEADY,
            pay_step_fen=10,
            payments=(
                Payment(15_790, 20 * LITRE, 789),
                Payment(15_760, 20 * LITRE, 789),
                Payment(8_640, 11 * LITRE, 786),
            ),
        )
    ),
    "too few payments": lambda: _told(
        a_nozzle_check(*STEADY, payments=(Payment(15_800, 20 * LITRE, 789), Payment(7_771, 10 * LITRE, 777)))
    ),
    "two runs at one flow, three payments": lambda: _told(
        a_nozzle_check(
            tests=_tests(*LIGHT[:2]),
            payments=(
                Payment(15_790, 20 * LITRE, 789),
                Payment(15_780, 20 * LITRE, 789),
                Payment(7_771, 10 * LITRE, 777),
            ),
        )
    ),
    "one flow": lambda: _told(a_nozzle_check(tests=(FlowTest(Flow.SECOND, HEAVY),))),
    "spread open": lambda: _told(
        a_nozzle_check(
            tests=_tests(_near(19_990_000), _near(19_950_000), _near(20_010_000)), ambient_mk=(18_000, 23_500)
        )
    ),
    "no run": lambda: _told(a_nozzle_check(tests=())),
    "too little": lambda: _told(a_nozzle_check(tests=_tests(a_run(4_990_000, 4_980_000), *STEADY[1:]))),
    "less than the usual least": lambda: _told(
        a_nozzle_check(tests=_tests(a_run(4_990_000, 4_980_000), *STEADY[1:]), least_ul=None)
    ),
    "implausible": lambda: _told(a_nozzle_check(tests=_tests(_near(14_500_000), *STEADY[1:]))),
    "implausible the other way": lambda: _told(a_nozzle_check(tests=_tests(_near(29_500_000), *STEADY[1:]))),
    "oil temperatures apart": lambda: _told(
        a_nozzle_check(tests=_tests(a_run(held_ul=19_990_000, dispenser_mk=24_300, measure_mk=20_200), *STEADY[1:]))
    ),
    "warmth on both edges": lambda: _told(
        a_nozzle_check(
            tests=_tests(a_run(held_ul=19_900_000, dispenser_mk=24_000), *STEADY[1:]), ambient_mk=(18_000, 23_000)
        )
    ),
    "air not written down": lambda: _told(a_nozzle_check(*STEADY, ambient_mk=(21_000,))),
    "certificate ended": lambda: _told(
        a_nozzle_check(*STEADY, measure=a_measure(valid_until=date(2026, 11, 20), doubt_ul=20_100))
    ),
    "certificate of today": lambda: _told(
        a_nozzle_check(*[_near(20 * LITRE)] * 3, measure=a_measure(valid_until=RULES.day, doubt_ul=20_000))
    ),
    "no rule": lambda: _told(a_nozzle_check(*STEADY), date(2010, 1, 1)),
    "no row of the warmth": lambda: judge_nozzle(a_nozzle_check(*STEADY), without(FuelCondition)),
    "no row of the measure's share": lambda: judge_nozzle(a_nozzle_check(*STEADY), without(StandardShare)),
    "before 2024": lambda: _told(a_nozzle_check(*STEADY, fuel=Fuel.KEROSENE), date(2024, 4, 30)),
    "neck": lambda: conclude([], RULES.ruleset, [neck_step(NECK, 37_400)]),
    "neck at nothing": lambda: conclude([], RULES.ruleset, [neck_step(NECK, neck_um("0"))]),
    "the smallest neck": lambda: conclude(
        [],
        RULES.ruleset,
        [
            neck_step(Neck(reference_ul=1, reference_um=0, ul_per_mm=500), neck_um("0")),
            neck_step(Neck(reference_ul=19_750_000, reference_um=68_300, ul_per_mm=1), 70_300),
        ],
    ),
    "payments of a fen a litre": lambda: _told(
        a_nozzle_check(
            *STEADY, payments=(Payment(21, 20 * LITRE, 1), Payment(20, 19 * LITRE, 1), Payment(18, LITRE, 1))
        )
    ),
    "neck above its mark": lambda: conclude([], RULES.ruleset, [neck_step(NECK, 71_500)]),
}
