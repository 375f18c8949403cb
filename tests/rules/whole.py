"""Every answer that any test of the rules gets is looked at here: it is whole, and it can be told in both languages.

A ground names its code, outcome and rows, and no fact that no sentence says; an error carries every value its
sentences need. Looked at once for each kind of ground, step and error, so that thousands of drawn cases stay quick.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from shared import sentences
from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground, Harmed, Step
from shared.errors import RuleError
from shared.rules.rows import Row
from shared.texts import LANGUAGES, load
from shared.verdict import Verdict

TEXTS = [load(language) for language in LANGUAGES]
# Grounds that may stand without a row: something is missing, the plate itself sets the limit, or no rule was found.
WITHOUT_ROWS = {
    "class_of_e",
    "energy_no_rule",
    "energy_standard_expired",
    "finer_e",
    "fuel_no_rule",
    "fuel_standard_expired",
    "fuel_too_little",
    "standard_expired",
    "rule_changes",
    "too_few_corners",
    "too_few_weighings",
}
# Every figure that a sentence about a ground or a step can say.
SAID = {
    name
    for texts in TEXTS
    for key, message in texts.messages.items()
    if key.startswith(("ground.", "step."))
    for _, name, _, _ in string.Formatter().parse(message)
}


@contextmanager
def looked_at() -> Iterator[None]:
    """Look at every conclusion, verdict and error that is made meanwhile; AssertionError or KeyError if not whole."""
    with (
        _after(Conclusion, _look_at_conclusion),
        _after(Verdict, _look_at_verdict),
        _after(RuleError, _look_at_error),
    ):
        yield


def _after(made: type, look: Callable[[Any], None]) -> Any:
    original = made.__init__  # type: ignore[misc]

    def init(self: Any, *values: Any, **named: Any) -> None:
        original(self, *values, **named)
        look(self)

    return patch.object(made, "__init__", init)


def _look_at_verdict(verdict: Verdict) -> None:
    assert type(verdict.code) is Code
    assert type(verdict.ruleset) is str


def _look_at_conclusion(conclusion: Conclusion) -> None:
    assert type(conclusion.code) is Code
    assert type(conclusion.ruleset) is str
    for ground in conclusion.grounds:
        _look_at_ground(ground)
    for step in conclusion.steps:
        _look_at_step(step)


_seen: set[object] = set()


def _is_new(thing: str, figures: Mapping[str, object]) -> bool:
    kinds = frozenset((name, fact.unit if isinstance(fact, Amount) else type(fact)) for name, fact in figures.items())
    if (thing, kinds) in _seen:
        return False
    _seen.add((thing, kinds))
    return True


def _look_at_ground(ground: Ground) -> None:
    assert isinstance(ground.code, str)
    assert type(ground.outcome) is Code
    assert type(ground.harmed) is Harmed
    assert type(ground.rows) is tuple
    assert all(isinstance(row, Row) for row in ground.rows)
    assert ground.rows or ground.code in WITHOUT_ROWS, ground.code
    figures = {name: fact for name, fact in (("value", ground.value), ("limit", ground.limit)) if fact is not None}
    _look_at_figures({**ground.facts, **figures})
    if _is_new(ground.code, {**ground.facts, **figures}):
        for texts in TEXTS:
            assert sentences.ground_sentence(texts, ground)
        assert set(ground.facts) <= SAID, ground.code


def _look_at_step(step: Step) -> None:
    assert isinstance(step.code, str)
    _look_at_figures(step.facts)
    if _is_new(step.code, step.facts):
        for texts in TEXTS:
            assert sentences.step_sentence(texts, step)
        assert set(step.facts) <= SAID, step.code


def _look_at_figures(figures: Mapping[str, object]) -> None:
    for name, figure in figures.items():
        assert figure is not None, name
        if isinstance(figure, Amount):
            assert type(figure.unit) is Unit, name
            assert figure.places is None or type(figure.places) is int, name


def _look_at_error(error: RuleError) -> None:
    assert all(type(value) in (str, int) for value in error.values.values()), error
    if _is_new(error.code, error.values):
        for texts in TEXTS:
            assert sentences.error_sentence(texts, error)
