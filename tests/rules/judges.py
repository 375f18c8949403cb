"""Every rule that concludes something, asked one sound question each: what must hold for all of them is tried on these.

``on`` is a day on which the question has its rules; ``ask`` hands it to the rules of a day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from shared import scale_tests
from shared.conclusion import Conclusion
from shared.dispensers import judge_nozzle
from shared.energy_dispensers import EnergyKind, judge_clock, judge_energy
from shared.fuel_check import Payment
from shared.lot import judge_lot
from shared.package_labels import Mark, judge_mark
from shared.phone_weight import Phone, try_phone
from shared.prepackages import Package, judge_package, quantity
from shared.recheck import EqualScale, FinerScale, SameScale
from shared.retail import Goods, Sale
from shared.retail_scale import scale_suits
from shared.reweigh import reweigh
from shared.rules import Rules
from shared.scale_tests import Trial
from shared.tare import net_by_mean
from shared.verdict import Standard, Verdict, judge
from tests.builders import TODAY, a_check, a_scale
from tests.rules.fuel_builders import LITRE, a_measure, a_nozzle_check, a_run
from tests.rules.retail_scales import SCALES
from tests.rules.test_energy_dispensers import an_energy_check
from tests.rules.test_lot import a_lot

Answer = Verdict | Conclusion


@dataclass(frozen=True)
class Question:
    """One question, with a day that has its rules."""

    name: str
    ask: Callable[[Rules], Answer]
    on: date = TODAY

    def __str__(self) -> str:
        return self.name


MARKET = SCALES["A"]
SCALE = a_scale()
VEGETABLE = Sale(goods=Goods.VEGETABLE, settled_mg=1_000_000, price_fen=400)
GOOD = a_check((1_000, 1_000), (5_000, 5_000), (10_000, 10_000))
PRICE = a_check(scale=a_scale(price_computing=True))
SALT = Package(quantity("500", "g"))
SUGAR = Package(quantity("95", "g"))
PAID = (Payment(15_780, 20 * LITRE, 789),) * 3
FULL, EMPTY = a_run(), a_run(20_200_000)
BEFORE = date(2023, 1, 1)


def _by_mean_tare(rules: Rules) -> Conclusion:
    net = net_by_mean(SALT, [510_000] * 10, [10_000] * 10, rules)
    return judge_lot(a_lot(package=SALT, contents=net.contents, tare=net.ground), rules)


def _scale(name: str, standard: str, on: date = TODAY) -> Question:
    return Question(name, partial(judge, replace(a_check(), standards=(Standard(standard, on),))), on)


QUESTIONS = [
    Question("scale within", partial(judge, GOOD)),
    Question("scale beyond", partial(judge, a_check())),
    Question("scale of one load", partial(judge, a_check((1_000, 1_500)))),
    Question("price scale by an unread regulation", partial(judge, PRICE), date(2027, 2, 1)),
    _scale("scale with M2 weights", "M2"),
    _scale("scale with M3 weights", "M3"),
    Question("zero", partial(scale_tests.zero, SCALE, [0] * 3)),
    Question("tare", partial(scale_tests.tare, SCALE, [2_500] * 3)),
    Question("corners", partial(scale_tests.corners, SCALE, 5_000_000, [5_000_000] * 4)),
    Question("corners beyond", partial(scale_tests.corners, SCALE, 5_000_000, [5_025_000] * 4)),
    Question("spread", partial(scale_tests.spread, SCALE, 5_000_000, [5_000_000, 5_100_000, 5_000_000])),
    Question("discrimination", partial(scale_tests.discrimination, SCALE, [Trial(0, 7_000, 5_000)] * 3)),
    Question("nameplate", partial(scale_tests.nameplate, SCALE)),
    Question("nozzle within", partial(judge_nozzle, a_nozzle_check(payments=PAID))),
    Question("nozzle beyond", partial(judge_nozzle, a_nozzle_check(*[EMPTY] * 3))),
    Question("nozzle of one run", partial(judge_nozzle, a_nozzle_check(EMPTY))),
    Question("nozzle of unknown plate", partial(judge_nozzle, a_nozzle_check(least_ul=None))),
    Question("nozzle, measure of no paper", partial(judge_nozzle, a_nozzle_check(measure=a_measure(doubt_ul=None)))),
    Question("nozzle, no paper at all", partial(judge_nozzle, a_nozzle_check(measure=a_measure(thermometer_mk=None)))),
    Question("nozzle of 2020", partial(judge_nozzle, a_nozzle_check(payments=PAID)), date(2020, 1, 1)),
    Question("CNG within", partial(judge_energy, an_energy_check())),
    Question("CNG beyond", partial(judge_energy, an_energy_check(*[11_000_000] * 3))),
    Question("LNG", partial(judge_energy, an_energy_check(kind=EnergyKind.LNG))),
    Question("charger", partial(judge_energy, an_energy_check(kind=EnergyKind.AC_CHARGER, accuracy_class="2"))),
    Question("clock of a charger", partial(judge_clock, EnergyKind.DC_CHARGER, [200, 200, 200])),
    Question("lot of 2023", partial(judge_lot, a_lot((400_000,) * 10)), BEFORE),
    Question("lot", partial(judge_lot, a_lot())),
    Question("lot by a mean tare", _by_mean_tare),
    Question("package within", partial(judge_package, SALT, [500_000] * 2, doubt=0)),
    Question("package beyond", partial(judge_package, SALT, [400_000] * 2, doubt=0)),
    Question("package whose T is rounded", partial(judge_package, SUGAR, [94_000] * 2, doubt=0)),
    Question("package of 2020", partial(judge_package, SALT, [400_000] * 2, doubt=0), date(2020, 1, 1)),
    Question("mark", partial(judge_mark, Mark(SALT, "g", 5_000))),
    Question("mark of 2021", partial(judge_mark, Mark(SALT, "kg", 1_000)), date(2021, 1, 1)),
    Question("phone", partial(try_phone, Phone(206_000), MARKET, 205_000)),
    Question("phone of known mass", partial(try_phone, Phone(206_000, 100), MARKET, 205_000)),
    Question("phone, Min unknown", partial(try_phone, Phone(206_000, 100), replace(MARKET, min_mg=0), 205_000)),
    Question("re-weigh, equal scale", partial(reweigh, VEGETABLE, EqualScale(MARKET, 500_000))),
    Question("re-weigh, finer scale", partial(reweigh, VEGETABLE, FinerScale(MARKET, 500_000))),
    Question("re-weigh, same scale", partial(reweigh, VEGETABLE, SameScale(MARKET, 500_000, 500_000, 500_000))),
    Question(
        "re-weigh, live fish", partial(reweigh, replace(VEGETABLE, goods=Goods.LIVE_FISH), EqualScale(MARKET, 5_000))
    ),
    Question("scale for the goods", partial(scale_suits, MARKET, "food_1", 1_000_000)),
]
CONCLUDING = [question for question in QUESTIONS if getattr(question.ask, "func", None) is not judge]
