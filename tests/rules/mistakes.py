"""One mistake for each error of the trade: a new error wants a line here, so that its sentence is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from shared import amounts, quantities, rescue
from shared.between import conclude_between
from shared.catalogue import due_on, mandate
from shared.cheats import cheat_rows
from shared.checklists import checklist
from shared.dates import parse_instant
from shared.dispensers import judge_nozzle
from shared.energy_dispensers import EnergyCheck, EnergyKind, EnergyRun, energy_limit, judge_clock, judge_energy
from shared.errors import RuleError
from shared.facts import Fact, Facts, Party
from shared.findings import suggest
from shared.fuel_check import Payment
from shared.fuel_volume import (
    Fuel,
    Material,
    Neck,
    Oil,
    checked_price_fen,
    checked_volume_ul,
    error_of,
    expansion_rows,
    neck_um,
    neck_volume_ul,
    price_fen,
    shown_volume_ul,
    volume_at_dispenser_ul,
)
from shared.lot import Lot, judge_lot, plan_for
from shared.package_labels import Mark, height_ground, judge_mark, unit_ground
from shared.phone_weight import Phone, try_phone
from shared.prepackages import Package, allowed_shortage, judge_package, quantity, weighings_wanted
from shared.recheck import EqualScale, FinerScale, SameScale, open_case, refuse_bad_readings
from shared.retail import Goods, Sale, chosen_tier, goods_row, limit_bands, shortage_limit, tiers_for
from shared.rules import rules_on
from shared.rules.rows import PhoneTolerance, RetailMethod, RetailReference
from shared.sampling import draw_sample
from shared.scale_loads import propose_loads
from shared.scale_tests import Trial, discrimination, zero
from shared.scales import fewest_weights, permissible_error
from shared.seal import open_seal, parse_short_code
from shared.tare import net_by_mean, net_of_each
from shared.verdict import Reading, judge_point, loads_wanted, scale_test
from shared.words import InstrumentStatus, PlaceKind, Use
from tests.builders import TODAY, a_key_set, a_revocation_list, a_scale, todays_rules
from tests.rules.fuel_builders import LITRE, a_measure, a_nozzle_check, a_run
from tests.rules.without import without

RULES = todays_rules()
EVE = TODAY - timedelta(days=1)
LONG_AGO = rules_on(date(1999, 12, 31))
A_LOT = Lot(package=Package(quantity("500", "g")), size=40, contents=(500_000,) * 10, doubt=0)
A_CHEAT = {
    "id": "a_cheat",
    "kinds": ["scale"],
    "step": 72,
    "zh": "看一看",
    "en": "Look",
    "suggests": "cheating_seen",
    "pattern": "password_mode",
    "document": "d",
    "edition": "1",
    "clause": "",
    "valid_from": "2020-01-01",
    "confidence": "sourced",
    "source": "https://example.cn/1",
}
HOT_OIL = Oil(fuel=Fuel.GASOLINE, material=Material.STAINLESS_STEEL, dispenser_mk=200_000, measure_mk=20_000)

MISTAKES: list[Callable[[], object]] = [
    lambda: quantities.mass_mg("ten"),
    lambda: quantities.mass_mg("1", "lb"),
    lambda: quantities.mass_mg("0.0000001"),
    lambda: quantities.money_fen("0.001"),
    lambda: quantities.shown_mg("-1", unit="kg", d_mg=5_000, e_mg=5_000, max_mg=15_000_000),
    lambda: quantities.shown_mg("1.001", unit="kg", d_mg=5_000, e_mg=5_000, max_mg=15_000_000),
    lambda: quantities.shown_mg("16", unit="kg", d_mg=5_000, e_mg=5_000, max_mg=15_000_000),
    lambda: quantities.load_mg("0", unit="kg", max_mg=15_000_000),
    lambda: quantities.load_mg("16", unit="kg", max_mg=15_000_000),
    lambda: permissible_error(a_scale(), 16_000_000, RULES, in_service=True),
    lambda: permissible_error(a_scale(accuracy_class="V"), 1, RULES, in_service=True),
    lambda: propose_loads(a_scale(), [1_000_000] * 25, RULES),
    lambda: parse_instant("now"),
    lambda: parse_short_code("AAAAAAAA0"),
    lambda: open_seal("https://example.test", a_key_set(), None, TODAY),
    lambda: a_key_set(seq=-1),
    lambda: a_revocation_list(seq=-1),
    lambda: shortage_limit("food_1", 0, RULES),
    lambda: shortage_limit("food_1", 25_000_001, RULES),
    lambda: tiers_for(Goods.FRUIT, 0, RULES),
    lambda: chosen_tier(Sale(goods=Goods.OTHER_FOOD, settled_mg=1), RULES),
    lambda: chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1, price_fen=3_200), RULES),
    lambda: chosen_tier(Sale(goods=Goods.FRUIT, settled_mg=1, price_fen=3_200, tier="food_2"), RULES),
    lambda: refuse_bad_readings(EqualScale(a_scale(), 0)),
    lambda: refuse_bad_readings(EqualScale(a_scale(), 1_000_000, 1_000_000)),
    lambda: try_phone(Phone(0), a_scale(), 200_000, RULES),
    lambda: quantity("1", "lb"),
    lambda: quantity("-1", "g"),
    lambda: allowed_shortage(Package(quantity("0", "g")), RULES),
    lambda: allowed_shortage(Package(quantity("51", "kg")), RULES),
    lambda: allowed_shortage(Package(quantity("1", "kg"), is_drained=True), RULES),
    lambda: judge_mark(Mark(Package(quantity("1", "kg")), "kg", height_um=-1_000), RULES),
    lambda: plan_for(0, RULES),
    lambda: judge_lot(Lot(package=Package(quantity("1", "kg")), size=2, contents=(1,) * 3, doubt=0), RULES),
    lambda: draw_sample(3, 4, "seed"),
    lambda: draw_sample(3, 2, " seed"),
    lambda: net_of_each(Package(quantity("1", "L")), [1], [1]),
    lambda: net_of_each(Package(quantity("1", "kg")), [1_000], [2_000]),
    lambda: net_of_each(Package(quantity("1", "kg")), [1_000], []),
    lambda: net_by_mean(Package(quantity("1", "kg")), [1_000], [], RULES),
    lambda: net_by_mean(Package(quantity("1", "kg")), [1_000], [0, 10**6] * 13, RULES),
    lambda: mandate("scale", "weighing", RULES),
    lambda: due_on("scale", RULES, use=Use.TRADE, status="asleep"),
    lambda: due_on("scale", RULES, use=Use.TRADE, status=InstrumentStatus.IN_USE, done_on=TODAY, until=EVE),
    lambda: cheat_rows('[{"id": 5}]'),
    lambda: Facts.of(Fact.NEVER_VERIFIED, Fact.OVERDUE),
    lambda: suggest(Facts.of(Fact.OVERDUE), PlaceKind.MARKET, Party.STATION, RULES),
    lambda: judge_nozzle(a_nozzle_check(*[a_run()] * 4), RULES),
    lambda: judge_nozzle(a_nozzle_check(a_run(20 * LITRE + 1)), RULES),
    lambda: a_measure(doubt_ul=-1),
    lambda: neck_um("-0.5"),
    lambda: checked_volume_ul(LITRE, step_ul=0),
    lambda: checked_price_fen(0),
    lambda: error_of(LITRE, 0),
    lambda: volume_at_dispenser_ul(LITRE, HOT_OIL, RULES),
    lambda: energy_limit(EnergyKind.CNG, "9", RULES),
    lambda: rescue.key_id_of(b""),
]

# The same errors from every other place that raises them, and on the other side of what they refuse.
MISTAKES += [
    lambda: amounts.volume_ul("1", "gal"),
    lambda: amounts.length_um("0.0001", "mm"),
    lambda: amounts.temperature_mk("20.0001"),
    lambda: quantities.mass_text(1, unit="lb"),
    lambda: quantities.price_fen("3", "lb"),
    lambda: quantities.price_fen("3.333"),
    lambda: quantities.load_mg("-0.5", unit="kg", max_mg=15_000_000),
    lambda: permissible_error(a_scale(), -1, RULES, in_service=True),
    lambda: permissible_error(a_scale(e_g=1, e_mg=1, max_mg=2_000, min_mg=20), 15, RULES, in_service=False),
    lambda: fewest_weights(1_000_000, RULES, "Z9"),
    lambda: judge_point(a_scale(d_mg=1), Reading(1_000_000, 1_000_000, 300), RULES),
    lambda: scale_test("no_such_test", RULES),
    lambda: loads_wanted(LONG_AGO),
    lambda: zero(a_scale(), [1_000, -1_500, 2_000], RULES),
    lambda: discrimination(a_scale(), [Trial(1_000_000, -7_100, 1_005_000)], RULES),
    lambda: goods_row(Goods.MEAT, LONG_AGO),
    lambda: limit_bands("food_9", RULES),
    lambda: shortage_limit("gold", 100_001, RULES),
    lambda: shortage_limit("food_2", -7, RULES),
    lambda: tiers_for(Goods.FRUIT, -205, RULES),
    lambda: open_case(
        Sale(goods=Goods.FRUIT, settled_mg=990_000), EqualScale(a_scale(), 985_000), without(RetailMethod)
    ),
    lambda: open_case(
        Sale(goods=Goods.FRUIT, settled_mg=990_000), FinerScale(a_scale(), 985_000), without(RetailReference)
    ),
    lambda: refuse_bad_readings(SameScale(a_scale(), 985_000, 985_000, 983_000)),
    lambda: refuse_bad_readings(SameScale(a_scale(), 985_000, 985_000, 0)),
    lambda: refuse_bad_readings(EqualScale(a_scale(), 985_000, -3_500)),
    lambda: try_phone(Phone(206_000, -1), a_scale(), 205_000, RULES),
    lambda: try_phone(Phone(206_000), a_scale(), 205_000, without(PhoneTolerance)),
    lambda: try_phone(Phone(206_000), a_scale(min_mg=0, e_mg=3_000, d_mg=3_000), 207_000, RULES),
    lambda: quantity("0.0001", "mL"),
    lambda: quantity("12.5", "count"),
    lambda: allowed_shortage(Package(quantity("500", "g")), LONG_AGO),
    lambda: allowed_shortage(Package(quantity("50.5", "L")), RULES),
    lambda: weighings_wanted(LONG_AGO),
    lambda: judge_package(Package(quantity("750", "mL")), [750_000, -1_250], RULES, doubt=300),
    lambda: judge_package(Package(quantity("90", "count")), [90, 89], RULES, doubt=-2),
    lambda: plan_for(40, LONG_AGO),
    lambda: judge_mark(Mark(Package(quantity("500", "g")), "mL", 4_500), RULES),
    lambda: unit_ground(Mark(Package(quantity("500", "g")), "g"), LONG_AGO),
    lambda: height_ground(Mark(Package(quantity("500", "g")), "g", 4_500), LONG_AGO),
    lambda: judge_mark(Mark(Package(quantity("500", "g")), "g", 4_500, -250), RULES),
    lambda: draw_sample(1_000_000_001, 4, "seed"),
    lambda: draw_sample(0, 1, "seed"),
    lambda: draw_sample(20_000, 10_001, "seed"),
    lambda: draw_sample(20, 0, "seed"),
    lambda: draw_sample(20, 3, "签\n1"),
    lambda: net_by_mean(Package(quantity("90", "g")), [99_000], [9_400] * 12, RULES),
    lambda: net_by_mean(Package(quantity("900", "g")), [11_000, 10_500], [10_700] * 11, RULES),
    lambda: net_of_each(Package(quantity("1", "kg")), [999_000], [1_002_000]),
    lambda: mandate("scale", "trade", LONG_AGO),
    lambda: cheat_rows("{"),
    lambda: cheat_rows("5"),
    lambda: cheat_rows("[7]"),
    lambda: cheat_rows(_rows(no_such_field=3)),
    lambda: cheat_rows(_rows(step="late")),
    lambda: cheat_rows(_rows(valid_to="2019-12-31")),
    lambda: cheat_rows(_rows()[:-1] + ", " + _rows()[1:]),
    lambda: checklist("teapot", RULES),
    lambda: suggest(Facts.of(Fact.OVERDUE), PlaceKind.MARKET, Party.STATION, rules_on(date(1949, 10, 1))),
    lambda: suggest(Facts.of(Fact.OVERDUE), None, Party.STATION, RULES),
    lambda: LONG_AGO.one_of(RetailMethod),
    lambda: LONG_AGO.regulation("scale"),
    lambda: conclude_between(partial(judge_lot, A_LOT), date(2001, 1, 1), date(2001, 1, 2)),
    lambda: a_measure(thermometer_mk=-1),
    lambda: judge_nozzle(
        a_nozzle_check(*[a_run()] * 3, payments=(Payment(15_780, 20 * LITRE, 789),), pay_step_fen=0), RULES
    ),
    lambda: neck_volume_ul(Neck(reference_ul=LITRE, reference_um=70_000, ul_per_mm=500, lowest_um=12_500), 12_499),
    lambda: neck_volume_ul(Neck(reference_ul=LITRE, reference_um=70_000, ul_per_mm=500, highest_um=90_500), 90_501),
    lambda: neck_volume_ul(Neck(reference_ul=LITRE, reference_um=70_000, ul_per_mm=0, highest_um=90_500), 70_000),
    lambda: neck_volume_ul(Neck(reference_ul=30_000, reference_um=70_000, ul_per_mm=500), 10_000),
    lambda: neck_volume_ul(Neck(reference_ul=LITRE, reference_um=0, ul_per_mm=500, highest_um=1), 2),
    lambda: volume_at_dispenser_ul(0, replace(HOT_OIL, dispenser_mk=20_000), RULES),
    lambda: volume_at_dispenser_ul(LITRE, replace(HOT_OIL, dispenser_mk=20_000, measure_mk=-40_001), RULES),
    lambda: expansion_rows(HOT_OIL, LONG_AGO),
    lambda: checked_volume_ul(-LITRE, step_ul=10_000),
    lambda: shown_volume_ul("20.0050", step_ul=10_000),
    lambda: price_fen("7.89", "yuan/kg"),
    lambda: price_fen("-7.89"),
    lambda: energy_limit(EnergyKind.DC_CHARGER, "3", RULES),
    lambda: energy_limit(EnergyKind.DC_CHARGER, "1", LONG_AGO),
    lambda: judge_energy(_charged(step=0), RULES),
    lambda: judge_energy(_charged(standard_ppm=-1), RULES),
    lambda: judge_energy(_charged(runs=(EnergyRun(5_010, 0),)), RULES),
    lambda: judge_energy(_charged(runs=(EnergyRun(0, 5_010),)), RULES),
    lambda: judge_energy(_charged(runs=(EnergyRun(5_015, 5_010),)), RULES),
    lambda: judge_clock(EnergyKind.DC_CHARGER, [1, 2, 3], RULES, doubt_s=-1),
]


def _rows(**fields: object) -> str:
    """Return one row of the cheat library as received."""
    return json.dumps([A_CHEAT | fields])


def _charged(**fields: Any) -> EnergyCheck:
    sound: dict[str, Any] = {"kind": EnergyKind.DC_CHARGER, "runs": (), "step": 10, "standard_ppm": 900}
    return EnergyCheck(**sound | {"accuracy_class": "1"} | fields)


def caught(mistake: Callable[[], object]) -> RuleError:
    """Return the error that a mistake raises; AssertionError where it raises none."""
    try:
        mistake()
    except RuleError as error:
        return error
    raise AssertionError("no mistake")
