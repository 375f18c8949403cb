"""What people read about a verdict, a label or a mistake: true figures, in both languages, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared import errors, sentences
from shared.dates import parse_instant
from shared.errors import RuleError
from shared.rules import rules_on
from shared.seal import STALE_AFTER_DAYS, LabelVerdict
from shared.texts import LANGUAGES, Texts, load
from shared.verdict import Code, ReasonCode, judge, judge_between
from tests.builders import TODAY, a_check, a_revocation_list, todays_rules
from tests.rules.mistakes import MISTAKES

ZH, EN = (load(language) for language in LANGUAGES)
BOTH = pytest.mark.parametrize("texts", [ZH, EN], ids=LANGUAGES)
RULES = todays_rules()


def test_the_journeys_point_is_told_as_agreed() -> None:
    worst = judge(a_check(), RULES).worst
    assert worst is not None
    told = "放 10 公斤，显示 10.025 公斤，多显示 25 克；最多允许差 10 克。"
    assert sentences.point_sentence(ZH, worst, 5_000) == told
    told = "10 kg on the pan shows 10.025 kg: 25 g too much; at most 10 g is allowed."
    assert sentences.point_sentence(EN, worst, 5_000) == told
    assert sentences.harmed_sentence(ZH, worst) == ZH("verdict.harmed_buyer")


@BOTH
def test_a_scale_that_shows_too_little_harms_the_seller_and_an_exact_one_nobody(texts: Texts) -> None:
    little, exact = (judge(a_check((1_000, shown)), RULES).reasons[0] for shown in (990, 1_000))
    assert sentences.harmed_sentence(texts, little) == texts("verdict.harmed_seller")
    assert sentences.harmed_sentence(texts, exact) == ""
    said = texts("verdict.too_little", error=sentences.grams(texts, 10_000))
    assert said in sentences.point_sentence(texts, little, 1)


@BOTH
def test_every_ground_of_a_verdict_is_told_with_its_figures(texts: Texts) -> None:
    check = a_check((1_000, 1_000), (5_000, 5_010), (10_000, 10_012), (12_000, 12_050))
    told = [sentences.reason_sentence(texts, reason, 5_000) for reason in judge(check, RULES).reasons]
    assert all("{" not in sentence for sentence in told)
    assert sentences.grams(texts, 2_000) not in told[0]
    assert "10.012" in sentences.point_sentence(texts, judge(check, RULES).reasons[2], 5_000)
    assert "+50" in told[3]
    assert sentences.grams(texts, 35_000) in told[3], "12 kg may err by 15 g: 35 g too many"


@BOTH
def test_a_wrong_zero_is_told_with_its_limit(texts: Texts) -> None:
    verdict = judge(a_check((0, 25), (1_000, 1_000), (5_000, 5_000), (10_000, 10_000)), RULES)
    zero = verdict.reasons[0]
    assert f"±{sentences.grams(texts, 5_000)}" in sentences.reason_sentence(texts, zero, 5_000)
    assert sentences.verdict_sentence(texts, verdict, 5_000) == sentences.point_sentence(texts, zero, 5_000)


@BOTH
def test_the_sentence_under_a_verdict_is_its_worst_point_or_what_is_missing(texts: Texts) -> None:
    beyond, few = judge(a_check(), RULES), judge(a_check((1_000, 1_500)), RULES)
    worst = sentences.point_sentence(texts, beyond.reasons[-1], 5_000)
    assert sentences.verdict_sentence(texts, beyond, 5_000) == worst
    assert sentences.verdict_sentence(texts, few, 5_000) == texts("reason.too_few_points", value=1, limit=3)
    nowhere = judge(a_check(), rules_on(TODAY.replace(year=1970)))
    assert sentences.verdict_sentence(texts, nowhere, 5_000) == texts("reason.no_rule")
    change = parse_instant("2017-05-25T00:00:00Z").date()
    unclear = judge_between(a_check(), change - timedelta(days=1), change)
    assert sentences.verdict_sentence(texts, unclear, 5_000) == texts("reason.rule_changes")


@BOTH
def test_every_label_verdict_has_its_words(texts: Texts) -> None:
    told = {sentences.label_sentence(texts, verdict, None, TODAY) for verdict in LabelVerdict}
    assert len(told) == len(LabelVerdict)


@BOTH
def test_a_stale_label_says_what_is_stale(texts: Texts) -> None:
    listed, day = a_revocation_list(), a_revocation_list().issued
    old = sentences.label_sentence(texts, LabelVerdict.GENUINE_STALE, listed, day + timedelta(days=8))
    assert old == texts("label.genuine_stale", days=8)
    fresh = sentences.label_sentence(texts, LabelVerdict.GENUINE_STALE, listed, day + timedelta(days=STALE_AFTER_DAYS))
    assert fresh == texts("label.genuine_keys_stale"), "the list is fresh: it is the key set that is past its next"
    never = sentences.label_sentence(texts, LabelVerdict.GENUINE_STALE, None, day)
    assert never == texts("label.genuine_never_updated")


@BOTH
@pytest.mark.parametrize("mistake", MISTAKES, ids=range(len(MISTAKES)))
def test_every_mistake_is_told_with_what_was_typed(mistake: Callable[[], object], texts: Texts) -> None:
    with pytest.raises(RuleError) as caught:
        mistake()
    sentence = sentences.error_sentence(texts, caught.value)
    assert "{" not in sentence
    assert str(caught.value.values.get("text", "")) in sentence


def test_the_mistakes_above_are_all_there_are() -> None:
    met = set()
    for mistake in MISTAKES:
        with pytest.raises(RuleError) as caught:
            mistake()
        met.add(type(caught.value))
    assert met == set(errors.RuleError.__subclasses__())


@BOTH
def test_a_missing_key_or_placeholder_raises(texts: Texts) -> None:
    for key, values in [("no.such", {}), ("error.too_fine", {}), ("error.too_fine", {"text": "1"})]:
        with pytest.raises(KeyError):
            texts(key, **values)


def test_what_a_person_typed_is_never_taken_for_a_placeholder() -> None:
    assert "{smallest}" in ZH("error.too_fine", text="{smallest}", smallest="mg")


def test_two_catalogues_never_share_a_key() -> None:
    with pytest.raises(KeyError, match="two catalogues"):
        load("en", "shared")


def test_every_word_of_a_verdict_is_in_the_catalogue() -> None:
    assert all(ZH.messages[f"verdict.{code}"] for code in Code)
    assert all(ZH.messages[f"reason.{code}"] for code in ReasonCode)
