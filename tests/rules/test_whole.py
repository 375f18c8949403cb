"""The look at every answer sees what it is there to see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground, Step, conclude
from shared.errors import MOST_SHOWN, NoRule, NotANumber
from shared.rules.rows import ScaleTest
from shared.scale_tests import ScaleGround
from tests.builders import todays_rules

ROWS = (todays_rules().one_of(ScaleTest),)
ONE = Amount(1_000, Unit.MASS)


def _ground(**changed: object) -> Ground:
    values = {"code": ScaleGround.SPREAD, "outcome": Code.WITHIN, "value": ONE, "limit": ONE, "rows": ROWS, **changed}
    return Ground(**values)  # type: ignore[arg-type]


def test_a_whole_answer_passes() -> None:
    assert conclude([_ground()], "cn-1").code is Code.WITHIN


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda: conclude([_ground()], None),  # type: ignore[arg-type]
        lambda: Conclusion(None, (), "cn-1"),  # type: ignore[arg-type]
        lambda: conclude([_ground(code=None)], "cn-1"),
        lambda: conclude([_ground(code="no_such_ground")], "cn-1"),
        lambda: conclude([_ground(outcome=None)], "cn-1"),
        lambda: conclude([_ground(harmed=None)], "cn-1"),
        lambda: conclude([_ground(rows=None)], "cn-1"),
        lambda: conclude([_ground(rows=())], "cn-1"),
        lambda: conclude([_ground(value=None)], "cn-1"),
        lambda: conclude([_ground(facts={"never_said": 1})], "cn-1"),
        lambda: conclude([_ground(facts={"doubt": None})], "cn-1"),
        lambda: conclude([_ground(value=Amount(1, None))], "cn-1"),  # type: ignore[arg-type]
        lambda: conclude([_ground()], "cn-1", [Step(code="lot_mean", facts={})]),
        lambda: NoRule(what=None, day="2026-11-21"),  # type: ignore[arg-type]
        lambda: NotANumber(),
    ],
)
def test_a_spoilt_answer_is_seen(spoilt: Callable[[], object]) -> None:
    with pytest.raises((AssertionError, KeyError, AttributeError, TypeError)):
        spoilt()


def test_an_error_says_only_so_much_of_what_was_typed() -> None:
    assert NotANumber(text="9" * 1_000).values == {"text": "9" * MOST_SHOWN}
