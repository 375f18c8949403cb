"""A phone whose clock is in doubt: every rule concludes only what each possible day concludes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import verdict
from shared.between import DayGround, conclude_between
from shared.conclusion import Code, Conclusion, Harmed
from shared.dispensers import judge_nozzle
from shared.energy_dispensers import EnergyKind, judge_energy
from shared.errors import NoRule, TooManyRuns
from shared.lot import judge_lot
from shared.rules import Rules, rules_on
from shared.rules.rows import Confidence, InService
from shared.sentences import ground_sentence
from shared.texts import LANGUAGES, load
from shared.verdict import judge_between
from tests.builders import REGION, a_check
from tests.rules.fuel_builders import a_nozzle_check, a_run
from tests.rules.judges import CONCLUDING, Question
from tests.rules.test_energy_dispensers import an_energy_check
from tests.rules.test_lot import a_lot

EMPTY = a_nozzle_check(*[a_run(20_200_000)] * 3)
NEW_EDITION = date(2024, 5, 1)
DAY = timedelta(days=1)


def asked(question: Question, rules: Rules) -> Conclusion:
    answer = question.ask(rules)
    assert isinstance(answer, Conclusion)
    return answer


@pytest.mark.parametrize("question", CONCLUDING, ids=str)
def test_a_clock_that_is_sure_judges_by_its_day(question: Question) -> None:
    judge = partial(asked, question)
    assert conclude_between(judge, question.on, question.on) == judge(rules_on(question.on))
    assert conclude_between(judge, question.on, question.on, REGION) == judge(rules_on(question.on, REGION))


@given(st.sampled_from(CONCLUDING), st.dates(date(2004, 1, 1), date(2030, 1, 1)), st.integers(0, 4_000), st.data())
def test_a_doubtful_clock_never_adds_a_conclusion(
    question: Question, first: date, days: int, data: st.DataObject
) -> None:
    judge, last = partial(asked, question), first + days * DAY
    try:
        told = conclude_between(judge, first, last)
    except NoRule:
        told = None
    one_of_them = data.draw(st.sampled_from([first, last]) | st.dates(first, last))
    try:
        alone = judge(rules_on(one_of_them))
    except NoRule:
        assert told is None or told.code is Code.INDETERMINATE
        return
    assert told is not None
    assert told.code in (alone.code, Code.INDETERMINATE)
    assert alone.is_confirmed or not told.is_confirmed
    if told.code is Code.INDETERMINATE and alone.code is not Code.INDETERMINATE:
        assert not told.is_confirmed
        assert told.harmed is Harmed.NOBODY
        assert told.grounds[-1].code == DayGround.RULE_CHANGES
        assert {ground.outcome for ground in told.grounds} == {Code.INDETERMINATE}


def test_what_one_edition_knows_from_memory_only_is_unconfirmed_though_another_is_sure() -> None:
    judge = partial(judge_nozzle, EMPTY)
    sure = conclude_between(judge, NEW_EDITION, NEW_EDITION + DAY)
    unsure = conclude_between(judge, NEW_EDITION - DAY, NEW_EDITION)
    assert (sure.code, sure.is_confirmed) == (Code.BEYOND, True)
    assert (unsure.code, unsure.is_confirmed) == (Code.BEYOND, False)
    assert "2015" in unsure.grounds[0].documents[0]


def test_a_scale_too_is_confirmed_only_where_every_possible_day_confirms_it(monkeypatch: pytest.MonkeyPatch) -> None:
    change = date(2027, 1, 8)

    def unsure_before(day: date, region: str = "") -> Rules:
        rules = rules_on(day, region)
        if day >= change:
            return rules
        rows = (replace(row, confidence=Confidence.MEMORY) if isinstance(row, InService) else row for row in rules.rows)
        return replace(rules, rows=tuple(rows))

    assert judge_between(a_check(), change - DAY, change).is_confirmed
    monkeypatch.setattr(verdict, "rules_on", unsure_before)
    told = judge_between(a_check(), change - DAY, change)
    assert (told.code, told.is_confirmed) == (Code.BEYOND, False)
    assert judge_between(a_check(), change, change).is_confirmed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_without_a_rule_beside_one_with_a_rule_concludes_nothing_and_says_why(language: str) -> None:
    first_rule = date(2013, 6, 3)
    judge = partial(judge_energy, an_energy_check(*[11_000_000] * 3, kind=EnergyKind.CNG))
    assert judge(rules_on(first_rule)).code is Code.BEYOND
    told = conclude_between(judge, first_rule - DAY, first_rule)
    assert (told.code, told.harmed) == (Code.INDETERMINATE, Harmed.NOBODY)
    assert ground_sentence(load(language), told.grounds[-1]) == load(language)("ground.rule_changes")


def test_a_rule_that_is_missing_on_some_days_is_no_conclusion_and_on_all_days_an_error() -> None:
    judge = partial(judge_lot, a_lot((400_000,) * 10))
    first_rule = date(2006, 1, 1)
    told = conclude_between(judge, first_rule - DAY, first_rule)
    assert (told.code, told.grounds[-1].code) == (Code.INDETERMINATE, DayGround.RULE_CHANGES)
    assert "lot_mean_beyond" in [ground.code for ground in told.grounds]
    with pytest.raises(NoRule):
        conclude_between(judge, first_rule - 9 * DAY, first_rule - DAY)


def test_another_error_is_not_swallowed() -> None:
    with pytest.raises(TooManyRuns):
        conclude_between(partial(judge_nozzle, a_nozzle_check(*[a_run()] * 4)), NEW_EDITION - DAY, NEW_EDITION)


def test_the_region_reaches_the_rules() -> None:
    met = []

    def judge(rules: Rules) -> Conclusion:
        met.append((rules.day, rules.region))
        return judge_nozzle(EMPTY, rules)

    conclude_between(judge, NEW_EDITION - DAY, NEW_EDITION, REGION)
    assert met == [(NEW_EDITION - DAY, REGION), (NEW_EDITION, REGION)]
