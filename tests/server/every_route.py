"""Every route of a running app, asked for by its address: nothing that is added later is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SAMPLES = {"filename": "css/tokens.css", "slug": "not-found", "name": "reweigh", "text": "A" * 133, "sha256": "0" * 64}
SOME_ID = "019aa111-0000-7000-8000-000000000001"
NAMES = {"assets.asset": {"name": "tabler.css"}}


@dataclass(frozen=True)
class Call:
    """One way to ask: a route with a method, its address filled in."""

    endpoint: str
    method: str
    path: str
    rule: Rule


def calls(app: Flask, values: Mapping[str, str] | None = None) -> Iterator[Call]:
    """Yield each route with each of its methods; ``values`` fill the arguments of the address."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
        methods = rule.methods or set()
        for method in METHODS:
            if method in methods and not (method == "HEAD" and "GET" in methods):
                yield Call(rule.endpoint, method, address(app, rule, method, values or {}), rule)


def address(app: Flask, rule: Rule, method: str, values: Mapping[str, str]) -> str:
    """Return the address of a route, its arguments filled from ``values`` or with samples."""
    filled = {name: SAMPLES.get(name, SOME_ID) for name in rule.arguments}
    filled |= NAMES.get(rule.endpoint, {}) | {name: values[name] for name in filled if name in values}
    return app.url_map.bind("localhost").build(rule.endpoint, filled, method=method)
