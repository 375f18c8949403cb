"""What is told of scales: their weighing points, their other tests, their nameplate, and a phone on the pan."""

from __future__ import annotations

from datetime import date
from functools import partial

from shared.between import conclude_between
from shared.phone_weight import Phone, try_phone
from shared.rules import rules_on
from shared.scale_tests import Trial, corners, discrimination, nameplate, spread, tare, zero
from shared.scales import Part, Scale
from shared.verdict import Reading, ScaleCheck, Standard, Verdict, judge, judge_between
from tests.builders import TODAY, a_scale, todays_rules
from tests.rules.retail_scales import SCALES
from tests.rules.told import Case

RULES = todays_rules()
LATER = date(2027, 1, 8)
A, M = SCALES["A"], SCALES["M"]
KG = 1_000_000
SOUND = (Reading(KG, KG), Reading(3 * KG, 3 * KG), Reading(6 * KG, 6 * KG))
TWO_PARTS_OFF = Scale(
    max_mg=15 * KG, min_mg=90_000, e_mg=5_000, d_mg=6_000, accuracy_class="III", lower=(Part(150_000, 3_000, 2_000),)
)


def _judged(*readings: Reading, scale: Scale = A, standards: tuple[Standard, ...] = ()) -> tuple[Verdict, Scale]:
    return judge(ScaleCheck(scale, readings, standards), RULES), scale


def _on(day: date, *, scale: Scale = A) -> tuple[Verdict, Scale]:
    return judge(ScaleCheck(scale, SOUND), rules_on(day)), scale


CASES: dict[str, Case] = {
    "points within": lambda: _judged(
        Reading(0, 0, 1_700), Reading(KG, KG, 1_500), Reading(2 * KG, 2 * KG - 5_000), Reading(6 * KG, 6_010_000)
    ),
    "one point in doubt by its weights alone": lambda: _judged(
        Reading(KG, KG), Reading(3 * KG, 3_005_000), Reading(8 * KG, 8_010_000, 2_100)
    ),
    "one point a milligram past that doubt": lambda: _judged(
        Reading(KG, KG), Reading(3 * KG, 3_005_000), Reading(8 * KG, 8_010_000, 2_099)
    ),
    "in doubt by half a digit": lambda: _judged(
        Reading(KG, KG - 7_000), Reading(4 * KG, 4_005_000), Reading(12 * KG, 12_000_000)
    ),
    "too much at two loads and too little at one": lambda: _judged(
        Reading(KG, KG - 10_000), Reading(5 * KG, 5_020_000), Reading(12 * KG, 12_035_000)
    ),
    "too little": lambda: _judged(Reading(KG, KG), Reading(5 * KG, 5 * KG), Reading(12 * KG, 11_965_000)),
    "a scale of two parts": lambda: _judged(
        Reading(KG, 1_002_000), Reading(5 * KG, 5_008_000), Reading(12 * KG, 12_020_000), scale=M
    ),
    "two loads are too few": lambda: _judged(Reading(KG, KG), Reading(KG, KG + 5_000), Reading(3 * KG, 3 * KG)),
    "a zero is no load": lambda: _judged(Reading(0, 15_000), Reading(KG, KG), Reading(3 * KG, 3 * KG)),
    "two certificates ended": lambda: _judged(
        *SOUND,
        standards=(
            Standard("M1", date(2026, 11, 20)),
            Standard("F1", date(2025, 1, 31)),
            Standard("F2", TODAY),
        ),
    ),
    "weights too coarse": lambda: _judged(
        Reading(500_000, 500_000),
        Reading(3 * KG, 3 * KG),
        Reading(10 * KG, 10 * KG),
        standards=(Standard("M1", TODAY), Standard("M3", TODAY)),
    ),
    "no rule before the norms": lambda: _on(date(1970, 1, 1)),
    "the rule changes": lambda: (judge_between(ScaleCheck(A, SOUND), date(2017, 5, 24), date(2017, 5, 25)), A),
    "a price-computing scale": lambda: _on(TODAY, scale=a_scale(price_computing=True)),
    "a price-computing scale later": lambda: _on(LATER, scale=a_scale(price_computing=True)),
    "zero within": lambda: zero(A, [1_600, 2_700, 3_100], RULES),
    "zero in doubt and beyond for the buyer": lambda: zero(A, [1_249, 1_248, 1_247, 2_400], RULES),
    "zero beyond for the seller": lambda: zero(A, [3_900, 2_500, 2_600], RULES),
    "zero tried twice": lambda: zero(A, [1_300, 4_000], RULES),
    "tare within": lambda: tare(M, [700, 1_100, 1_400], RULES),
    "tare beyond": lambda: tare(M, [300, 1_700, 1_000], RULES),
    "tare tried once": lambda: tare(M, [1_200], RULES),
    "corners within": lambda: corners(A, 5 * KG, [5_005_000, 4_990_000, 5_000_000, 5_010_000], RULES),
    "corners in doubt and beyond": lambda: corners(A, 5 * KG, [5_012_000, 5_025_000, 4_980_000, 5_000_000], RULES),
    "corners in doubt": lambda: corners(A, 5 * KG, [5_012_000, 5_000_000, 4_995_000, 5_005_000], RULES),
    "three corners": lambda: corners(A, 5 * KG, [5_020_000, 5_005_000, 4_995_000], RULES),
    "corners with too little on them": lambda: corners(A, 4 * KG, [4_020_000, 4 * KG, 4 * KG, 4 * KG], RULES),
    "corners with too much on them": lambda: corners(A, 6 * KG, [6_020_000, 6 * KG, 6 * KG, 6 * KG], RULES),
    "spread within": lambda: spread(A, 8 * KG, [8_005_000, 7_996_000, 8_003_000], RULES),
    "spread in doubt": lambda: spread(A, 8 * KG, [8_008_000, 7_993_000, 8_001_000], RULES),
    "spread beyond": lambda: spread(A, 8 * KG, [8_008_000, 7_992_000, 8_001_000], RULES),
    "spread of two parts": lambda: spread(M, 6 * KG, [6_005_000, 5_996_000, 6_000_000], RULES),
    "spread of class I": lambda: spread(
        Scale(max_mg=300_000, min_mg=100, e_mg=1, d_mg=1, accuracy_class="I"),
        250_000,
        [250_000, 250_002, 250_001],
        RULES,
    ),
    "weighed twice": lambda: spread(A, 8 * KG, [8_020_000, 7_980_000], RULES),
    "the display follows": lambda: discrimination(
        A, [Trial(KG, 7_000, 1_005_000), Trial(2 * KG, 7_500, 2_010_000), Trial(3 * KG, 8_000, 3_015_000)], RULES
    ),
    "the display does not follow": lambda: discrimination(
        A, [Trial(3 * KG, 7_100, 3_000_000), Trial(KG, 7_000, 1_004_000), Trial(2 * KG, 7_300, 1_995_000)], RULES
    ),
    "one weight was too small": lambda: discrimination(
        M, [Trial(3 * KG, 2_799, 3_001_000), Trial(6 * KG, 2_800, 6_002_000), Trial(7 * KG, 7_200, 7_004_000)], RULES
    ),
    "the display tried twice": lambda: discrimination(
        A, [Trial(KG, 7_000, 1_005_000), Trial(3 * KG, 7_200, 3_001_000)], RULES
    ),
    "nameplate right": lambda: nameplate(A, RULES),
    "nameplate at its edges": lambda: nameplate(
        Scale(max_mg=20 * KG, min_mg=40_000, e_mg=2_000, d_mg=2_000, accuracy_class="III"), RULES
    ),
    "nameplate of many intervals": lambda: nameplate(
        Scale(max_mg=21 * KG, min_mg=39_000, e_mg=2_000, d_mg=2_000, accuracy_class="III"), RULES
    ),
    "nameplate of few intervals": lambda: nameplate(
        Scale(max_mg=2 * KG, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III"), RULES
    ),
    "nameplate of class I": lambda: nameplate(
        Scale(max_mg=6_000, min_mg=100, e_mg=1, d_mg=1, accuracy_class="I"), RULES
    ),
    "nameplate with an e of no class": lambda: nameplate(TWO_PARTS_OFF, RULES),
    "nameplate coarser than its e": lambda: nameplate(
        Scale(max_mg=9 * KG, min_mg=90_000, e_mg=2_000, d_mg=5_000, accuracy_class="III"), RULES
    ),
    "nameplate whose upper part alone fits": lambda: nameplate(
        Scale(
            max_mg=15 * KG,
            min_mg=40_000,
            e_mg=5_000,
            d_mg=5_000,
            accuracy_class="III",
            lower=(Part(6 * KG, 2_000, 4_000),),
        ),
        RULES,
    ),
    "nameplate of no class": lambda: nameplate(a_scale(accuracy_class="V"), RULES),
    "corners on the days of a change": lambda: conclude_between(
        partial(corners, A, 5 * KG, [5_025_000, 5_001_000, 5_002_000, 5_003_000]), date(2017, 5, 24), date(2017, 5, 25)
    ),
    "phone looks right": lambda: try_phone(Phone(206_000), A, 210_000, RULES),
    "phone exact": lambda: try_phone(Phone(210_000, 1_000), A, 210_000, RULES),
    "phone on the edge": lambda: try_phone(Phone(205_000, 5_000), A, 200_000, RULES),
    "phone in doubt": lambda: try_phone(Phone(206_000, 3_000), A, 215_000, RULES),
    "phone looks off": lambda: try_phone(Phone(206_000, 3_000), A, 220_000, RULES),
    "phone looks off the other way": lambda: try_phone(Phone(206_000, 3_000), A, 190_000, RULES),
    "phone on the edge of doubt": lambda: try_phone(Phone(208_500, 4_000), A, 220_000, RULES),
    "phone too light": lambda: try_phone(Phone(96_000), A, 95_000, RULES),
    "the lightest phone": lambda: try_phone(Phone(1), A, 5_000, RULES),
    "phone on a scale of the least Min": lambda: try_phone(Phone(39_000), a_scale(min_mg=1), 40_000, RULES),
    "phone a milligram too heavy": lambda: try_phone(Phone(100_000, 1), SCALES["F"], 100_001, RULES),
    "phone too light for the class": lambda: try_phone(Phone(39_000), SCALES["R"], 38_000, RULES),
    "phone too uncertain": lambda: try_phone(Phone(300_000), A, 305_000, RULES),
    "phone of two grams' tolerance": lambda: try_phone(Phone(99_999), SCALES["P"], 98_000, RULES),
}
