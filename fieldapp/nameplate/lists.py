"""What nameplates usually say, as lists to pick from.

Offered are the intervals of OIML R 76-1 (2006), 3.3 (1, 2 or 5 times a power of ten). The number of intervals must be
one that the table of limits covers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fieldapp.parts import Parts
from shared.errors import RuleError
from shared.rules import rules_on
from shared.scales import Scale, permissible_error
from shared.sentences import error_sentence
from shared.texts import Texts

CLASSES = ("III", "IIII")
MAX_KG = (3, 6, 15, 30, 60, 100, 150, 300, 500)
E_G = (1, 2, 5, 10, 20, 50, 100, 200)
MIN_IN_E = {"III": 20, "IIII": 10}


def scale_of(accuracy_class: str, max_mg: int, e_mg: int, *, is_price: bool) -> Scale:
    """Return the scale of a nameplate as most are: d is e, and Min the least that the class allows."""
    min_mg = MIN_IN_E[accuracy_class] * e_mg
    return Scale(
        max_mg=max_mg, min_mg=min_mg, e_mg=e_mg, d_mg=e_mg, accuracy_class=accuracy_class, price_computing=is_price
    )


def problem_of(parts: Parts, scale: Scale, region: str) -> str:
    """Say why there can be no such nameplate; the rules of today are asked for the limit at Max. "": there can."""
    today = parts.store.today()
    try:
        permissible_error(scale, scale.max_mg, rules_on(today, region), in_service=True)
    except RuleError as error:
        return error_sentence(parts.texts, error)
    return ""


def masses(
    texts: Texts, write: Callable[[Texts, int], str], sizes: Iterable[int], factor: int, chosen: str
) -> list[tuple[str, str]]:
    """Return the masses on offer, and one that the register has although it is not usual."""
    offered = {size * factor for size in sizes} | ({int(chosen)} if chosen else set())
    return [(str(mass), write(texts, mass)) for mass in sorted(offered)]


def choices(pairs: Iterable[tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    """Return pairs of key and text as choices."""
    return [{"key": key, "text": text, "chosen": key == chosen} for key, text in pairs]
