"""mutmut leaves decorated functions alone: in the copy it works on, a property or cache comes after its function."""

from __future__ import annotations

import ast

DECORATORS = ("property", "cached_property", "cache", "lru_cache")


def uncovered(source: str) -> str:
    """Return a module that means the same and whose functions mutmut sees.

    >>> print(uncovered("@cache\\ndef rows():\\n    return 1\\n"), end="")
    def rows_uncovered():
        return 1
    rows = cache(rows_uncovered)
    """
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: node.lineno, reverse=True):
        if len(function.decorator_list) == 1 and _is_known(function.decorator_list[0]):
            _uncover(lines, function)
    return "\n".join(lines) + "\n"


def _is_known(decorator: ast.expr) -> bool:
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(named, ast.Name) and named.id in DECORATORS


def _uncover(lines: list[str], function: ast.FunctionDef) -> None:
    decorator, plain = function.decorator_list[0], f"{function.name}_uncovered"
    last = function.end_lineno or function.lineno
    lines.insert(last, f"{' ' * function.col_offset}{function.name} = {ast.unparse(decorator)}({plain})")
    begins = function.lineno - 1
    lines[begins] = lines[begins].replace(f"def {function.name}(", f"def {plain}(", 1)
    del lines[decorator.lineno - 1 : begins]
