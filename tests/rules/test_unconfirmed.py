"""A figure from memory, or an unknown one, leaves no answer confirmed: whichever rule uses it, said or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from shared.conclusion import Code, Conclusion, Ground
from shared.errors import RuleError
from shared.rules import Rules, rules_on
from shared.rules.rows import Confidence, Row
from tests.rules.judges import QUESTIONS, Answer, Question


def without(rules: Rules, *gone: Row) -> Rules:
    ids = {id(row) for row in gone}
    return replace(rules, rows=tuple(row for row in rules.rows if id(row) not in ids))


def sure_but_for(doubted: Row, rules: Rules, confidence: Confidence) -> Rules:
    """Return rules in which every row was read, but for one."""
    rows = (replace(row, confidence=confidence if row is doubted else Confidence.SOURCED) for row in rules.rows)
    return replace(rules, rows=tuple(rows))


def said(ask: Callable[[Rules], Answer], rules: Rules) -> object:
    """Return what an answer says, whatever it rests on; an error by its name."""
    try:
        answer = ask(rules)
    except RuleError as error:
        return type(error).__name__
    if isinstance(answer, Conclusion):
        return answer.code, [(one.code, one.outcome, one.value, one.limit, one.facts) for one in answer.grounds]
    return answer.code, [replace(reason, is_confirmed=True) for reason in answer.reasons]


@cache
def used_rows(question: Question) -> list[Row]:
    """Return the rows an answer needs: without one of them it would say something else."""
    ask, rules = question.ask, rules_on(question.on)
    whole = said(ask, rules)
    tables = [rules.all_of(kind) for kind in sorted({type(row) for row in rules.rows}, key=lambda kind: kind.__name__)]
    needed = [row for table in tables if said(ask, without(rules, *table)) != whole for row in table]
    return [row for row in needed if said(ask, without(rules, row)) != whole]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_an_answer_that_needs_a_row_from_memory_is_unconfirmed(question: Question) -> None:
    rules = rules_on(question.on)
    used = used_rows(question)
    assert used
    if question.ask(rules).is_confirmed:
        assert [row for row in used if not row.confidence.is_confirmed] == []


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_no_row_can_fall_back_to_memory_unnoticed(question: Question) -> None:
    rules = rules_on(question.on)
    for row in used_rows(question):
        for confidence in (Confidence.MEMORY, Confidence.UNKNOWN):
            assert not question.ask(sure_but_for(row, rules, confidence)).is_confirmed, type(row).__name__


def test_what_no_rule_covers_is_never_confirmed() -> None:
    row = rules_on(QUESTIONS[0].on).rows[0]
    fields: dict[str, Any] = {"code": "x", "outcome": Code.INDETERMINATE, "rows": (row,)}
    assert Ground(**fields).is_confirmed
    assert not Ground(**fields, is_ruled=False).is_confirmed
    for question in QUESTIONS:
        if question.name.startswith(("nozzle", "CNG", "scale")) and question.name != "scale for the goods":
            nothing = question.ask(replace(rules_on(question.on), rows=()))
            assert (nothing.code, nothing.is_confirmed) == (Code.INDETERMINATE, False)
