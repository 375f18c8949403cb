"""Routes compiled once for the apps of all tests: compiling them anew for each test is a tenth of the whole suite.

What werkzeug compiles of a rule depends on its text, its defaults and nothing of the app, which is handed to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart

KEPT: dict[tuple[Any, ...], Any] = {}
READ: dict[tuple[Any, ...], tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}
COMPILE = Rule._compile_builder
PARSE = Rule._parse_rule


def _compiled_once(rule: Rule, append_unknown: bool = True) -> Any:
    defaults = tuple(sorted((rule.defaults or {}).items()))
    key = (rule.rule, rule.subdomain, rule.host, defaults, append_unknown, rule.map.host_matching)
    if key not in KEPT:
        KEPT[key] = COMPILE(rule, append_unknown)
    return KEPT[key]


def _parsed_once(rule: Rule, text: str) -> Iterator[RulePart]:
    """Read the parts of a path, with what reading leaves in the rule: its trace and its converters."""
    key = (text, tuple(rule.map.converters.items()))
    if key not in READ:
        before = len(rule._trace)
        READ[key] = list(PARSE(rule, text)), rule._trace[before:], dict(rule._converters)
    else:
        rule._trace += READ[key][1]
        rule._converters |= READ[key][2]
        rule.arguments |= READ[key][2].keys()
    return iter(READ[key][0])


def remember() -> None:
    """Let every app after the first take what was compiled before."""
    Rule._parse_rule = _parsed_once  # type: ignore[method-assign]
    Rule._compile_builder = _compiled_once  # type: ignore[method-assign]
