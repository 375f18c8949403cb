"""What every rule tells stands in ``told.csv``, word for word: ``tests.rules.told`` says how it is written and read."""

from __future__ import annotations

from collections import defaultdict

import pytest

from shared.conclusion import Conclusion
from tests.builders import todays_rules
from tests.rules.mistakes import MISTAKES, caught
from tests.rules.told import TEXTS, Line, lines_of, mistake_line, read
from tests.rules.told_cases import CASES

TABLE: dict[str, list[Line]] = defaultdict(list)
for line in read("told"):
    TABLE[line["case"]].append(line)
TOLD = {(line["part"], line["code"]) for lines in TABLE.values() for line in lines}


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_told_as_the_table_has_it(case: str) -> None:
    told = CASES[case]()
    lines = lines_of(case, told)
    assert len(lines) == len(TABLE[case]), lines
    for now, then in zip(lines, TABLE[case], strict=True):
        assert now == then, f"now: {now}\nthen: {then}"
    answer = told if isinstance(told, Conclusion) else told[0]
    assert answer.ruleset == todays_rules().ruleset


def test_the_table_has_no_other_case() -> None:
    assert set(TABLE) == set(CASES)


@pytest.mark.parametrize("part", ["ground", "step", "reason"])
def test_every_sentence_of_the_catalogue_is_told_by_some_case(part: str) -> None:
    for texts in TEXTS:
        codes = {key.partition(".")[2] for key in texts.messages if key.startswith(f"{part}.")}
        assert codes == {code for told, code in TOLD if told == part}


def test_every_mistake_is_told_as_the_table_has_it() -> None:
    lines = [mistake_line(caught(mistake)) for mistake in MISTAKES]
    table = read("mistakes")
    for now, then in zip(lines, table, strict=False):
        assert now == then, f"now: {now}\nthen: {then}"
    assert len(lines) == len(table)
