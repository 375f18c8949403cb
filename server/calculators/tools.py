"""The fields of each calculator's page, group by group; the last group is folded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from server.calculators.inputs import (
    Group,
    Input,
    Option,
    celsius,
    grams_first,
    litres,
    masses,
    millilitres,
    millimetres,
    packages,
    prices,
    yuan,
    yuan_per_litre,
)
from server.calculators.schemas import CLASSES, METHODS, TARE_METHODS, WEIGHT_CLASSES
from server.clock import now
from server.language import t
from shared.dates import civil_day
from shared.fuel_check import Flow
from shared.fuel_volume import Fuel, Material
from shared.retail import Goods
from shared.rules import rules_on
from shared.rules.rows import RetailTier

READINGS, RUNS = 5, 3


def _plain(words: Sequence[str]) -> Callable[[], list[Option]]:
    return lambda: [(word, word) for word in words]


def goods() -> list[Option]:
    return [(word.value, t(f"tool_goods.{word.value}")) for word in Goods]


def methods() -> list[Option]:
    return [(word, t(f"tool_method.{word}")) for word in METHODS]


def tare_methods() -> list[Option]:
    return [("", t("tool.no_tare")), *((word, t(f"tool_tare.{word}")) for word in TARE_METHODS)]


def fuels() -> list[Option]:
    return [(word.value, t(f"tool_fuel.{word.value}")) for word in Fuel]


def materials() -> list[Option]:
    return [(word.value, t(f"tool_material.{word.value}")) for word in Material]


def tiers() -> list[Option]:
    """Return the tiers of today's tables; none chosen is right where only one fits."""
    rows = rules_on(civil_day(now())).all_of(RetailTier)
    ordered = sorted(rows, key=lambda row: (row.table, row.number))
    return [
        ("", t("tool.tier_open")),
        *((row.tier, t("tool.tier", table=row.table, number=row.number)) for row in ordered),
    ]


DAY = (
    Input("day", "tool_field.day", "day"),
    Input("region", "tool_field.region", "text"),
)


def _scale() -> Group:
    return Group(
        "tool_group.scale",
        (
            Input("scale.max", "tool_field.max", units=masses, is_needed=True),
            Input("scale.e", "tool_field.e", units=grams_first, is_needed=True),
            Input(
                "scale.accuracy_class",
                "tool_field.accuracy_class",
                "choice",
                options=_plain(CLASSES),
                is_needed=True,
                first="III",
            ),
            Input("scale.price_computing", "tool_field.price_computing", "flag"),
        ),
    )


SCALE_MORE = (
    Input("scale.d", "tool_field.d", units=grams_first),
    Input("scale.min", "tool_field.min", units=grams_first),
    Input("scale.lower.0.max", "tool_field.lower_max", units=masses),
    Input("scale.lower.0.e", "tool_field.lower_e", units=grams_first),
)


def _more(*inputs: Input) -> Group:
    return Group("tool_group.more", (*inputs, *DAY), is_folded=True)


def _reading(number: int) -> Group:
    at, unit = f"readings.{number}", "readings"
    return Group(
        "tool_group.reading",
        (
            Input(f"{at}.load", "tool_field.load", units=masses, unit_from=unit, is_needed=number == 0),
            Input(f"{at}.shown", "tool_field.shown", units=masses, unit_from=unit, is_needed=number == 0),
        ),
        is_row=True,
        number=str(number + 1),
    )


def scale_check() -> list[Group]:
    standards = (
        Input("standards.0.weight_class", "tool_field.weight_class", "choice", options=_or_none(WEIGHT_CLASSES)),
        Input("standards.0.valid_until", "tool_field.weights_until", "day"),
    )
    others = (
        Input("corners.load", "tool_field.corners_load", units=masses),
        Input("corners.shown", "tool_field.corners_shown", "list", units=masses, unit_from="corners.load"),
        Input("repeats.load", "tool_field.repeats_load", units=masses),
        Input("repeats.shown", "tool_field.repeats_shown", "list", units=masses, unit_from="repeats.load"),
    )
    unit = Group("tool_group.readings", (Input("readings", "tool_field.unit", "unit", units=masses),))
    return [_scale(), unit, *(_reading(number) for number in range(READINGS)), _more(*others, *SCALE_MORE, *standards)]


def _or_none(words: Sequence[str]) -> Callable[[], list[Option]]:
    return lambda: [("", t("tool.not_told")), *((word, word) for word in words)]


def phone_weight() -> list[Group]:
    return [
        Group(
            "tool_group.phone",
            (
                Input("phone.mass", "tool_field.phone_mass", units=grams_first, is_needed=True),
                Input("shown", "tool_field.shown_phone", units=masses, is_needed=True),
            ),
        ),
        _scale(),
        _more(Input("phone.tolerance", "tool_field.phone_tolerance", units=grams_first), *SCALE_MORE),
    ]


def reweigh() -> list[Group]:
    return [
        Group(
            "tool_group.sale",
            (
                Input("goods", "tool_field.goods", "choice", options=goods, is_needed=True),
                Input("settled", "tool_field.settled", units=masses, is_needed=True),
                Input("price", "tool_field.price", units=prices),
                Input("tier", "tool_field.tier", "choice", options=tiers),
            ),
        ),
        Group(
            "tool_group.again",
            (
                Input("method", "tool_field.method", "radios", options=methods, is_needed=True, first=METHODS[1]),
                Input("shown", "tool_field.shown_again", units=masses, is_needed=True),
                Input("packaging", "tool_field.packaging", units=grams_first),
                Input("weights", "tool_field.weights", units=masses),
                Input("weights_shown", "tool_field.weights_shown", units=masses),
            ),
        ),
        _scale(),
        _more(
            *SCALE_MORE,
            Input("weight_class", "tool_field.weight_class", "choice", options=_or_none(WEIGHT_CLASSES)),
        ),
    ]


def prepackage_lot() -> list[Group]:
    return [
        Group(
            "tool_group.lot",
            (
                Input("marked", "tool_field.marked", units=packages, is_needed=True),
                Input("size", "tool_field.size", "count", is_needed=True),
            ),
        ),
        Group(
            "tool_group.contents",
            (
                Input("contents", "tool_field.contents", "list", units=packages, is_needed=True),
                Input("doubt", "tool_field.doubt", units=packages, is_needed=True),
                Input("tare.method", "tool_field.tare_method", "radios", options=tare_methods),
                Input("tare.tares", "tool_field.tares", "list", units=grams_first),
            ),
        ),
        _more(Input("is_drained", "tool_field.is_drained", "flag")),
    ]


def _run(flow: Flow, number: int) -> Group:
    place = list(Flow).index(flow) * RUNS + number
    at, is_needed = f"runs.{place}", place == 0
    return Group(
        "tool_group.largest" if flow is Flow.LARGEST else "tool_group.second",
        (
            Input(f"{at}.flow", "tool_field.flow", "fixed", first=flow.value),
            Input(f"{at}.shown", "tool_field.run_shown", units=litres, unit_from="runs", is_needed=is_needed),
            Input(f"{at}.held", "tool_field.run_held", units=litres, unit_from="runs", is_needed=is_needed),
            Input(f"{at}.dispenser", "tool_field.run_dispenser", units=celsius, is_needed=is_needed),
            Input(f"{at}.measure", "tool_field.run_measure", units=celsius, is_needed=is_needed),
        ),
        is_row=True,
        number=str(number + 1),
    )


def dispenser_check() -> list[Group]:
    measure = (
        Input("fuel", "tool_field.fuel", "choice", options=fuels, is_needed=True),
        Input("measure.material", "tool_field.material", "choice", options=materials, is_needed=True),
        Input("step", "tool_field.step", units=litres, is_needed=True, first="0.01"),
        Input("runs", "tool_field.volume_unit", "unit", units=litres),
        Input("ambient.0", "tool_field.ambient_first", units=celsius),
        Input("ambient.1", "tool_field.ambient_last", units=celsius),
    )
    payments = [
        Input(f"payments.{number}.{name}", label, units=units)
        for number in range(RUNS)
        for name, label, units in (
            ("shown", "tool_field.pay_shown", yuan),
            ("volume", "tool_field.pay_volume", litres),
            ("price", "tool_field.pay_price", yuan_per_litre),
        )
    ]
    return [
        Group("tool_group.dispenser", measure),
        *(_run(flow, number) for flow in Flow for number in range(RUNS)),
        _more(
            Input("measure.doubt", "tool_field.measure_doubt", units=millilitres),
            Input("measure.thermometer", "tool_field.thermometer", units=celsius),
            Input("measure.valid_until", "tool_field.measure_until", "day"),
            Input("least", "tool_field.least", units=litres),
            Input("measure.neck.reference", "tool_field.neck_reference", units=litres),
            Input("measure.neck.mark", "tool_field.neck_mark", units=millimetres),
            Input("measure.neck.factor", "tool_field.neck_factor", units=millilitres),
            *(Input(f"runs.{place}.height", "tool_field.run_height", units=millimetres) for place in range(2 * RUNS)),
            Input("pay_step", "tool_field.pay_step", units=yuan),
            *payments,
        ),
    ]


TOOLS: Mapping[str, Callable[[], list[Group]]] = {
    "scale-check": scale_check,
    "reweigh": reweigh,
    "phone-weight": phone_weight,
    "prepackage-lot": prepackage_lot,
    "dispenser-check": dispenser_check,
}
