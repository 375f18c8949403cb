"""What is wrong with the figures of a lot of prepackages, as far as it can be known (``known`` says how)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.calculators.faults import Faults
from server.calculators.known import is_read, read, rules_of
from shared.amounts import Amount
from shared.errors import SampleTooLarge, TareAboveGross
from shared.lot import sample_size
from shared.prepackages import Package, allowed_shortage
from shared.rules import Rules
from shared.tare import net_by_mean, net_of_each

Asked = Mapping[str, Any]
ANOTHER_KIND = "invalid.another_kind"
MARK_FIELDS = {"drained_weight": ("is_drained",)}
TARE_FIELDS = MARK_FIELDS | {"tare_without_mass": ("marked",), "no_marked_quantity": ("marked",)}


def refuse_lot(asked: Asked, faults: Faults) -> None:
    """Note what is wrong with a lot of prepackages."""
    rules, marked = rules_of(asked), read(asked, "marked")
    package = Package(marked, is_drained=asked.get("is_drained", False)) if marked is not None else None
    contents = read(asked, "contents")
    if rules is not None:
        _refuse_size(asked, contents, rules, faults)
    if package is None:
        return
    if rules is not None:
        faults.attempt(lambda: allowed_shortage(package, rules), MARK_FIELDS, "marked")
    _refuse_kinds(asked, package, faults)
    tare = read(asked, "tare")
    is_whole = contents and is_read(contents) and all(content.unit is package.kind for content in contents)
    if tare is not None and is_whole and is_read(tare) and {"method", "tares"} <= set(tare) and rules is not None:
        _refuse_tares(package, contents, tare, rules, faults)


def _refuse_size(asked: Asked, contents: list[Any] | None, rules: Rules, faults: Faults) -> None:
    size = read(asked, "size")
    wanted = faults.attempt(lambda: sample_size(1 if size is None else size, rules), {}, "size")
    if size is not None and wanted is not None and contents and len(contents) > wanted:
        with faults.at("contents"):
            raise SampleTooLarge(count=len(contents), wanted=wanted)


def _refuse_kinds(asked: Asked, package: Package, faults: Faults) -> None:
    for number, content in enumerate(read(asked, "contents") or []):
        if isinstance(content, Amount) and content.unit is not package.kind:
            faults.tell(ANOTHER_KIND, "contents", number, "unit")
    doubt = read(asked, "doubt")
    if doubt is not None and doubt.unit is not package.kind:
        faults.tell(ANOTHER_KIND, "doubt", "unit")


def _refuse_tares(package: Package, contents: list[Amount], tare: Asked, rules: Rules, faults: Faults) -> None:
    gross, tares = [int(content.value) for content in contents], tare["tares"]
    if tare["method"] != "each":
        faults.attempt(lambda: net_by_mean(package, gross, tares, rules), TARE_FIELDS, "tare", "tares")
        return
    heavier = [number for number, (one, mg) in enumerate(zip(gross, tares, strict=False)) if mg > one]
    for number in heavier:
        with faults.at("tare", "tares", number):
            told = (package.amount(mg).decimal for mg in (gross[number], tares[number]))
            raise TareAboveGross(**dict(zip(("text", "tare"), told, strict=True)))
    if not heavier:
        faults.attempt(lambda: net_of_each(package, gross, tares), TARE_FIELDS, "tare", "tares")
