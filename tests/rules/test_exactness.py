"""No float anywhere in ``shared``, and nothing that rounds: figures are integers and fractions.

A ``Decimal`` is rounded by its context wherever it is divided or multiplied, so it is only read, never computed with.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from decimal import localcontext
from pathlib import Path
from typing import Any

import pytest

from shared.amounts import volume_ul
from shared.prepackages import quantity
from shared.quantities import mass_mg, mass_text, money_fen, price_fen

SHARED = Path(__file__).parents[2] / "shared"
FLOATING = ("math", "cmath", "statistics", "random", "numpy")
ROUNDING = {"getcontext", "setcontext", "localcontext", "Context", "DefaultContext", "quantize", "to_integral"}
ROUNDING |= {"to_integral_value", "to_integral_exact", "sqrt", "exp", "ln", "log10", "fma", "limit_denominator"}
BY_FLOAT = {"float", "round", "complex", "truediv", "itruediv", "__truediv__", "from_float"}
BY_FLOAT |= {"total_seconds", "timestamp"}
FLOAT_FORMAT = re.compile(r"\.?\d*[eEfFgG%]$|\.\d+$")


def inexact(source: str) -> list[str]:
    """Return ``line: what`` for everything that makes a float or rounds: constant, call, division, power, format."""
    return [f"{node.lineno}: {what}" for node in ast.walk(ast.parse(source)) for what in faults(node)]  # type: ignore[attr-defined]


def faults(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=float() | complex()):
            yield f"constant {node.value!r}"
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in BY_FLOAT | ROUNDING:
            yield name
        case ast.BinOp(op=ast.Div(), left=left) if not is_fraction(left):
            yield "division"
        case ast.AugAssign(op=ast.Div()):
            yield "division"
        case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
            yield "negative power"
        case ast.Import(names=names) if any(name.name.partition(".")[0] in FLOATING for name in names):
            yield "import of floating arithmetic"
        case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in FLOATING:
            yield "import of floating arithmetic"
        case ast.FormattedValue(format_spec=ast.JoinedStr(values=[*_, ast.Constant(value=str(spec))])) if rounds(spec):
            yield f"format {spec}"
        case ast.Call(func=ast.Name(id="format"), args=[_, ast.Constant(value=str(spec))]) if rounds(spec):
            yield f"format {spec}"


def rounds(spec: str) -> bool:
    return FLOAT_FORMAT.search(spec) is not None


def is_fraction(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fraction"


# Distances on the globe and chances of chance: no amount, no verdict, and a few metres do not matter.
GEOMETRY = {SHARED / "cells.py", SHARED / "copied_labels.py"}
EXACT = sorted(set(SHARED.rglob("*.py")) - GEOMETRY)


def test_what_may_be_inexact_is_there_and_is() -> None:
    assert all(inexact(path.read_text(encoding="utf-8")) for path in GEOMETRY)


@pytest.mark.parametrize("path", EXACT, ids=lambda path: str(path.relative_to(SHARED)))
def test_no_module_of_shared_computes_with_floats(path: Path) -> None:
    assert inexact(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(SHARED.rglob("*.toml")), ids=lambda path: str(path.relative_to(SHARED)))
def test_no_figure_of_the_rule_data_is_a_float(path: Path) -> None:
    def floats(value: Any) -> Iterator[float]:
        if isinstance(value, float):
            yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from floats(inner)

    assert list(floats(tomllib.loads(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    ["x = 0.5", "x = 1e3", "x = a / b", "x /= 2", "x = round(y, 2)", "x = float('1')", "import math", "x = 2j",
     "from math import floor", "def f(x: float) -> int: ...", "x = delta.total_seconds()", "x = Decimal(a) / b",
     "x = (Decimal(a) + 1) / b", "x = Decimal(a).quantize(b)", "x = getcontext().prec", "decimal.getcontext().prec = 4",
     "from decimal import localcontext", "with localcontext() as context: pass", "x = y.sqrt()", "x = 10 ** -3",
     "from operator import truediv", "x = operator.truediv(a, b)", "x = a.__truediv__(b)", "x = Fraction.from_float(a)",
     "x = Fraction(a).limit_denominator(9)", "x = f'{a:.2f}'", "x = f'{a:{n}.3g}'", "x = format(a, '.1f')",
     "x = f'{a:.0%}'", "import statistics as s", "import random", "x = [i / 2 for i in y]", "x = builtins.round(y)",
     "x = map(round, y)", "from random import random", "x = a.to_integral_value()"],
)  # fmt: skip
def test_a_planted_float_is_told(source: str) -> None:
    assert inexact(source)


def test_exact_arithmetic_is_let_pass() -> None:
    source = "x = Fraction(a, b) / c\ny = a // b\nz = 10**places\nt = f'{a:0{n}d} {b:>4} {c:02d} {d!r}'\n"
    assert inexact(source) == []


def test_what_is_typed_is_read_exactly_however_few_digits_decimals_are_computed_with() -> None:
    with localcontext() as context:
        context.prec = 2
        assert mass_mg("10.025", "kg") == 10_025_000
        assert mass_mg("999999999999.5", "g") == 999_999_999_999_500
        assert volume_ul("19.938", "L") == 19_938_000
        assert quantity("1234.567", "g").value == 1_234_567
        assert price_fen("12.34") == 1_234
        assert mass_text(10_025_000, d_mg=5_000) == "10.025"
        assert money_fen("1234567.89") == 123_456_789


@pytest.mark.parametrize(
    ("mg", "unit", "d_mg", "text"),
    [(0, "kg", 1, "0"), (0, "kg", 5_000, "0.000"), (-5, "kg", 1, "-0.000005"), (-1_000_000, "kg", 1, "-1"),
     (1_500, "g", 1, "1.5"), (1, "t", 1, "0.000000001"), (25_000, "斤", 1, "0.05"), (1, "斤", 1, "0.000002"),
     (7, "mg", 10, "7"), (10_000_000, "kg", 5_000, "10.000"), (10_000_001, "kg", 5_000, "10.000001")],
)  # fmt: skip
def test_a_mass_is_written_with_every_digit_it_has(mg: int, unit: str, d_mg: int, text: str) -> None:
    assert mass_text(mg, unit=unit, d_mg=d_mg) == text
