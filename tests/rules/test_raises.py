"""Every ``raise`` of a rule is provoked by some mistake, so that ``mistakes.csv`` holds all that a rule can refuse."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from tests.rules.mistakes import MISTAKES, caught

ROOT = Path(__file__).parents[2]
# Met by the rule itself, which then tells a ground that no rule holds: see the cases without a row in ``told_cases``.
TOLD_AS_A_GROUND = {("dispensers", "_warmth"), ("dispensers", "_share_of_limit"), ("energy_dispensers", "_row_of")}


def _raises() -> Iterator[tuple[str, str, range]]:
    """Yield file, function and lines of every ``raise`` of the modules whose rules are tested by mutants."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    for name in settings["mutmut"]["only_mutate"].split():
        for function in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Raise) and node.end_lineno:
                        yield name, function.name, range(node.lineno, node.end_lineno + 1)


def _lines_met() -> set[tuple[str, int]]:
    met = set()
    for mistake in MISTAKES:
        step = caught(mistake).__traceback__
        while step:
            met.add((step.tb_frame.f_code.co_filename, step.tb_lineno))
            step = step.tb_next
    return met


def test_every_raise_of_a_rule_is_provoked_by_some_mistake() -> None:
    met = _lines_met()
    missed = [
        f"{name}:{lines.start} {function}"
        for name, function, lines in _raises()
        if (Path(name).stem, function) not in TOLD_AS_A_GROUND
        and not any((str(ROOT / name), line) in met for line in lines)
    ]
    assert not missed
