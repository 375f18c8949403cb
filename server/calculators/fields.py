"""Fields of the calculators: a quantity is a text with its unit, so that no number of JSON is ever rounded.

``{"value": "10.025", "unit": "kg"}`` loads as a whole number of the smallest unit kept (milligrams, microlitres,
thousandths of a degree, fen). What cannot be read is told in the words of the trade, at ``value`` or at ``unit``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, missing

from server.problems import rule_message
from shared.amounts import UL_PER, UM_PER, Amount, Unit, length_um, temperature_mk, volume_ul
from shared.errors import RuleError, TooFine, UnknownPackageUnit, UnknownUnit
from shared.fuel_volume import PRICE_UNIT
from shared.fuel_volume import price_fen as price_per_litre_fen
from shared.prepackages import PRINTED_ALSO, UNITS, quantity
from shared.quantities import MG_PER, PRICE_UNITS, mass_mg, money_fen, plain_decimal, price_fen
from shared.wire.strict import Day, Text

LONGEST = 40
REGION = "^((1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|81|82)([0-9]{2}){0,2})?$"
# Stands among what was loaded for what could not be read, so that it is neither missing nor untold (``known``).
UNREAD: dict[str, Any] = {"is_read": False}
MOST_BY_LEAST = {None: None, 0: "invalid.not_below_nothing", 1: "invalid.above_nothing"}

Reader = Callable[[str, str], int]


class Kept(fields.Field[Any]):
    """A field that leaves ``UNREAD`` in its place when it cannot be read."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        try:
            return super().deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            raise ValidationError(error.messages, valid_data=UNREAD if value is not missing else None) from error


class Bounded(fields.List[Any]):
    """A list whose length is looked at before its entries: too many are refused by their number alone."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            self._validate(value)
        return super()._deserialize(value, attr, data, **kwargs)


class Quantity(Kept, ABC):
    """A text with its unit; ``least`` 1 wants more than nothing, 0 nothing or more, None anything."""

    unit: Unit
    names: tuple[str, ...]

    def __init__(self, *, least: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.least = least

    @abstractmethod
    def read(self, text: str, unit: str) -> Any:
        """Return the value; raises RuleError."""

    def amount(self, value: Any) -> Amount:
        """Return a loaded value with its unit."""
        return Amount(value, self.unit)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text, unit = _parts(value)
        if unit not in self.names:
            raise ValidationError({"unit": [rule_message(self.unknown(unit))]})
        try:
            read = self.read(text, unit)
        except TooFine as error:
            raise ValidationError({"value": [rule_message(TooFine(**error.values))]}) from error
        except RuleError as error:
            raise ValidationError({"value": [rule_message(error)]}) from error
        message = MOST_BY_LEAST[self.least]
        if message and self.amount(read).exact < (self.least or 0):
            raise ValidationError({"value": [message]})
        return read

    def unknown(self, unit: str) -> RuleError:
        """Return what is wrong with a unit that this quantity does not have."""
        return UnknownUnit(unit=unit[:LONGEST])


def _parts(value: Any) -> tuple[str, str]:
    """Return text and unit; raises ValidationError naming every part that is missing, odd or too much."""
    if not isinstance(value, dict):
        raise ValidationError("invalid.object")
    text = Text(shortest=1, longest=LONGEST)
    told: dict[str, list[str]] = {}
    found: dict[str, str] = {}
    for name in ("value", "unit"):
        try:
            found[name] = str(text.deserialize(value[name]))
        except KeyError:
            told[name] = ["Missing data for required field."]
        except ValidationError as error:
            told[name] = [str(message) for message in error.messages]
    told |= {str(name): ["Unknown field."] for name in value if name not in ("value", "unit")}
    if told:
        raise ValidationError(told)
    return found["value"], found["unit"]


class Mass(Quantity):
    """A mass in milligrams; the units people say are read too."""

    unit, names = Unit.MASS, tuple(unit for unit in MG_PER if unit != "t")

    def read(self, text: str, unit: str) -> int:
        return mass_mg(text, unit)


class Price(Quantity):
    """A price of goods by weight, in fen a kilogram."""

    unit, names = Unit.PRICE, tuple(PRICE_UNITS)

    def read(self, text: str, unit: str) -> int:
        return price_fen(text, PRICE_UNITS[unit])


class Volume(Quantity):
    """A volume in microlitres."""

    unit, names = Unit.VOLUME, tuple(UL_PER)

    def read(self, text: str, unit: str) -> int:
        return volume_ul(text, unit)

    def unknown(self, unit: str) -> RuleError:
        return UnknownPackageUnit(unit=unit[:LONGEST])


class Length(Volume):
    """A length in micrometres."""

    unit, names = Unit.LENGTH, tuple(UM_PER)

    def read(self, text: str, unit: str) -> int:
        return length_um(text, unit)


class Celsius(Volume):
    """A temperature in thousandths of a degree."""

    unit, names = Unit.TEMPERATURE, ("°C",)

    def read(self, text: str, unit: str) -> int:
        return temperature_mk(text)


class Money(Volume):
    """An amount of money in fen."""

    unit, names = Unit.MONEY, ("yuan",)

    def read(self, text: str, unit: str) -> int:
        return money_fen(text)


class LitrePrice(Volume):
    """A price of fuel, in fen a litre."""

    unit, names = Unit.PRICE_PER_LITRE, (PRICE_UNIT,)

    def read(self, text: str, unit: str) -> int:
        return price_per_litre_fen(text, unit)


class PackageQuantity(Quantity):
    """What a package is marked with or holds: mass, volume, length, area or count, as an amount."""

    names = (*(unit for units in UNITS.values() for unit in units), *PRINTED_ALSO)

    def read(self, text: str, unit: str) -> Amount:
        plain_decimal(text)
        return quantity(text, unit)

    def amount(self, value: Amount) -> Amount:
        return value

    def unknown(self, unit: str) -> RuleError:
        return UnknownPackageUnit(unit=unit[:LONGEST])


class AskedDay(Kept, Day):
    """The day of the rules."""


class Region(Kept, Text):
    """A division code of 2, 4 or 6 digits of a province there is, or nothing for the national rules alone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=6, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(REGION, text):
            raise ValidationError("invalid.region")
        return text


def every_quantity() -> Iterable[type[Quantity]]:
    """Return the kinds of quantities, for the API's description."""
    return (Mass, Price, Volume, Length, Celsius, Money, LitrePrice, PackageQuantity)
