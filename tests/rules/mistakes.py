"""One mistake for each error of the trade: a new error wants a line here, so that its sentence is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from shared import quantities
from shared.catalogue import due_on, mandate
from shared.cheats import cheat_rows
from shared.dates import parse_instant
from shared.dispensers import judge_nozzle
from shared.energy_dispensers import EnergyKind, energy_limit
from shared.errors import RuleError
from shared.facts import Fact, Facts, Party
from shared.findings import suggest
from shared.fuel_volume import (
    Fuel,
    Material,
    Oil,
    checked_price_fen,
    checked_volume_ul,
    error_of,
    neck_um,
    volume_at_dispenser_ul,
)
from shared.lot import Lot, judge_lot, plan_for
from shared.package_labels import Mark, judge_mark
from shared.phone_weight import Phone, try_phone
from shared.prepackages import Package, allowed_shortage, quantity
from shared.recheck import EqualScale, refuse_bad_readings
from shared.retail import Goods, Sale, chosen_tier, shortage_limit, tiers_for
from shared.sampling import draw_sample
from shared.scale_loads import propose_loads
from shared.scales import permissible_error
from shared.seal import open_seal, parse_short_code
from shared.tare import net_by_mean, net_of_each
from shared.words import InstrumentStatus, PlaceKind, Use
from tests.builders import TODAY, a_key_set, a_revocation_list, a_scale, todays_rules
from tests.rules.fuel_builders import LITRE, a_measure, a_nozzle_check, a_run

RULES = todays_rules()
EVE = TODAY - timedelta(days=1)
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
]


def caught(mistake: Callable[[], object]) -> RuleError:
    """Return the error that a mistake raises; AssertionError where it raises none."""
    try:
        mistake()
    except RuleError as error:
        return error
    raise AssertionError("no mistake")
