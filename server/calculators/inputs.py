"""What the page of each calculator asks for, and how its fields become the body that programs send.

A field is named by where it stands in that body, ``readings.0.load``, so that page and program share one schema, one
answer and one list of mistakes. A row of which nothing is filled in is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.language import current, t
from shared.amounts import UL_PER
from shared.fuel_volume import PRICE_UNIT
from shared.prepackages import UNITS
from shared.quantities import MG_PER_PRICE, PRICE_UNITS, SPOKEN_UNITS

Option = tuple[str, str]
SEPARATORS = re.compile(r"[\s,;\u3001\uff0c\uff1b]+")
DIGITS = re.compile(r"-?[0-9]{1,12}")
FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}


def masses() -> list[str]:
    """Return the units of mass that a page offers, in the words of its language."""
    kilogram, gram, *rest = SPOKEN_UNITS
    return [*(("kg", "g") if current().language == "en" else (kilogram, gram)), *rest]


def grams_first() -> list[str]:
    kilogram, gram, *rest = masses()
    return [gram, kilogram, *rest]


def prices() -> list[str]:
    by_unit = {unit: name for name, unit in PRICE_UNITS.items()}
    return [by_unit[unit] for unit in (*masses(), "500g") if unit in MG_PER_PRICE]


def packages() -> list[str]:
    return [*grams_first(), *(unit for kind, units in UNITS.items() if kind != "mass" for unit in units)]


def litres() -> list[str]:
    return list(reversed(UL_PER))


def millilitres() -> list[str]:
    return list(UL_PER)


def millimetres() -> list[str]:
    return ["mm"]


def celsius() -> list[str]:
    return ["°C"]


def yuan() -> list[str]:
    return ["yuan"]


def yuan_per_litre() -> list[str]:
    return [PRICE_UNIT]


@dataclass(frozen=True)
class Input:
    """One field of a page; ``units`` offers units, ``unit_from`` names the field whose unit counts here too."""

    name: str
    label: str
    kind: str = "quantity"
    units: Callable[[], list[str]] | None = None
    unit_from: str = ""
    options: Callable[[], Sequence[Option]] | None = None
    is_needed: bool = False
    first: str = ""

    @property
    def unit_name(self) -> str:
        return f"{self.unit_from or self.name}.unit"

    @property
    def words(self) -> str:
        """The label, with the number of its row."""
        number = re.search(r"\.(\d+)", self.name)
        return t(self.label, number=int(number[1]) + 1 if number else "")


@dataclass(frozen=True)
class Group:
    """Fields that belong together; a folded one holds what most people leave alone."""

    title: str
    inputs: tuple[Input, ...]
    is_folded: bool = False
    is_row: bool = False
    number: str = ""

    @property
    def words(self) -> str:
        return t(self.title, number=self.number)


@dataclass
class Filled:
    """A page as it was filled in: the body, and the mistakes of each field."""

    typed: Mapping[str, str]
    body: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)

    def value(self, one: Input) -> str:
        return self.typed.get(one.name, one.first)

    def unit(self, one: Input) -> str:
        offered = one.units() if one.units else [""]
        return self.typed.get(one.unit_name, offered[0])

    def units(self, one: Input) -> list[str]:
        """Return what the field offers, and what was chosen in another language."""
        offered = one.units() if one.units else []
        return list(dict.fromkeys([*offered, self.unit(one)]))


def every(groups: Iterable[Group]) -> Iterator[Input]:
    for group in groups:
        yield from group.inputs


def read(groups: Sequence[Group], typed: Mapping[str, str]) -> tuple[Filled, dict[str, str]]:
    """Return the page filled in, and for each place of the body the name of its field."""
    filled = Filled(typed, {})
    given = [one for one in every(groups) if one.kind != "fixed" and typed.get(one.name, "").strip()]
    rows = _rows(given)
    fixed = [one for one in every(groups) if one.kind == "fixed" and _row_of(one.name) in rows]
    names: dict[str, str] = {}
    for one in [*given, *fixed]:
        steps = _steps(one.name, rows)
        _put(filled.body, steps, _content(filled, one, typed.get(one.name, one.first).strip()))
        names["/" + "/".join(map(str, steps))] = one.name
    return filled, names


def _row_of(name: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.+?)\.(\d+)(?:\..+)?", name)
    return (found[1], int(found[2])) if found else (name, 0)


def _rows(given: Iterable[Input]) -> dict[tuple[str, int], int]:
    """Return the place of each row that holds something among those of its list."""
    held = sorted({_row_of(one.name) for one in given if re.search(r"\.\d+", one.name)})
    places: dict[tuple[str, int], int] = {}
    for name, number in held:
        places[name, number] = sum(other == name for other, _ in places)
    return places


def _steps(name: str, rows: Mapping[tuple[str, int], int]) -> list[str | int]:
    row = _row_of(name)
    if row not in rows:
        return list(name.split("."))
    rest = name.removeprefix(f"{row[0]}.{row[1]}").strip(".")
    return [*row[0].split("."), rows[row], *filter(None, rest.split("."))]


def _put(body: dict[str, Any], steps: list[str | int], content: Any) -> None:
    """Put a content at its place; rows come in the order of their numbers."""
    place: Any = body
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        empty: Any = [] if isinstance(following, int) else {}
        new = content if following is None else empty
        if isinstance(step, int):
            while len(place) <= step:
                place.append({})
            if following is None or place[step] == {}:
                place[step] = new
            place = place[step]
        elif following is None:
            place[step] = new
        else:
            place = place.setdefault(step, new)


def _content(filled: Filled, one: Input, text: str) -> Any:
    if one.kind == "quantity":
        return {"value": text, "unit": filled.unit(one)}
    if one.kind == "list":
        return [{"value": part, "unit": filled.unit(one)} for part in SEPARATORS.split(text) if part]
    if one.kind == "flag":
        return True
    if one.kind == "count":
        plain = text.translate(FULL_WIDTH)
        return int(plain) if DIGITS.fullmatch(plain) else text
    return text


def place_errors(
    filled: Filled, names: Mapping[str, str], groups: Sequence[Group], found: Iterable[Mapping[str, str]]
) -> None:
    """Put each mistake beside its field; what belongs to none stands above the form."""
    for error in found:
        name = _field_of(error["pointer"], names, groups)
        if name is None:
            filled.rest.append(error["detail"])
        elif error["detail"] not in filled.errors.setdefault(name, []):
            filled.errors[name].append(_numbered(error, names, name))


def _field_of(pointer: str, names: Mapping[str, str], groups: Sequence[Group]) -> str | None:
    """Return the field whose place holds the pointer; else, for something missing, the first field below it."""
    places = [place for place in names if pointer == place or pointer.startswith(f"{place}/")]
    if places:
        return names[max(places, key=len)]
    wanted = pointer.strip("/").replace("/", ".")
    rows = {place: name for place, name in names.items() if pointer.rpartition("/")[0] == place.rpartition("/")[0]}
    if rows:
        sibling = next(iter(rows.values())).rpartition(".")[0]
        wanted = f"{sibling}.{wanted.rpartition('.')[2]}".strip(".")
    shown = [one.name for one in every(groups) if one.kind != "fixed"]
    return next((name for name in shown if name == wanted or name.startswith(f"{wanted}.")), None)


def _numbered(error: Mapping[str, str], names: Mapping[str, str], name: str) -> str:
    """Say which of several figures in one field is meant."""
    place = next((place for place, one in names.items() if one == name), "")
    number = re.match(r"/(\d+)", error["pointer"].removeprefix(place))
    return t("tool.figure", number=int(number[1]) + 1, detail=error["detail"]) if number else error["detail"]
