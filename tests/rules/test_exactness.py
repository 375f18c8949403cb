"""No float anywhere in ``shared``: figures are integers, ``Decimal`` or ``Fraction``."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2] / "shared"
EXACT = {"Decimal", "Fraction"}


def inexact(source: str) -> list[str]:
    """Return ``line: what`` for every float constant, float(), round() or math, and every division of plain numbers."""
    return [f"{node.lineno}: {what}" for node in ast.walk(ast.parse(source)) for what in faults(node)]  # type: ignore[attr-defined]


def faults(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=float() | complex()):
            yield f"constant {node.value!r}"
        case ast.Name(id="float" | "round" | "complex"):
            yield node.id
        case ast.BinOp(op=ast.Div(), left=left) if not is_exact(left):
            yield "division"
        case ast.AugAssign(op=ast.Div()):
            yield "division"
        case ast.Import(names=names) if any(name.name in ("math", "statistics", "cmath") for name in names):
            yield "import of floating arithmetic"
        case ast.ImportFrom(module="math" | "statistics" | "cmath"):
            yield "import of floating arithmetic"
        case ast.Attribute(attr="total_seconds" | "timestamp"):
            yield node.attr


def is_exact(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EXACT


@pytest.mark.parametrize("path", sorted(SHARED.rglob("*.py")), ids=lambda path: str(path.relative_to(SHARED)))
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
     "from math import floor", "def f(x: float) -> int: ...", "x = delta.total_seconds()"],
)  # fmt: skip
def test_a_planted_float_is_told(source: str) -> None:
    assert inexact(source)


def test_exact_division_is_let_pass() -> None:
    assert inexact("x = Decimal(a) / b\ny = Fraction(a, b) / c\nz = a // b\n") == []
