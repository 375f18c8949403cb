"""The doctests of the rule modules, each once, as mutmut needs them.

Collected as doctests, every mutant would bring its own copy of its function's examples. This file is named in
``setup.cfg`` and collected for nothing else; ``make test`` runs the same examples where they stand.
"""

from __future__ import annotations

import ast
import doctest
import importlib
from collections.abc import Iterator

import pytest

from tests.mutants.modules import ROOT, rule_modules

# mutmut works in a folder of its copy; the examples are read where the modules are not yet many times as long.
UNSPOILT = ROOT.parent if (ROOT.parent / "setup.cfg").is_file() else ROOT


def _examples() -> Iterator[tuple[str, str, str]]:
    """Yield module, name and docstring of everything that shows an example, but for mutants."""
    for module, path in rule_modules().items():
        for node in ast.walk(ast.parse((UNSPOILT / path).read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                name, shown = getattr(node, "name", module), ast.get_docstring(node) or ""
                if ">>>" in shown and "__mutmut_" not in name:
                    yield module, name, shown


@pytest.mark.parametrize(
    ("module", "name", "shown"), list(_examples()), ids=lambda text: text if "\n" not in text else ""
)
def test_the_examples_hold(module: str, name: str, shown: str) -> None:
    known = vars(importlib.import_module(module)).copy()
    example = doctest.DocTestParser().get_doctest(shown, known, name, module, 0)
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0
