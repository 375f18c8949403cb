"""What is told of goods weighed again, and of a scale that sells them."""

from __future__ import annotations

from shared.conclusion import Conclusion, conclude
from shared.recheck import EqualScale, FinerScale, Recheck, SameScale
from shared.retail import Goods, Sale
from shared.retail_scale import scale_suits, scale_suits_bands
from shared.reweigh import reweigh
from shared.scales import Scale
from tests.builders import todays_rules
from tests.rules.retail_scales import SCALES
from tests.rules.told import Case

RULES = todays_rules()
A, B, C, D, F, M, S = (SCALES[letter] for letter in "ABCDFMS")
GREENS = Sale(goods=Goods.VEGETABLE, settled_mg=1_003_000, price_fen=450)
LIGHT_GREENS = Sale(goods=Goods.VEGETABLE, settled_mg=999_000, price_fen=450)
MEAT = Sale(goods=Goods.MEAT, settled_mg=2_013_000, price_fen=2_600)
RING = Sale(goods=Goods.GOLD, settled_mg=9_030)


def _told(sale: Sale, recheck: Recheck) -> Conclusion:
    return reweigh(sale, recheck, RULES)


CASES: dict[str, Case] = {
    "full weight on an equal scale": lambda: _told(
        Sale(goods=Goods.GRAIN, settled_mg=1_500_000, price_fen=700, tier="food_2"), EqualScale(A, 1_500_000)
    ),
    "overweight on an equal scale": lambda: _told(MEAT, EqualScale(B, 2_020_500)),
    "short within": lambda: _told(GREENS, EqualScale(A, 960_000, 28_000)),
    "short on the edge of an equal scale": lambda: _told(LIGHT_GREENS, EqualScale(A, 960_000, 1_000)),
    "short in doubt": lambda: _told(LIGHT_GREENS, EqualScale(A, 960_000, 4_500)),
    "short in doubt, the last of it": lambda: _told(LIGHT_GREENS, EqualScale(A, 960_000, 6_000)),
    "short beyond": lambda: _told(LIGHT_GREENS, EqualScale(A, 960_000, 6_001)),
    "short within by a finer scale": lambda: _told(MEAT, FinerScale(B, 2_010_500)),
    "short in doubt by a finer scale": lambda: _told(MEAT, FinerScale(B, 2_008_500, 1_000)),
    "short beyond by a finer scale": lambda: _told(MEAT, FinerScale(B, 2_004_500)),
    "a ring a little short": lambda: _told(RING, FinerScale(F, 9_017)),
    "fruit by its price": lambda: _told(
        Sale(goods=Goods.FRUIT, settled_mg=1_207_000, price_fen=3_300, tier="food_3"), EqualScale(B, 1_195_000, 1_500)
    ),
    "fruit by its kind": lambda: _told(
        Sale(goods=Goods.FRUIT, settled_mg=1_207_000, price_fen=3_300, tier="food_1"), EqualScale(A, 1_195_000)
    ),
    "fruit too heavy for the other tier": lambda: _told(
        Sale(goods=Goods.FRUIT, settled_mg=7_007_000, price_fen=3_300, tier="food_1"), EqualScale(A, 6_995_000)
    ),
    "other food by its price": lambda: _told(
        Sale(goods=Goods.OTHER_FOOD, settled_mg=803_000, price_fen=12_000), EqualScale(B, 800_000)
    ),
    "without a price": lambda: _told(Sale(goods=Goods.EGG, settled_mg=2_704_000), EqualScale(A, 2_690_000)),
    "same scale, weights exact": lambda: _told(LIGHT_GREENS, SameScale(A, 980_000, 980_000, 980_000)),
    "same scale, goods full and weights exact": lambda: _told(
        Sale(goods=Goods.GRAIN, settled_mg=995_000, price_fen=700, tier="food_2"),
        SameScale(A, 995_000, 995_000, 995_000),
    ),
    "same scale, weights less": lambda: _told(LIGHT_GREENS, SameScale(A, 985_000, 985_000, 975_000)),
    "same scale, goods over": lambda: _told(LIGHT_GREENS, SameScale(A, 1_005_000, 1_005_000, 1_010_000)),
    "same scale, weights within": lambda: _told(LIGHT_GREENS, SameScale(A, 990_000, 990_000, 1_005_000, "F1", 2_000)),
    "same scale, weights on the limit": lambda: _told(LIGHT_GREENS, SameScale(A, 990_000, 990_000, 1_010_000)),
    "same scale, weights beyond": lambda: _told(LIGHT_GREENS, SameScale(A, 990_000, 990_000, 1_025_000)),
    "same scale, weights too heavy and goods over": lambda: _told(
        LIGHT_GREENS, SameScale(A, 1_005_000, 1_005_000, 1_030_000)
    ),
    "same scale, goods and weights beyond": lambda: _told(LIGHT_GREENS, SameScale(A, 970_000, 970_000, 1_000_000)),
    "same scale, short in doubt": lambda: _told(
        Sale(goods=Goods.VEGETABLE, settled_mg=997_000, price_fen=450), SameScale(A, 975_000, 975_000, 980_000)
    ),
    "same scale, short by the scale": lambda: _told(LIGHT_GREENS, SameScale(A, 960_000, 960_000, 945_000)),
    "same scale, short beyond what the scale takes": lambda: _told(
        LIGHT_GREENS, SameScale(A, 960_000, 960_000, 950_000)
    ),
    "same scale, other weights": lambda: _told(LIGHT_GREENS, SameScale(A, 970_000, 965_000, 970_000)),
    "same scale, coarse weights": lambda: _told(
        Sale(goods=Goods.DELICACY, settled_mg=1_907_000, price_fen=12_300, tier="food_4"),
        SameScale(B, 1_900_000, 1_900_000, 1_901_000, "M3"),
    ),
    "same scale, coarse and other weights": lambda: _told(
        Sale(goods=Goods.DELICACY, settled_mg=1_907_000, price_fen=12_300, tier="food_4"),
        SameScale(B, 1_904_000, 1_900_000, 1_901_000, "M3"),
    ),
    "same scale, a milligram short and a milligram too heavy": lambda: _told(
        Sale(goods=Goods.SILVER, settled_mg=10_001, price_fen=990_000), SameScale(F, 10_000, 10_000, 10_001)
    ),
    "same scale, weights in doubt to the edge": lambda: _told(
        Sale(goods=Goods.GOLD, settled_mg=20_002),
        SameScale(Scale(max_mg=200_000, min_mg=40, e_mg=2, d_mg=2, accuracy_class="II"), 20_000, 20_000, 20_014),
    ),
    "a scale of two parts weighs again": lambda: _told(
        Sale(goods=Goods.VEGETABLE, settled_mg=5_999_000, price_fen=450), EqualScale(M, 5_798_000)
    ),
    "live fish": lambda: _told(Sale(goods=Goods.LIVE_FISH, settled_mg=1_100_000), EqualScale(A, 1_000_000)),
    "below Min": lambda: _told(
        Sale(goods=Goods.VEGETABLE, settled_mg=101_000, price_fen=450), EqualScale(A, 95_000, 2_000)
    ),
    "at Min": lambda: _told(Sale(goods=Goods.VEGETABLE, settled_mg=102_000, price_fen=450), EqualScale(A, 100_000)),
    "reference coarse": lambda: _told(
        Sale(goods=Goods.DELICACY, settled_mg=1_011_000, price_fen=9_900), FinerScale(C, 1_000_000)
    ),
    "reference unclear": lambda: _told(MEAT, EqualScale(C, 2_000_000)),
    "finer reference unclear": lambda: _told(
        Sale(goods=Goods.MEAT, settled_mg=1_007_000, price_fen=2_600), FinerScale(S, 990_000)
    ),
    "a scale suits": lambda: scale_suits(C, "food_1", 1_200_000, RULES),
    "a scale of two parts suits": lambda: scale_suits(M, "food_2", 5_900_000, RULES),
    "a scale in doubt": lambda: scale_suits(C, "food_2", 2_400_000, RULES),
    "a scale unsuited": lambda: scale_suits(C, "food_3", 5_500_000, RULES),
    "every band of a tier": lambda: conclude(scale_suits_bands(A, "food_2", RULES), RULES.ruleset),
    "the bands a small scale can weigh": lambda: conclude(scale_suits_bands(B, "food_3", RULES), RULES.ruleset),
}
