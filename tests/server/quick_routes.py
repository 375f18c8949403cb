"""Routes compiled once for the apps of all tests: compiling them anew for each test is a tenth of the whole suite.

What werkzeug compiles of a rule depends on its text, its defaults and nothing of the app, which is handed to it.
"""

from __future__ import annotations

from typing import Any

from werkzeug.routing import Rule

KEPT: dict[tuple[Any, ...], Any] = {}
COMPILE = Rule._compile_builder


def _compiled_once(rule: Rule, append_unknown: bool = True) -> Any:
    defaults = tuple(sorted((rule.defaults or {}).items()))
    key = (rule.rule, rule.subdomain, rule.host, defaults, append_unknown, rule.map.host_matching)
    if key not in KEPT:
        KEPT[key] = COMPILE(rule, append_unknown)
    return KEPT[key]


def remember() -> None:
    """Let every app after the first take what was compiled before."""
    Rule._compile_builder = _compiled_once  # type: ignore[method-assign]
