"""The examples in the app's own modules, of those that need no window."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = (
    "labelling.numbers",
    "store.vault",
    "sync.client",
    "sync.enrol",
    "sync.retry",
    "theme.line_breaks",
    "theme.strokes",
    "theme.typed_number",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name: str):
    tried = doctest.testmod(import_module(f"fieldapp.{name}"))
    assert tried.attempted
    assert tried.failed == 0
